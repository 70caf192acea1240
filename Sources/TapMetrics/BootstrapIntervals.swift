// How much an evaluation's numbers would differ on other items of the same kind. The intervals come from resamples of
// the given items, with replacement.

import TapTensors

/// Percentile bootstrap intervals of an evaluation's numbers. All intervals come from the same resamples.
///
/// If all items of a class are right, the class is right in every resample, as if its recall were certain. So the
/// uncertainty of Wilson's interval for such a class is added as a square. For a class with all items wrong, the same
/// is done at the other end:
/// ```
/// lower = θ - √( (θ - quantile)² + Σ_c (θ - θ with the recall of c at Wilson's lower end)² )      c all right
/// upper = θ + √( (quantile - θ)² + Σ_c (θ with the recall of c at Wilson's upper end - θ)² )      c all wrong
/// ```
/// If every item is right, or every item is wrong, the accuracy's interval is Wilson's interval.
///
/// Source: Efron, "Bootstrap methods: another look at the jackknife" (1979). The sum is as in Zou and Donner,
/// "Construction of confidence limits about effect measures: a general approach" (2008). Like Wilson's interval, the
/// bootstrap assumes independent items. If items come in groups, whole groups are drawn, and groups are assumed
/// independent. The intervals are too narrow for few items: use Wilson's interval for few items.
public struct BootstrapIntervals: Hashable, Sendable {
  /// The number of resamples.
  public let resamples: Int
  /// The number of groups that were drawn from; nil if items were drawn.
  public let groups: Int?
  /// The interval of the accuracy: the share of correct predictions.
  public let accuracy: ConfidenceInterval
  /// The interval of the balanced accuracy: the mean recall of the classes in a resample.
  public let balancedAccuracy: ConfidenceInterval
  /// The interval of the mean F1 over the classes that occur in a resample, among its labels or its predictions.
  public let macroF1: ConfidenceInterval
  /// The interval of the mean F1, weighted by the number of items of each class.
  public let weightedF1: ConfidenceInterval

  /// Draws `resamples` resamples, each with as many items (or groups) as given. The same arguments give the same
  /// intervals on every machine.
  ///
  /// - Parameters:
  ///   - labels: `[items]`, in `0..<classCount`. At least one item is required.
  ///   - predictions: `[items]`, in `0..<classCount`.
  ///   - resamples: the number of resamples, at least 1. A usual number is 1,000.
  ///   - confidence: the probability that an interval aims at, above 0 and below 1.
  ///   - groups: the number of each item's group. Groups are drawn as a whole. If nil, items are drawn.
  /// - Complexity: O(resamples · (items + classes)).
  public init(
    labels: [Int], predictions: [Int], classCount: Int, resamples: Int = 1000, confidence: Double = 0.95,
    seed: UInt64 = 0, groups: [Int]? = nil
  ) {
    precondition(resamples >= 1 && !labels.isEmpty, "\(resamples) resamples of \(labels.count) items")
    precondition(
      labels.count == predictions.count, "\(labels.count) labels, \(predictions.count) predictions")
    precondition(confidence > 0 && confidence < 1, "a confidence of \(confidence)")
    var generator = SeededGenerator(seed: seed)
    var values = [[Double]](repeating: [], count: 4)
    let members = groups.map { Self.members($0, count: labels.count) }
    for _ in 0..<resamples {
      var tally = Tally(classCount: classCount)
      if let members {
        for _ in members.indices {
          for item in members[generator.next(below: members.count)] {
            tally.add(label: labels[item], prediction: predictions[item])
          }
        }
      } else {
        for _ in labels.indices {
          let item = generator.next(below: labels.count)
          tally.add(label: labels[item], prediction: predictions[item])
        }
      }
      for (index, value) in tally.numbers.enumerated() { values[index].append(value) }
    }
    var whole = Tally(classCount: classCount)
    for (label, prediction) in zip(labels, predictions) { whole.add(label: label, prediction: prediction) }
    let open = whole.openEnds(confidence)
    let intervals = zip(values, zip(whole.numbers, zip(open.below, open.above))).map { values, whole in
      Self.interval(values, confidence).widened(about: whole.0, below: whole.1.0, above: whole.1.1)
    }
    self.resamples = resamples
    self.groups = members?.count
    accuracy = intervals[0]
    balancedAccuracy = intervals[1]
    macroF1 = intervals[2]
    weightedF1 = intervals[3]
  }

  /// The items of each group. Groups are in the order of their first items.
  package static func members(_ groups: [Int], count: Int) -> [[Int]] {
    precondition(groups.count == count, "\(groups.count) groups of \(count) items")
    var places: [Int: Int] = [:]
    var members: [[Int]] = []
    for (item, group) in groups.enumerated() {
      if let place = places[group] {
        members[place].append(item)
      } else {
        places[group] = members.count
        members.append([item])
      }
    }
    return members
  }

  /// The quantiles (1 ∓ confidence)/2, with linear interpolation between neighbors as in NumPy.
  static func interval(_ values: [Double], _ confidence: Double) -> ConfidenceInterval {
    let sorted = values.sorted()
    func quantile(_ share: Double) -> Double {
      let place = share * Double(sorted.count - 1)
      let below = min(Int(place), sorted.count - 1)
      let above = min(below + 1, sorted.count - 1)
      return sorted[below] + (place - Double(below)) * (sorted[above] - sorted[below])
    }
    return ConfidenceInterval(
      lower: quantile(0.5 * (1 - confidence)), upper: quantile(0.5 * (1 + confidence)))
  }

  /// The counts of a resample. The metrics of the resample are computed from these counts.
  private struct Tally {
    var hits: [Int]
    var support: [Int]
    var predicted: [Int]

    init(classCount: Int) {
      hits = [Int](repeating: 0, count: classCount)
      support = hits
      predicted = hits
    }

    mutating func add(label: Int, prediction: Int) {
      support[label] += 1
      predicted[prediction] += 1
      if label == prediction { hits[label] += 1 }
    }

    /// The squared uncertainty that classes with all items right, or all wrong, add to each number. `below` is for the
    /// lower end of the interval, and `above` for the upper end.
    func openEnds(_ confidence: Double) -> (below: [Double], above: [Double]) {
      var (below, above) = ([Double](repeating: 0, count: 4), [Double](repeating: 0, count: 4))
      let (total, right) = (support.reduce(0, +), hits.reduce(0, +))
      let all = Proportion(successes: right, count: total)
      if right == total { below[0] = square(1 - all.interval(confidence: confidence).lower) }
      if right == 0 { above[0] = square(all.interval(confidence: confidence).upper) }
      let classes = Double(support.count { $0 > 0 })
      let occurring = Double(hits.indices.count { support[$0] + predicted[$0] > 0 })
      for c in hits.indices where support[c] > 0 && (hits[c] == support[c] || hits[c] == 0) {
        let own = Proportion(successes: hits[c], count: support[c])
        let isRight = hits[c] == support[c]
        let end =
          isRight ? own.interval(confidence: confidence).lower : own.interval(confidence: confidence).upper
        let moved = (end - own.value) * Double(support[c])
        func f1(_ moved: Double) -> Double {
          2 * (Double(hits[c]) + moved) / (Double(support[c] + predicted[c]) + moved)
        }
        let change = abs(f1(moved) - f1(0))
        let squares = [
          0, square((end - own.value) / classes), square(change / occurring),
          square(change * Double(support[c]) / Double(total)),
        ]
        for index in 1..<4 {
          if isRight { below[index] += squares[index] } else { above[index] += squares[index] }
        }
      }
      return (below, above)
    }

    private func square(_ x: Double) -> Double { x * x }

    /// Accuracy, balanced accuracy, macro F1, and weighted F1, in this order.
    var numbers: [Double] {
      var (right, total, recall, classes, f1, weighted, occurring) = (0, 0, 0.0, 0, 0.0, 0.0, 0)
      for c in hits.indices where support[c] + predicted[c] > 0 {
        let own = 2 * Double(hits[c]) / Double(support[c] + predicted[c])
        right += hits[c]
        total += support[c]
        occurring += 1
        f1 += own
        weighted += own * Double(support[c])
        guard support[c] > 0 else { continue }
        recall += Double(hits[c]) / Double(support[c])
        classes += 1
      }
      return [
        Double(right) / Double(total), recall / Double(classes), f1 / Double(occurring),
        weighted / Double(total),
      ]
    }
  }
}

extension ConfidenceInterval {
  /// Adds `below` and `above` to the squared distances of the interval's ends from the number `value`. The ends stay
  /// within 0...1.
  fileprivate func widened(about value: Double, below: Double, above: Double) -> ConfidenceInterval {
    func distance(_ own: Double, _ added: Double) -> Double { (own * own + added).squareRoot() }
    return ConfidenceInterval(
      lower: below > 0 ? max(0, min(lower, value - distance(max(0, value - lower), below))) : lower,
      upper: above > 0 ? min(1, max(upper, value + distance(max(0, upper - value), above))) : upper)
  }
}
