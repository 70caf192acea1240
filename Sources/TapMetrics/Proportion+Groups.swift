// The uncertainty of a share if items come in groups. For example, the frames of one film are not independent items.

import TapTensors

/// A confidence interval from drawing whole groups of items.
public struct GroupedInterval: Hashable, Sendable {
  /// The 95 % interval.
  public let interval: ConfidenceInterval
  /// The number of groups.
  public let groups: Int
}

extension Proportion {
  /// The share of items with a property, with an interval from drawing groups with replacement (cluster bootstrap,
  /// percentiles). Each draw gives the share
  /// ```
  /// Σ_g hits_g / Σ_g count_g        g: as many groups as there are, drawn at random
  /// ```
  /// If all items or no items have the property, all draws are equal. The interval is then Wilson's interval for the
  /// number of groups. For a single group, the interval is 0...1. With few groups, for example fewer than 20, the
  /// interval is too narrow.
  ///
  /// Source: Davison and Hinkley, "Bootstrap methods and their application" (1997), section 3.8, strategy 1: only
  /// groups are drawn, not items within groups.
  ///
  /// - Parameters:
  ///   - hits: for each item, whether it has the property.
  ///   - groups: the number of each item's group; nil if items are independent. The interval is then Wilson's interval.
  /// - Complexity: O(items + 1000 · groups).
  package init(_ hits: [Bool], groups: [Int]?) {
    self.init(successes: hits.count { $0 }, count: hits.count)
    guard let groups, !hits.isEmpty else { return }
    precondition(groups.count == hits.count, "\(groups.count) groups of \(hits.count) items")
    var places: [Int: Int] = [:]
    var tallies: [(hits: Int, count: Int)] = []
    for (group, isHit) in zip(groups, hits) {
      let place = places[group] ?? tallies.count
      if place == tallies.count {
        places[group] = place
        tallies.append((0, 0))
      }
      tallies[place].hits += isHit ? 1 : 0
      tallies[place].count += 1
    }
    resampled = GroupedInterval(interval: interval(of: tallies), groups: tallies.count)
  }

  /// The same share with the interval of `other`. This method is for items that were evaluated several times. `other`
  /// counts each item once.
  package func resampled(as other: Proportion) -> Proportion {
    var result = self
    result.resampled = other.resampled
    return result
  }

  private func interval(of groups: [(hits: Int, count: Int)]) -> ConfidenceInterval {
    guard groups.count > 1 else { return ConfidenceInterval(lower: 0, upper: 1) }
    guard 0 < successes, successes < count else {
      return Proportion(successes: successes == 0 ? 0 : groups.count, count: groups.count).interval()
    }
    var generator = SeededGenerator(seed: 0)
    let draws = min(1000, max(100, 100_000_000 / groups.count))
    let shares = (0..<draws).map { _ in
      var (hits, total) = (0, 0)
      for _ in groups.indices {
        let group = groups[generator.next(below: groups.count)]
        hits += group.hits
        total += group.count
      }
      return Double(hits) / Double(total)
    }
    return BootstrapIntervals.interval(shares, 0.95)
  }
}
