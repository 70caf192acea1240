// The path over C: folds run in parallel, and values of C one after the other. For a model without C, the path has one
// value.

import Synchronization
import TapKernels
import TapLinear
import TapMetrics
import TapTensors

extension RegularizationSearch {
  /// Fits every split for the values of C in increasing order, and stops early when ``patience`` allows it.
  func search(
    _ features: MatrixView, _ splits: [Split], _ labels: [Int], _ classCount: Int, _ method: SelectionMethod
  ) throws(SelectionError) -> Selection {
    let path: [Double?] = model.c == nil ? [nil] : try sortedCandidates()
    guard criterion != .logLoss || model.kind == .logistic else { throw .noProbabilities }
    var settings = model
    settings.c = path[0]
    settings.tolerance = searchTolerance.map { max(model.tolerance, $0) } ?? Self.usualTolerance(model)
    // Threads are given to folds first. Folds are independent, but the threads of one fit wait for each other at every
    // matrix product.
    let side = max(1, min(model.threads, splits.count - 1))
    settings.threads = max(1, model.threads / side)
    let fixed = settings
    settings.threads = model.threads
    let leading = settings
    let repeats = splits.count == 1 ? 1 : repeats
    // Rows are normalized once for all folds, because a row's norm does not depend on the fold.
    var prepared = features
    if model.transform.normalizesRows {
      let training = Set(splits.flatMap(\.training)).sorted()
      do { prepared = try features.normalized(rows: training, keepsPlaces: true) } catch {
        throw .model(error)
      }
    }
    let paths = splits.map { FoldPath(features, prepared: prepared, $0, labels, classCount, sampleWeights) }
    paths[0].leads = paths.count
    let stopsWhenSettled = searchTolerance == nil && criterion != .logLoss
    // Balanced accuracy and macro F1 are means over classes. One row of a rare class changes such a mean much, anywhere
    // on the path. So the search tries every value for these criteria.
    let patience = criterion == .balancedAccuracy || criterion == .macroF1 ? nil : patience
    var tried: [Candidate] = []
    var (score, sureness, loss) = (Progress(), Progress(), Progress())
    // The folds of the first repeat, which hold out every row once.
    let judging = paths.prefix(paths.count / repeats)
    var predictions: [[Int]] = []
    for c in path {
      // The first fold is fitted before the other folds, because its fit gives them better starts.
      paths[0].advance(to: c, leading, untilSettled: stopsWhenSettled, after: nil)
      progress(1)
      for path in paths.dropFirst() { path.adoptCurvature(of: paths[0]) }
      Threads.concurrentForEach(count: paths.count - 1, threads: side) {
        paths[$0 + 1].advance(to: c, fixed, untilSettled: stopsWhenSettled, after: paths[0])
        progress(1)
      }
      for path in paths {
        if let error = path.error { throw .model(error) }
      }
      // An interrupted fit is no valid result.
      if Cancellation.isRequested { throw .interrupted }
      let folds = paths.map(\.accuracy)
      let candidate = Candidate(
        c: c, folds: folds, repeats: repeats, logLoss: Self.mean(paths.map(\.logLoss), folds.map(\.count)),
        converged: paths.allSatisfy(\.isFinished),
        judgment: judgment(paths, repeats, classCount))
      tried.append(candidate)
      predictions.append(judging.flatMap(\.predictions))
      let isFittedClosely = paths.allSatisfy { ($0.fitted?.lossShare ?? 1) < 0.1 }
      score.add(
        candidate, isClose: isFittedClosely,
        isBetter: criterion == .logLoss ? candidate.isClearlyBetter : candidate.hasBetterScore)
      sureness.add(candidate, isClose: isFittedClosely, isBetter: candidate.isClearlyBetter)
      loss.add(candidate, isClose: isFittedClosely, isBetter: candidate.hasClearlySmallerLoss)
      let isSure = sureness.best?.logLoss.map { $0 < 0.01 } ?? false
      if let patience, score.rests(patience), isSure || (sureness.rests(patience) && loss.rests(patience)) {
        break
      }
    }
    return Selection(
      method: method, candidates: tried, rule: rule,
      heldOut: splits.prefix(judging.count).flatMap(\.validation),
      predictions: predictions[Selection.choose(tried, rule)])
  }

  /// The criterion's judgment of all rows that the folds hold out; nil for the accuracy, which candidates compute
  /// themselves.
  private func judgment(
    _ paths: [FoldPath], _ repeats: Int, _ classCount: Int
  ) -> (criterion: SelectionCriterion, score: Double, standardError: Double)? {
    guard criterion != .accuracy else { return nil }
    func judged(_ paths: [FoldPath]) -> Judgment {
      Judgment(
        criterion, labels: paths.flatMap(\.expected), predictions: paths.flatMap(\.predictions),
        losses: criterion == .logLoss ? paths.flatMap(\.losses) : [], classCount: classCount)
    }
    let all = judged(paths)
    guard paths.count > 1 else { return (criterion, all.score, all.standardError) }
    let error = Candidate.standardError(of: paths.map { judged([$0]).score }, repeats: repeats)
    return (criterion, all.score, error)
  }

  /// The mean over all rows, computed from the mean of each fold; nil if a fold has no mean.
  private static func mean(_ losses: [Double?], _ counts: [Int]) -> Double? {
    var total = 0.0
    for (loss, count) in zip(losses, counts) {
      guard let loss else { return nil }
      total += loss * Double(count)
    }
    return total / Double(counts.reduce(0, +))
  }

  /// The tolerance of the fits if ``searchTolerance`` is nil.
  static func usualTolerance(_ model: LinearModel) -> Double {
    if case .logistic(let regression) = model, regression.penalty == .l2, regression.solver != .lbfgs {
      return max(1e-12, 1e-3 * model.tolerance)
    }
    return max(1e-7, model.tolerance)
  }

  private func sortedCandidates() throws(SelectionError) -> [Double] {
    guard !candidates.isEmpty else { throw .noCandidates }
    for c in candidates where !(c.isFinite && c > 0) { throw .candidate(c: c) }
    return Set(candidates).sorted()
  }
}

/// The best candidate so far, and the number of later values that were not better. A value counts only if its fits
/// match the training rows closely.
private struct Progress {
  private(set) var best: Candidate?
  private var since = 0
  private var last = Double.infinity
  private var start = Double.infinity

  mutating func add(_ candidate: Candidate, isClose: Bool, isBetter: (Candidate) -> Bool) {
    last = candidate.c ?? last
    since += 1
    let isBest = best.map(isBetter) ?? true
    if isBest { best = candidate }
    // If the fits do not match the training rows closely, the lack of a better value proves nothing.
    if isBest || !isClose { (since, start) = (0, last) }
  }

  /// Whether `patience` values in a row, over at least two decades, were not better than the best value.
  func rests(_ patience: Int) -> Bool { since >= patience && last > 99 * start }
}

/// The path of one fold: fits for increasing C. Only one thread at a time uses the path.
final class FoldPath: @unchecked Sendable {
  private let features: MatrixView
  /// The features, with rows normalized if the model requires it.
  private let normalized: MatrixView
  private let split: Split
  private let labels: [Int]
  private let classCount: Int
  private let sampleWeights: [Double]?
  private var prepared: TrainingData?
  private(set) var fitted: FittedLinearModel?
  /// The fits so far. The next fit starts from earlier fits.
  private var walked = FitPath()
  private(set) var predictions: [Int] = []
  /// The class of each held-out row.
  private(set) var expected: [Int] = []
  /// -log p(label) of each held-out row, for a model with probabilities.
  private(set) var losses: [Double] = []
  private(set) var accuracy = Proportion(successes: 0, count: 0)
  private(set) var logLoss: Double?
  private(set) var error: LinearModelError?
  /// The number of folds that use this fold's Hessian information, this fold included.
  var leads = 1
  /// Whether the last fit reached its tolerance, or ended because its predictions had settled.
  var isFinished: Bool { fitted.map { $0.converged || $0.stopReason == .settled } ?? false }

  init(
    _ features: MatrixView, prepared: MatrixView, _ split: Split, _ labels: [Int], _ classCount: Int,
    _ sampleWeights: [Double]?
  ) {
    self.features = features
    normalized = prepared
    self.split = split
    self.labels = labels
    self.classCount = classCount
    self.sampleWeights = sampleWeights
  }

  func adoptCurvature(of other: FoldPath) {
    if let data = other.prepared { prepared?.adoptCurvature(of: data) }
  }

  /// Fits for the next C, with the last fit as a possible start, and predicts the held-out rows.
  ///
  /// - Parameter leader: a fold that is already fitted for this C.
  func advance(to c: Double?, _ settings: LinearModel, untilSettled: Bool, after leader: FoldPath?) {
    do throws(LinearModelError) {
      var model = settings
      model.c = c
      let estimator = model.estimator
      let data: TrainingData
      if let prepared {
        data = prepared
      } else {
        data = try estimator.prepare(
          normalized, rows: split.training, labels: labels, classCount: classCount,
          sampleWeights: sampleWeights, areNormalized: estimator.transform.normalizesRows)
      }
      if prepared == nil, leads > 1 { data.leadCurvature(of: leads) }
      prepared = data
      let start = c.flatMap { walked.start(at: $0, after: leader?.walked) }
      let fitted =
        untilSettled
        ? try estimator.fit(
          data, start: start,
          until: PredictionStoppingRule(
            features, rows: split.validation, labels: split.validation.map { labels[$0] },
            threads: estimator.threads))
        : try estimator.fit(data, start: start)
      walked.append(fitted)
      self.fitted = fitted
      expected = split.validation.map { labels[$0] }
      let scores = try fitted.scores(features, rows: split.validation, threads: estimator.threads)
      predictions = fitted.predictions(scores: scores)
      accuracy = ClassificationMetrics.accuracy(labels: expected, predictions: predictions)
      if fitted.kind == .logistic {
        losses = ClassificationMetrics.logLosses(
          labels: expected, probabilities: fitted.probabilities(scores: scores), classCount: classCount)
        logLoss = losses.reduce(0, +) / Double(losses.count)
      }
    } catch {
      self.error = error
    }
  }
}
