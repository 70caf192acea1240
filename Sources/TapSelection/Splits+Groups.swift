// Splits that keep groups of rows whole.

import TapTensors

extension Splits {
  /// The rows of a group, and their number in each class.
  private struct Group {
    var rows: [Int] = []
    var counts: [Int: Int] = [:]
  }

  /// The groups in a shuffled order.
  private static func shuffledGroups(_ groups: [Int], labels: [Int], seed: UInt64) -> [Group] {
    var members: [Int: Group] = [:]
    for (row, group) in groups.enumerated() {
      members[group, default: Group()].rows.append(row)
      members[group, default: Group()].counts[labels[row], default: 0] += 1
    }
    var order = members.keys.sorted()
    var generator = SeededGenerator(seed: seed)
    generator.shuffle(&order)
    return order.compactMap { members[$0] }
  }

  /// The fold of each row. Each group goes to the fold where the group increases Σ_c (share of class c in the fold)²
  /// least. In a tie, the group goes to the smallest fold.
  static func dealGroups(
    _ groups: [Int], labels: [Int], byClass: [[Int]], folds: Int, seed: UInt64
  ) throws(SelectionError) -> [Int] {
    // The largest groups are dealt first, with sizes compared by powers of two. The small groups at the end balance the
    // folds, and the seed decides which groups share a fold. (If sizes were sorted exactly and all differed, the seed
    // would decide nothing.)
    let ordered = shuffledGroups(groups, labels: labels, seed: seed).enumerated().sorted {
      let (first, second) = (
        $0.element.rows.count.leadingZeroBitCount, $1.element.rows.count.leadingZeroBitCount
      )
      return (first, $0.offset) < (second, $1.offset)
    }.map(\.element)
    guard ordered.count >= folds else { throw .tooFewGroups(groups: ordered.count, folds: folds) }
    var fold = [Int](repeating: 0, count: labels.count)
    var counts = [[Int]](repeating: [Int](repeating: 0, count: byClass.count), count: folds)
    var sizes = [Int](repeating: 0, count: folds)
    for (position, group) in ordered.enumerated() {
      // The last groups must go to folds that are still empty.
      let empty = sizes.indices.filter { sizes[$0] == 0 }
      let open = ordered.count - position <= empty.count ? empty : Array(sizes.indices)
      let classes = group.counts.keys.sorted()
      var best = open[0]
      var bestKey = (Double.infinity, Int.max)
      for candidate in open {
        var growth = 0.0
        for label in classes {
          let total = Double(byClass[label].count)
          let (own, there) = (Double(group.counts[label] ?? 0), Double(counts[candidate][label]))
          growth += own * there / (total * total)
        }
        if (growth, sizes[candidate]) < bestKey {
          bestKey = (growth, sizes[candidate])
          best = candidate
        }
      }
      for row in group.rows { fold[row] = best }
      for label in classes { counts[best][label] += group.counts[label] ?? 0 }
      sizes[best] += group.rows.count
    }
    return fold
  }

  /// Holds out groups in a shuffled order. A group is held out under three conditions. First, the group decreases Σ_c
  /// (held-out share of class c - fraction)². Second, every class keeps some rows to train on. Third, at least one
  /// class of the group has no held-out rows yet, or still lacks more held-out rows than half the mean number of its
  /// rows in a group.
  ///
  /// (If the largest groups came first, every seed would hold out the same groups, and small groups would never be held
  /// out. Without the third condition, small groups would fill every remainder. At a fraction of 0.1, small groups were
  /// then held out 1.6 times as often as they should be.)
  static func holdOutGroups(
    _ groups: [Int], labels: [Int], byClass: [[Int]], fraction: Double, seed: UInt64
  ) -> [Bool] {
    var heldOut = [Bool](repeating: false, count: labels.count)
    var counts = [Int](repeating: 0, count: byClass.count)
    let shuffled = shuffledGroups(groups, labels: labels, seed: seed)
    var groupCounts = counts
    for group in shuffled {
      for label in group.counts.keys { groupCounts[label] += 1 }
    }
    for group in shuffled {
      let lacks = group.counts.keys.contains { label in
        let total = Double(byClass[label].count)
        return counts[label] == 0
          || Double(counts[label]) < fraction * total - 0.5 * total / Double(groupCounts[label])
      }
      guard lacks else { continue }
      var change = 0.0
      var leavesTraining = true
      for label in group.counts.keys.sorted() {
        let total = Double(byClass[label].count)
        let before = Double(counts[label]) / total - fraction
        let after = Double(counts[label] + (group.counts[label] ?? 0)) / total - fraction
        change += after * after - before * before
        if counts[label] + (group.counts[label] ?? 0) == byClass[label].count { leavesTraining = false }
      }
      guard change < 0 && leavesTraining else { continue }
      for row in group.rows { heldOut[row] = true }
      for (label, own) in group.counts { counts[label] += own }
    }
    return heldOut
  }
}
