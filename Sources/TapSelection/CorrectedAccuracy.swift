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
/// If some models extend an earlier choice, such as combinations that contain the best column, then they inherit a part
/// of its luck, and this part is subtracted as well:
/// ```
/// l(p) = mean_b( a_b(r_b) - a(r_b) ) + i(p)      r_b the best rival of p on resample b
/// i(m) = ρ max(0, l(p))                          m extends p; ρ in 0...1 the correlation of their hits over the rows
/// u_b = a(c_b) - (a_b(c_b) - a(c_b)) - i(c_b)
/// ```
/// ρ is the slope of the regression of m's hits on those of p, if both have the same accuracy. i(m) is 0 for a model
/// that extends none.
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
  ///   - extensions: the models that extended earlier choices, each extension after the one that its model comes from.
  ///   - resamples: the number of resamples, at least 1; nil stands for 1,000, or fewer for very many rows and models.
  package init(
    labels: [Int], predictions: [[Int]], best: Int, accuracy: Double, criterion: SelectionCriterion,
    classCount: Int, groups: [Int]?, isCrossValidated: Bool, extensions: [ModelExtension] = [], resamples: Int? = nil,
    threads: Int
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
    let choice = choices.repeated(
      count, drawing: drawn, against: best, extensions: extensions, threads: threads)
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

/// The models that extended one model of an earlier choice, such as all combinations that contain the best column.
package struct ModelExtension: Sendable {
  /// The indices of the models.
  package let models: Range<Int>
  /// The index of the model that they extend.
  package let extended: Int
  /// The indices of the models among which ``extended`` was chosen.
  package let rivals: [Int]

  /// Creates an extension. `rivals` contain `extended`.
  package init(models: Range<Int>, extended: Int, rivals: [Int]) {
    self.models = models
    self.extended = extended
    self.rivals = rivals
  }
}

/// The choice of the best model, repeated on resamples of rows or of groups of rows.
private struct ResampledChoices: Sendable {
  /// The choices on resamples: `2 a - a_b` of the best model and of the model that a resample chose, which is also
  /// without the luck that this model inherits.
  struct Choice {
    var own: [Double]
    var chosen: [Double]
  }

  /// The choice on one resample.
  private struct Draw {
    var own = 0.0
    var chosen = 0.0
    var winner = 0
    /// For each extension, the excess of the best rival on the resample over its accuracy on all rows.
    var lucks: [Double] = []
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
  func repeated(
    _ count: Int, drawing drawn: Int, against best: Int, extensions: [ModelExtension], threads: Int
  ) -> Choice {
    let results = Mutex<[Draw]>(Array(repeating: Draw(lucks: extensions.map { _ in 0 }), count: count))
    Threads.concurrentForEach(count: count, threads: threads) { resample in
      guard !Cancellation.isRequested else { return }
      let result = choose(resample, drawing: drawn, against: best, rivals: extensions.map(\.rivals))
      results.withLock { $0[resample] = result }
    }
    let draws = results.withLock { $0 }
    let inherited = inheritedLuck(
      extensions,
      lucks: extensions.indices.map { place in draws.reduce(0) { $0 + $1.lucks[place] } / Double(count) })
    return Choice(own: draws.map(\.own), chosen: draws.map { $0.chosen - inherited[$0.winner] })
  }

  private func choose(
    _ resample: Int, drawing drawn: Int, against best: Int, rivals: [[Int]]
  ) -> Draw {
    let unitCounts = unitCounts(resample, drawing: drawn)
    var weights = [Int32](repeating: 0, count: labels.count)
    for (unit, count) in zip(units, unitCounts) where count > 0 {
      for row in unit { weights[row] = count }
    }
    let total = Double(weights.reduce(0) { $0 + Int($1) })
    let scores = scores(by: weights)
    func share(_ model: Int) -> Double { Double(Self.product(weights, hits[model])) / total }
    func value(_ model: Int) -> Double { 2 * accuracies[model] - share(model) }
    let winner = Self.winner(hits.indices, by: scores)
    return Draw(
      own: value(best), chosen: value(winner), winner: winner,
      lucks: rivals.map { rivals in
        let model = Self.winner(rivals, by: scores)
        return share(model) - accuracies[model]
      })
  }

  /// The criterion of each model on a resample. For the accuracy, it is the number of correct predictions.
  private func scores(by weights: [Int32]) -> [Double] {
    if criterion == .accuracy { return hits.map { Double(Self.product(weights, $0)) } }
    let rows = weights.indices.flatMap { [Int](repeating: $0, count: Int(weights[$0])) }
    let drawnLabels = rows.map { labels[$0] }
    return predictions.map { own in
      Judgment(
        criterion, labels: drawnLabels, predictions: rows.map { own[$0] }, losses: [], classCount: classCount
      ).score
    }
  }

  /// The best of some models; in a tie, the first one.
  private static func winner(_ models: some Sequence<Int>, by scores: [Double]) -> Int {
    var (best, most) = (0, -1.0)
    for model in models where scores[model] > most + 1e-12 { (best, most) = (model, scores[model]) }
    return best
  }

  /// The luck that each model inherits; 0 for a model that extends none.
  ///
  /// - Parameter lucks: for each extension, the luck of the choice among the rivals.
  private func inheritedLuck(_ extensions: [ModelExtension], lucks: [Double]) -> [Double] {
    var inherited = [Double](repeating: 0, count: hits.count)
    for (item, luck) in zip(extensions, lucks) {
      let whole = max(0, luck + inherited[item.extended])
      for model in item.models { inherited[model] = whole * shareOfLuck(model, of: item.extended) }
    }
    return inherited
  }

  /// The share of a model's luck that another model inherits. If one of them is right for all rows or for none,
  /// the share is 1.
  private func shareOfLuck(_ model: Int, of other: Int) -> Double {
    let (a, b) = (accuracies[model], accuracies[other])
    guard a > 0, a < 1, b > 0, b < 1 else { return 1 }
    let both = Double(Self.product(hits[model], hits[other])) / Double(labels.count)
    let correlation = (both - a * b) / (a * (1 - a) * b * (1 - b)).squareRoot()
    return min(1, max(0, correlation))
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
