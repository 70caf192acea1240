// The accuracy of the best of several models, corrected for the luck of the choice. The correction needs only the
// predictions of held-out rows that the choice was made with.

import Glibc
import Synchronization
import TapKernels
import TapMetrics
import TapTensors

/// An estimate of the accuracy of the model that is best on held-out rows, and the uncertainty of this estimate.
///
/// The best of many models is better on the rows that chose it than on other rows. The choice is repeated on resamples
/// of the rows, and the excess of the chosen model on its resample is subtracted from its accuracy on all rows:
/// ```
/// u_b = a(c_b) - (a_b(c_b) - a(c_b))       a on all n rows, a_b on resample b, c_b the best model on resample b
/// θ = mean_b u_b
/// ```
/// If a_b - a varies as much as a itself, then a - (a_b - a) and the number a_b that makes the choice are uncorrelated.
/// So θ has no bias from the choice, to the accuracy of a normal approximation. If a resample has n rows, θ is on
/// average the accuracy on the rows that a resample leaves out (bootstrap bias-corrected cross-validation).
///
/// Here a resample has n / δ rows. Two rows of different folds each train the model that predicts the other row, so
/// cross-validated predictions are right or wrong together more often than independent ones. The scores of two such
/// rows, as sums over the training rows, have a correlation of at most 1 / (number of training rows). Scores of noise
/// reach this bound, which multiplies the variance of the accuracy by
/// ```
/// δ = 1 + φ(z)² / (a (1 - a)),    Φ(z) = a       1 + 2/π for a = 1/2, nearer to 1 for larger accuracies
/// ```
/// The models of a validation part share no such rows, so there δ = 1.
///
/// With s² the variance of the best model's accuracy, u_b has the variance 2 s². The part of this variance between
/// resamples is not in the mean θ, which leaves κ s² with
/// ```
/// κ = 2 - var_b(u_b) / var_b(a_b(best)),   limited to 1/4...1
/// ```
/// κ is 1 for a clear choice, and smaller if models of equal worth take turns. The interval is Wilson's interval for
/// n / (δ κ) rows; groups of rows enter by their variance.
///
/// The choice of C within each model is not repeated. Nested cross-validation repeats all choices.
///
/// Source: Tsamardinos, Greasidou and Borboudakis, "Bootstrapping the out-of-sample predictions for efficient and
/// accurate cross-validation" (2018), for resamples of n rows. The size of the resamples and κ are ours.
public struct CorrectedAccuracy: Hashable, Sendable {
  /// The corrected accuracy, in 0...1.
  public let value: Double
  /// The 95 % interval of ``value``.
  public let interval: ConfidenceInterval
  /// The number of resamples.
  public let resamples: Int

  /// Corrects the accuracy of the best of at least two models. The same arguments give the same bits for any number of
  /// threads.
  ///
  /// - Parameters:
  ///   - labels: the class of each held-out row, in `0..<classCount`. There is at least one row.
  ///   - predictions: the predictions of each model for the rows.
  ///   - best: the index of the chosen model.
  ///   - accuracy: the accuracy of the chosen model; over several repeats of cross-validation it can differ from the
  ///     accuracy of its predictions.
  ///   - criterion: the criterion of the choice, which is not the log loss. In a tie, the first model is chosen.
  ///   - groups: the group of each row. Whole groups are drawn. With nil, rows are drawn.
  ///   - isCrossValidated: whether the rows were predicted in folds, and not as one validation part.
  ///   - resamples: the number of resamples, at least 1; nil stands for 1,000, or fewer for very many rows and models.
  package init(
    labels: [Int], predictions: [[Int]], best: Int, accuracy: Double, criterion: SelectionCriterion,
    classCount: Int, groups: [Int]?, isCrossValidated: Bool, resamples: Int? = nil, threads: Int
  ) {
    let choices = ResampledChoices(
      labels: labels, predictions: predictions, criterion: criterion, classCount: classCount, groups: groups)
    let (rows, units) = (Double(labels.count), choices.units.count)
    let isOpen = accuracy > 0 && accuracy < 1
    let effect = isCrossValidated && isOpen ? Self.designEffect(accuracy) : 1
    let count = resamples ?? min(1000, max(100, 2_000_000_000 / (labels.count * predictions.count)))
    self.resamples = count
    guard units > 1 else {
      value = accuracy
      interval = ConfidenceInterval(lower: 0, upper: 1)
      return
    }
    let drawn = max(1, Int((Double(units) / effect).rounded()))
    let choice = choices.repeated(count, drawing: drawn, against: best, threads: threads)
    let luck = zip(choice.own, choice.chosen).reduce(0) { $0 + ($1.0 - $1.1) } / Double(count)
    value = min(1, max(0, accuracy - luck))
    let spread = Self.variance(choice.own)
    let kept = spread > 0 ? min(1, max(0.25, 2 - Self.variance(choice.chosen) / spread)) : 1
    let effective = value > 0 && value < 1 ? rows / choices.grouping(best) : Double(units)
    interval = .wilson(value, count: effective / (effect * kept), confidence: 0.95)
  }

  private static func variance(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    return values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count)
  }

  /// δ for an accuracy above 0 and below 1.
  static func designEffect(_ accuracy: Double) -> Double {
    let z = standardNormalQuantile(max(accuracy, 1 - accuracy))
    return 1 + exp(-z * z) / (2 * .pi * accuracy * (1 - accuracy))
  }
}

/// The choice of the best model, repeated on resamples of rows or of groups of rows.
private struct ResampledChoices: Sendable {
  /// The choices on resamples: `2 a - a_b` of the best model and of the model that a resample chose.
  struct Choice {
    var own: [Double]
    var chosen: [Double]
  }

  /// The rows of each unit that is drawn: a group, or a single row.
  let units: [[Int]]
  private let labels: [Int]
  private let predictions: [[Int]]
  private let criterion: SelectionCriterion
  private let classCount: Int
  /// For each model, 1 for each row that it predicts correctly, else 0.
  private let hits: [[Int32]]
  /// The accuracy of each model.
  private let accuracies: [Double]

  init(
    labels: [Int], predictions: [[Int]], criterion: SelectionCriterion, classCount: Int, groups: [Int]?
  ) {
    precondition(predictions.allSatisfy { $0.count == labels.count }, "predictions of other rows")
    precondition(criterion != .logLoss, "predictions have no log loss")
    self.labels = labels
    self.predictions = predictions
    self.criterion = criterion
    self.classCount = classCount
    hits = predictions.map { zip($0, labels).map { $0 == $1 ? 1 : 0 } }
    accuracies = hits.map { Double($0.reduce(0) { $0 + Int($1) }) / Double(labels.count) }
    units =
      groups.map { BootstrapIntervals.members($0, count: labels.count) } ?? labels.indices.map { [$0] }
  }

  /// How often each unit is in a resample.
  private func unitCounts(_ resample: Int, drawing drawn: Int) -> [Int32] {
    var generator = SeededGenerator(seed: SeededGenerator.number(UInt64(resample + 1), of: 0))
    var counts = [Int32](repeating: 0, count: units.count)
    for _ in 0..<drawn { counts[generator.nextScaled(below: units.count)] += 1 }
    return counts
  }

  /// Chooses on `count` resamples of `drawn` units each.
  func repeated(_ count: Int, drawing drawn: Int, against best: Int, threads: Int) -> Choice {
    let results = Mutex<[(own: Double, chosen: Double)]>(Array(repeating: (own: 0.0, chosen: 0.0), count: count))
    Threads.concurrentForEach(count: count, threads: threads) { resample in
      guard !Cancellation.isRequested else { return }
      let result = choose(resample, drawing: drawn, against: best)
      results.withLock { $0[resample] = result }
    }
    let choices = results.withLock { $0 }
    return Choice(own: choices.map(\.own), chosen: choices.map(\.chosen))
  }

  private func choose(
    _ resample: Int, drawing drawn: Int, against best: Int
  ) -> (own: Double, chosen: Double) {
    let unitCounts = unitCounts(resample, drawing: drawn)
    var weights = [Int32](repeating: 0, count: labels.count)
    for (unit, count) in zip(units, unitCounts) where count > 0 {
      for row in unit { weights[row] = count }
    }
    let total = Double(weights.reduce(0) { $0 + Int($1) })
    func value(_ model: Int) -> Double {
      2 * accuracies[model] - Double(Self.product(weights, hits[model])) / total
    }
    return (value(best), value(winner(by: weights)))
  }

  /// The best model on a resample.
  private func winner(by weights: [Int32]) -> Int {
    var best = 0
    if criterion == .accuracy {
      var most = -1
      for model in hits.indices {
        let right = Self.product(weights, hits[model])
        if right > most { (most, best) = (right, model) }
      }
      return best
    }
    let rows = weights.indices.flatMap { [Int](repeating: $0, count: Int(weights[$0])) }
    let drawnLabels = rows.map { labels[$0] }
    var most = -1.0
    for (model, own) in predictions.enumerated() {
      let score = Judgment(
        criterion, labels: drawnLabels, predictions: rows.map { own[$0] }, losses: [], classCount: classCount
      ).score
      if score > most + 1e-12 { (most, best) = (score, model) }
    }
    return best
  }

  /// The factor by which groups multiply the variance of a model's accuracy, at least 1.
  func grouping(_ model: Int) -> Double {
    let a = accuracies[model]
    guard units.count < labels.count, a > 0, a < 1 else { return 1 }
    let squares = units.reduce(0.0) { sum, unit in
      let excess = unit.reduce(0.0) { $0 + Double(hits[model][$1]) - a }
      return sum + excess * excess
    }
    return max(1, squares / (Double(labels.count) * a * (1 - a)))
  }

  private static func product(_ weights: [Int32], _ hits: [Int32]) -> Int {
    precondition(weights.count == hits.count, "\(weights.count) weights of \(hits.count) rows")
    var sum: Int32 = 0
    for row in weights.indices { sum &+= weights[row] &* hits[row] }
    return Int(sum)
  }
}
