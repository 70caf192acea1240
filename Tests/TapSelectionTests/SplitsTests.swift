// The guarantees of splits: every row is held out once, classes are balanced, groups stay whole, and the same seed
// gives the same rows.

import TapSelection
import Testing

struct SplitsTests {
  /// Labels of uneven classes in no order.
  static func labels(_ sizes: [Int]) -> [Int] {
    let sorted = sizes.enumerated().flatMap { [Int](repeating: $0.offset, count: $0.element) }
    return (0..<sorted.count).map { sorted[($0 * 7919) % sorted.count] }
  }

  @Test(arguments: [[10, 10], [7, 13, 5], [50, 3, 2, 41], [2, 2, 2, 2, 2]], [2, 3, 5, 8])
  func foldsAreStratified(sizes: [Int], folds: Int) throws {
    let labels = Self.labels(sizes)
    let splits = try Splits.stratifiedFolds(labels: labels, classCount: sizes.count, folds: folds, seed: 3)
    #expect(splits.count == folds)
    #expect(splits.flatMap(\.validation).sorted() == Array(0..<labels.count))
    let counts = splits.map(\.validation.count)
    #expect(counts.max()! - counts.min()! <= 1)
    for split in splits {
      #expect((split.training + split.validation).sorted() == Array(0..<labels.count))
      #expect(split.training == split.training.sorted() && split.validation == split.validation.sorted())
      for (label, size) in sizes.enumerated() {
        let held = split.validation.count { labels[$0] == label }
        #expect(held == size / folds || held == size / folds + 1)
        #expect(held < size)
      }
    }
  }

  @Test func seedsDecide() throws {
    let labels = Self.labels([20, 30])
    let first = try Splits.stratifiedFolds(labels: labels, classCount: 2, seed: 1)
    #expect(try Splits.stratifiedFolds(labels: labels, classCount: 2, seed: 1) == first)
    #expect(try Splits.stratifiedFolds(labels: labels, classCount: 2, seed: 2) != first)
    // The expected splits are fixed, since splits are part of a result and must not change with any version.
    let small = try Splits.stratifiedFolds(
      labels: [0, 1, 0, 1, 0, 1, 0, 1], classCount: 2, folds: 2, seed: 0)
    #expect(small.map(\.validation) == [[0, 3, 4, 5], [1, 2, 6, 7]])
  }

  @Test func groupsStayWhole() throws {
    let labels = Self.labels([40, 60, 20])
    let groups = labels.indices.map { ($0 * 31) % 24 }
    let splits = try Splits.stratifiedFolds(labels: labels, classCount: 3, folds: 4, seed: 5, groups: groups)
    #expect(splits.flatMap(\.validation).sorted() == Array(0..<labels.count))
    for split in splits {
      let held = Set(split.validation.map { groups[$0] })
      #expect(held.isDisjoint(with: split.training.map { groups[$0] }))
      for (label, size) in [40, 60, 20].enumerated() {
        let share = Double(split.validation.count { labels[$0] == label }) / Double(size)
        #expect(share > 0.1 && share < 0.4)
      }
    }
  }

  @Test(arguments: [0.1, 0.25, 0.5, 0.9])
  func holdOutTakesItsShareOfEachClass(fraction: Double) throws {
    let sizes = [40, 7, 2]
    let labels = Self.labels(sizes)
    let split = try Splits.holdOut(labels: labels, classCount: 3, fraction: fraction, seed: 9)
    #expect((split.training + split.validation).sorted() == Array(0..<labels.count))
    for (label, size) in sizes.enumerated() {
      let held = split.validation.count { labels[$0] == label }
      #expect(held >= 1 && held < size)
      #expect(abs(Double(held) - fraction * Double(size)) <= 1)
    }
    let groups = labels.indices.map { $0 / 3 }
    let grouped = try Splits.holdOut(
      labels: labels, classCount: 3, fraction: fraction, seed: 9, groups: groups)
    #expect(
      Set(grouped.validation.map { groups[$0] }).isDisjoint(with: grouped.training.map { groups[$0] }))
  }

  /// The seed decides which groups are held out, whatever their sizes. The held-out share of each class stays near the
  /// fraction.
  @Test(arguments: [0.1, 0.2, 0.4]) func groupsAreHeldOutAtRandom(fraction: Double) throws {
    let sizes = (0..<40).map { 2 + ($0 * $0) / 40 }
    let groups = sizes.enumerated().flatMap { [Int](repeating: $0.offset, count: $0.element) }
    let labels = groups.map { $0 % 2 }
    let seeds = 600
    var (held, shares) = ([Int](repeating: 0, count: 40), 0.0)
    for seed in 0..<seeds {
      let split = try Splits.holdOut(
        labels: labels, classCount: 2, fraction: fraction, seed: UInt64(seed), groups: groups)
      for group in Set(split.validation.map { groups[$0] }) { held[group] += 1 }
      for label in 0..<2 {
        let share =
          Double(split.validation.count { labels[$0] == label }) / Double(labels.count { $0 == label })
        shares += share / Double(2 * seeds)
        #expect(abs(share - fraction) < 0.07, "seed \(seed), class \(label): \(share)")
      }
    }
    #expect(abs(shares - fraction) < 0.02, "\(shares)")
    // The largest groups often do not fit into the rest of the held-out part, so they are held out a little less often.
    let wanted = fraction * Double(seeds)
    for (group, count) in held.enumerated() {
      #expect(
        Double(count) > 0.4 * wanted && Double(count) < 1.8 * wanted,
        "group \(group) of \(sizes[group]) rows: \(count) of \(seeds)")
    }
  }

  /// The seed decides which groups share a fold, even if all sizes differ. The folds are still about equally large.
  @Test func groupsAreDealtAtRandom() throws {
    let sizes = (0..<40).map { $0 + 2 }
    let groups = sizes.enumerated().flatMap { [Int](repeating: $0.offset, count: $0.element) }
    let labels = groups.map { $0 % 2 }
    let seeds = 500
    var together = [Int](repeating: 0, count: 40 * 40)
    for seed in 0..<seeds {
      let splits = try Splits.stratifiedFolds(
        labels: labels, classCount: 2, folds: 5, seed: UInt64(seed), groups: groups)
      for split in splits {
        let held = Set(split.validation.map { groups[$0] })
        for a in held { for b in held { together[a * 40 + b] += 1 } }
        let ones = split.validation.count { labels[$0] == 1 }
        #expect(
          abs(split.validation.count - groups.count / 5) <= 20 && abs(ones - 90) <= 15,
          "\(split.validation.count) \(ones)")
      }
    }
    // By chance, two groups share a fold in a fifth of the drawings. The five largest groups of a class never do, since
    // each of them gets a fold of its own. If groups were dealt in order of size, every pair would always or never
    // share a fold.
    var never = 0
    for a in 0..<40 {
      for b in 0..<a {
        let share = Double(together[a * 40 + b]) / Double(seeds)
        #expect(share < 0.5, "groups of \(sizes[a]) and \(sizes[b]) rows: \(share)")
        if share == 0 { never += 1 }
      }
    }
    #expect(never <= 40, "\(never) of 780 pairs")
  }

  @Test func saysWhatIsWrong() {
    #expect(throws: SelectionError.folds(1, rows: 4)) {
      try Splits.stratifiedFolds(labels: [0, 1, 0, 1], classCount: 2, folds: 1)
    }
    #expect(throws: SelectionError.folds(5, rows: 4)) {
      try Splits.stratifiedFolds(labels: [0, 1, 0, 1], classCount: 2, folds: 5)
    }
    #expect(throws: SelectionError.classTooSmall(label: 1, rows: 1)) {
      try Splits.stratifiedFolds(labels: [0, 1, 0, 0], classCount: 2, folds: 2)
    }
    #expect(throws: SelectionError.classTooSmall(label: 1, rows: 1)) {
      try Splits.holdOut(labels: [0, 1, 0, 0], classCount: 2)
    }
    #expect(throws: SelectionError.labelOutOfRange(row: 2, label: 2, classCount: 2)) {
      try Splits.stratifiedFolds(labels: [0, 1, 2, 0], classCount: 2, folds: 2)
    }
    #expect(throws: SelectionError.groupCount(expected: 4, found: 3)) {
      try Splits.stratifiedFolds(labels: [0, 1, 0, 1], classCount: 2, folds: 2, groups: [0, 1, 2])
    }
    #expect(throws: SelectionError.tooFewGroups(groups: 1, folds: 2)) {
      try Splits.stratifiedFolds(labels: [0, 1, 0, 1], classCount: 2, folds: 2, groups: [7, 7, 7, 7])
    }
    #expect(throws: SelectionError.classInOneFold(label: 1)) {
      try Splits.stratifiedFolds(labels: [0, 1, 0, 1], classCount: 2, folds: 2, groups: [0, 1, 2, 1])
    }
    for fraction in [0, 1, -0.5, .nan] {
      #expect(throws: SelectionError.self) {
        try Splits.holdOut(labels: [0, 1, 0, 1], classCount: 2, fraction: fraction)
      }
    }
    #expect(throws: SelectionError.nothingHeldOut(fraction: 0.2)) {
      try Splits.holdOut(labels: [0, 1, 0, 1], classCount: 2, groups: [1, 1, 1, 1])
    }
  }
}
