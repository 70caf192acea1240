// The caller's knowledge about the rows of a matrix: classes, weights, groups, folds and splits.

import CTapForeign
import LayerTap

/// The caller's targets, copied and checked.
struct CallerTargets {
  let targets: RowTargets
  /// The split of each row; nil if the caller states none.
  private let splits: [SplitName]?

  /// - Parameter rows: the number of rows of the features.
  /// - Throws: ``ForeignError``, ``LinearModelError``.
  init(_ pointer: UnsafePointer<layertap_targets>?, rows: Int) throws {
    guard let given = unsafe pointer?.pointee else { throw ForeignError.null("targets") }
    guard unsafe given.rows == rows else {
      throw unsafe ForeignError.argument(
        "targets", problem: "\(UInt(bitPattern: given.rows)) rows for \(rows) rows of features")
    }
    guard unsafe given.classes != nil || rows == 0 else { throw ForeignError.null("targets, classes") }
    let count = unsafe given.class_count
    guard count >= 2 else { throw LinearModelError.tooFewClasses(classCount: max(0, count)) }
    guard count <= max(2, rows) else {
      throw ForeignError.argument(
        "targets", problem: "\(UInt(bitPattern: count)) classes for \(rows) rows; every class needs a row")
    }
    let labels = unsafe UnsafeBufferPointer(start: given.classes, count: rows)
    for row in 0..<rows {
      let label = unsafe labels[row]
      guard (0..<Int64(count)).contains(label) else {
        throw LinearModelError.labelOutOfRange(row: row, label: Int(label), classCount: count)
      }
    }
    var targets = RowTargets(
      labels: unsafe labels.map { Int($0) }, classNames: try unsafe Self.names(given.names, count))
    if let weights = unsafe given.weights {
      targets.weights = unsafe Array(UnsafeBufferPointer(start: weights, count: rows))
      for (row, weight) in (targets.weights ?? []).enumerated() where !(weight.isFinite && weight >= 0) {
        throw LinearModelError.sampleWeight(row: row, value: weight)
      }
    }
    if let groups = unsafe given.groups {
      targets.groups = Self.dense(unsafe Array(UnsafeBufferPointer(start: groups, count: rows)))
    }
    if let folds = unsafe given.folds {
      targets.folds = try unsafe UnsafeBufferPointer(start: folds, count: rows).enumerated().map { row, fold in
        guard fold >= -1 else {
          throw ForeignError.argument(
            "targets, folds", problem: "row \(row) has fold \(fold); folds are counted from 0, and -1 stands for none")
        }
        return fold < 0 ? nil : Int(fold)
      }
    }
    self.targets = targets
    splits = try unsafe Self.splits(given.splits, rows)
  }

  private static func names(_ given: UnsafePointer<layertap_text>?, _ count: Int) throws -> [String] {
    guard let given = unsafe given else { return (0..<count).map(String.init) }
    var seen: [ByteKey: Int] = [:]
    return try (0..<count).map { index in
      let text = unsafe given[index]
      let name = try unsafe String(filled: text.data, text.size, "the name of class \(index)")
      if let other = seen.updateValue(index, forKey: ByteKey(name)) {
        throw ForeignError.argument("targets, names", problem: "classes \(other) and \(index) are both named '\(name)'")
      }
      return name
    }
  }

  private static func splits(_ given: UnsafePointer<Int32>?, _ rows: Int) throws -> [SplitName]? {
    guard let given = unsafe given else { return nil }
    return try unsafe UnsafeBufferPointer(start: given, count: rows).enumerated().map { row, split in
      switch split {
      case LAYERTAP_SPLIT_TRAIN: return .train
      case LAYERTAP_SPLIT_VALIDATION: return .validation
      case LAYERTAP_SPLIT_TEST: return .test
      default:
        throw ForeignError.argument(
          "targets, splits",
          problem: "row \(row) has split \(split); expected LAYERTAP_SPLIT_TRAIN, _VALIDATION or _TEST")
      }
    }
  }

  /// Groups with numbers from 0. A row of group -1 has a group of its own.
  private static func dense(_ groups: [Int64]) -> [Int] {
    var numbers: [Int64: Int] = [:]
    var count = 0
    return groups.map { group in
      if group != -1, let number = numbers[group] { return number }
      defer { count += 1 }
      if group != -1 { numbers[group] = count }
      return count
    }
  }

  /// The rows as items of labeled features.
  ///
  /// - Parameter path: the name of a row, for errors.
  func items(_ path: (Int) -> String) -> [ImageItem] {
    targets.labels.indices.map { row in
      ImageItem(
        path: path(row), label: targets.classNames[targets.labels[row]], split: splits?[row],
        group: targets.groups.map { String($0[row]) }, weight: targets.weights?[row])
    }
  }
}
