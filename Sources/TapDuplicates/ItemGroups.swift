// Groups of items that are joined by pairs.

/// Disjoint groups of the items `0..<count`, which pairs join.
///
/// Source: Tarjan, "Efficiency of a good but not linear set union algorithm" (1975), with path halving.
package struct ItemGroups: Sendable {
  private var parents: [Int]

  package init(count: Int) { parents = Array(0..<count) }

  /// Puts two items into one group.
  package mutating func join(_ first: Int, _ second: Int) {
    let (a, b) = (root(first), root(second))
    // The smallest item stays the root, so that results do not depend on the order of pairs.
    if a != b { parents[max(a, b)] = min(a, b) }
  }

  private mutating func root(_ item: Int) -> Int {
    var item = item
    while parents[item] != item {
      parents[item] = parents[parents[item]]
      item = parents[item]
    }
    return item
  }

  /// For each item the number of its group, in the order of the groups' first items; nil for an item without others.
  package mutating func numbers() -> [Int?] {
    let roots = parents.indices.map { root($0) }
    var sizes = [Int](repeating: 0, count: parents.count)
    for root in roots { sizes[root] += 1 }
    var numbers: [Int: Int] = [:]
    return roots.map { root in
      guard sizes[root] > 1 else { return nil }
      let number = numbers[root] ?? numbers.count
      numbers[root] = number
      return number
    }
  }
}
