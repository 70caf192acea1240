// Rows divided in two: rows to fit on and rows to evaluate on.

import TapTensors

/// Row indices divided into two parts, rows to fit on and rows to evaluate on. Each part is in increasing order.
package struct Split: Hashable, Sendable {
  /// Rows to fit on, in increasing order.
  package let training: [Int]
  /// Rows to evaluate on, in increasing order.
  package let validation: [Int]

  /// Creates a split into these rows.
  package init(training: [Int], validation: [Int]) {
    self.training = training
    self.validation = validation
  }

  /// Splits the rows `0..<count`. The rows for which `isHeldOut` is true go to `validation`, the others to `training`.
  init(count: Int, isHeldOut: (Int) -> Bool) {
    self.init(
      training: (0..<count).filter { !isHeldOut($0) }, validation: (0..<count).filter(isHeldOut))
  }
}

/// Ways to split rows. The same arguments give the same split on every machine.
package enum Splits {
  /// Splits rows for stratified k-fold cross-validation. Every row is held out once, and the rows of every class are
  /// spread over the folds as evenly as possible.
  ///
  /// The rows of a class are shuffled and dealt to the folds in turn. Each class starts at the fold after the last fold
  /// of the previous class, so that the sizes of folds differ by at most 1. A class with fewer rows than folds is
  /// absent from some validation parts but never from a training part. With `groups`, each group stays in one fold.
  /// Groups are useful, for example, if photographs of one object must not be on both sides of a split. Larger groups
  /// are dealt first; the seed decides the order of groups of about the same size. Each group goes to the fold where it
  /// disturbs the balance of classes least.
  ///
  /// - Parameters:
  ///   - labels: the class of each row, in `0..<classCount`. Classes without rows are ignored.
  ///   - folds: the number of folds, from 2 to the number of rows.
  ///   - groups: the group of each row, or nil.
  /// - Throws: ``SelectionError``: a class has one row, there are fewer groups than folds, or groups keep a class in
  ///   one fold.
  package static func stratifiedFolds(
    labels: [Int], classCount: Int, folds: Int = 5, seed: UInt64 = 0, groups: [Int]? = nil
  ) throws(SelectionError) -> [Split] {
    guard folds >= 2 && folds <= labels.count else { throw .folds(folds, rows: labels.count) }
    let byClass = try rowsByClass(labels, classCount)
    var fold: [Int]
    if let groups {
      guard groups.count == labels.count else {
        throw .groupCount(expected: labels.count, found: groups.count)
      }
      fold = try dealGroups(groups, labels: labels, byClass: byClass, folds: folds, seed: seed)
    } else {
      fold = [Int](repeating: 0, count: labels.count)
      var generator = SeededGenerator(seed: seed)
      var turn = 0
      for var rows in byClass {
        generator.shuffle(&rows)
        for row in rows {
          fold[row] = turn
          turn = (turn + 1) % folds
        }
      }
    }
    for (label, rows) in byClass.enumerated() where !rows.isEmpty {
      if rows.allSatisfy({ fold[$0] == fold[rows[0]] }) { throw .classInOneFold(label: label) }
    }
    let assigned = fold
    return (0..<folds).map { index in Split(count: labels.count) { assigned[$0] == index } }
  }

  /// Calls ``stratifiedFolds(labels:classCount:folds:seed:groups:)`` once for each repeat and joins the splits, repeat
  /// after repeat. The first repeat uses `seed`. Each further repeat adds 0x9e3779b97f4a7c15 to the seed, modulo 2⁶⁴.
  ///
  /// - Parameter repeats: the number of repeats, at least 1.
  /// - Throws: ``SelectionError``.
  package static func repeatedFolds(
    labels: [Int], classCount: Int, folds: Int = 5, repeats: Int, seed: UInt64 = 0, groups: [Int]? = nil
  ) throws(SelectionError) -> [Split] {
    precondition(repeats >= 1, "\(repeats) repeats")
    var splits: [Split] = []
    for index in 0..<UInt64(repeats) {
      splits += try stratifiedFolds(
        labels: labels, classCount: classCount, folds: folds, seed: seed &+ index &* 0x9e37_79b9_7f4a_7c15,
        groups: groups)
    }
    return splits
  }

  /// A stratified hold-out split. `validation` gets about `fraction` of each class: at least one row, and never all
  /// rows.
  ///
  /// With `groups`, each group stays on one side. Groups are drawn in an order that the seed decides. A group is held
  /// out if the held-out shares of its classes then come nearer to `fraction`.
  ///
  /// - Parameter fraction: the fraction to hold out, above 0 and below 1.
  /// - Throws: ``SelectionError``: a class has one row, or groups leave nothing to hold out.
  package static func holdOut(
    labels: [Int], classCount: Int, fraction: Double = 0.2, seed: UInt64 = 0, groups: [Int]? = nil
  ) throws(SelectionError) -> Split {
    guard fraction > 0 && fraction < 1 else { throw .fraction(fraction) }
    let byClass = try rowsByClass(labels, classCount)
    var heldOut = [Bool](repeating: false, count: labels.count)
    if let groups {
      guard groups.count == labels.count else {
        throw .groupCount(expected: labels.count, found: groups.count)
      }
      heldOut = holdOutGroups(groups, labels: labels, byClass: byClass, fraction: fraction, seed: seed)
    } else {
      var generator = SeededGenerator(seed: seed)
      for var rows in byClass where !rows.isEmpty {
        generator.shuffle(&rows)
        let wanted = Int((fraction * Double(rows.count)).rounded())
        for row in rows.prefix(min(max(wanted, 1), rows.count - 1)) { heldOut[row] = true }
      }
    }
    guard heldOut.contains(true) else { throw .nothingHeldOut(fraction: fraction) }
    let chosen = heldOut
    return Split(count: labels.count) { chosen[$0] }
  }

  private static func rowsByClass(_ labels: [Int], _ classCount: Int) throws(SelectionError) -> [[Int]] {
    var rows = [[Int]](repeating: [], count: classCount)
    for (row, label) in labels.enumerated() {
      guard (0..<classCount).contains(label) else {
        throw .labelOutOfRange(row: row, label: label, classCount: classCount)
      }
      rows[label].append(row)
    }
    if let label = rows.firstIndex(where: { $0.count == 1 }) { throw .classTooSmall(label: label, rows: 1) }
    return rows
  }
}
