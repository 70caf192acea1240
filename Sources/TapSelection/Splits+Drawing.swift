// Draws a part of the rows that represents all of them.

import TapTensors

extension Splits {
  /// Draws at most `count` rows, the same number of each class as far as a class has that many.
  ///
  /// If fewer than `perClass` rows of each class would remain, some classes are drawn instead of all: many classes with
  /// one or two rows say nothing about a classifier.
  ///
  /// - Parameters:
  ///   - labels: one for each row, in `0..<classCount`.
  ///   - count: at least 1.
  ///   - perClass: at least 1.
  /// - Returns: rows, in increasing order.
  package static func evenDraw(
    labels: [Int], classCount: Int, count: Int, perClass: Int = 10, seed: UInt64 = 0
  ) -> [Int] {
    precondition(count >= 1 && perClass >= 1, "\(count) rows, \(perClass) of a class")
    var byClass = [[Int]](repeating: [], count: classCount)
    for (row, label) in labels.enumerated() { byClass[label].append(row) }
    var generator = SeededGenerator(seed: seed)
    for label in byClass.indices { generator.shuffle(&byClass[label]) }
    byClass.removeAll(where: \.isEmpty)
    generator.shuffle(&byClass)
    var (classes, room) = (0, count)
    while classes < byClass.count, room > 0 {
      room -= min(byClass[classes].count, perClass)
      classes += 1
    }
    var drawn: [Int] = []
    for turn in 0..<(byClass.prefix(classes).map(\.count).max() ?? 0) {
      for rows in byClass.prefix(classes) where turn < rows.count && drawn.count < count {
        drawn.append(rows[turn])
      }
    }
    return drawn.sorted()
  }

  /// Draws at most `count` rows: one of each stratum as far as they reach, then in proportion to the sizes of the
  /// strata.
  ///
  /// - Parameters:
  ///   - strata: one for each row, in `0..<stratumCount`.
  ///   - count: at least 1. The rows of a smaller count are among those of a larger one.
  /// - Returns: rows, in increasing order.
  package static func proportionalDraw(
    strata: [Int], stratumCount: Int, count: Int, seed: UInt64 = 0
  ) -> [Int] {
    precondition(count >= 1, "\(count) rows")
    var rows = [[Int]](repeating: [], count: stratumCount)
    for (row, stratum) in strata.enumerated() { rows[stratum].append(row) }
    var generator = SeededGenerator(seed: seed)
    for stratum in rows.indices { generator.shuffle(&rows[stratum]) }
    generator.shuffle(&rows)
    let places = rows.enumerated().flatMap { order, rows in
      rows.enumerated().map { (share: Double($0) / Double(rows.count), order: order, row: $1) }
    }
    return places.sorted { ($0.share, $0.order) < ($1.share, $1.order) }.prefix(count).map(\.row).sorted()
  }
}
