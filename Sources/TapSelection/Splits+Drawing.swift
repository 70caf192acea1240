// Draws a part of the rows that represents all rows.

import TapTensors

extension Splits {
  /// Draws at most `count` rows. Each class gives the same number of rows, if it has that many.
  ///
  /// If all classes together would give fewer than `perClass` rows each, only some classes are drawn: many classes with
  /// one or two rows say nothing about a classifier.
  ///
  /// - Parameters:
  ///   - labels: the class of each row, in `0..<classCount`.
  ///   - count: the maximum number of rows, at least 1.
  ///   - perClass: the minimum number of rows of a class, at least 1.
  /// - Returns: the drawn rows, in increasing order.
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

  /// Draws at most `count` rows. First each stratum gives one row, as long as `count` allows. The other rows are drawn
  /// in proportion to the sizes of the strata.
  ///
  /// - Parameters:
  ///   - strata: the stratum of each row, in `0..<stratumCount`.
  ///   - count: the maximum number of rows, at least 1. The rows drawn with a smaller count are among the rows drawn
  ///     with a larger count.
  /// - Returns: the drawn rows, in increasing order.
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
