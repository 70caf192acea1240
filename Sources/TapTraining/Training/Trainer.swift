// Trains a model on labeled features. Only training data choose the column and C. Then the model is fitted to all
// training data.

import TapClassifier
import TapFormats
import TapKernels
import TapLinear
import TapMetrics
import TapSelection
import TapSettings
import TapTensors

/// Trains a linear model on one of several columns.
public struct Trainer: Sendable {
  /// The settings of the model and of the choice of C and column.
  public var settings: TrainingSettings
  /// A classifier of the same features whose weights start the last fit; nil starts the last fit at 0. Fits that judge
  /// a choice never use these weights, because the earlier model may have been fitted to held-out rows.
  public var start: Classifier?
  /// The number of threads; nil is the number of cores that this process may use. The number changes no result.
  public var threads: Int?
  /// Whether the result keeps ``TrainedModel/heldOutScores``, which need extra fits.
  package var keepsHeldOutScores = false
  /// Whether the trainer rejects a model without an estimate of its accuracy, even if there is nothing to choose.
  package var requiresEstimate = false

  /// Creates a trainer. The trainer chooses C unless the settings give C.
  public init(
    _ settings: TrainingSettings = TrainingSettings(), start: Classifier? = nil, threads: Int? = nil
  ) {
    self.settings = settings
    self.start = start
    self.threads = threads
  }

  /// Chooses a column and C by the results on held-out training data, and fits the model.
  ///
  /// Among columns that tie, the column with the smallest log loss is chosen; without a log loss, the first column.
  /// Test items are not used.
  ///
  /// - Parameter progress: receives the number of fits done and the maximum number of fits of all columns, from any
  ///   thread, one call at a time.
  /// - Throws: ``TrainingError``.
  package func train(
    _ data: LabeledFeatures, _ partition: Partition,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(TrainingError) -> TrainedModel {
    do { try settings.validate() } catch { throw .settings(error) }
    let mayLackEstimate = mayLackEstimate(data)
    let problem = try TrainingProblem(data, partition, isEstimated: !mayLackEstimate)
    try checkMemory(data, problem)
    let columns = try choices(data, problem, mayLackEstimate: mayLackEstimate, progress)
    let results = zip(data.candidates, columns.selections).map { candidate, selection in
      let rows = candidate.features.rows
      return TrainedModel.ColumnResult(
        candidate: candidate,
        selection: selection.inGroups(problem.groupsByRow(rows), labels: problem.labels.values))
    }
    let estimateFailure = columns.estimateFailure
    var best = 0
    for index in results.indices where results[index].isBetter(than: results[best]) { best = index }
    let fitted = try fit(results[best], problem)
    let isScored = estimateFailure == nil && (settings.calibration != .none || keepsHeldOutScores)
    let held = isScored ? try heldOutScores(results[best], problem) : nil
    let calibration = held.flatMap { calibrated(by: $0, results[best], problem) }
    return TrainedModel(
      settings: settings, partition: partition, classNames: problem.classNames,
      trainingCounts: problem.trainingCounts, results: results, chosenIndex: best,
      model: fitted, calibration: calibration, estimateFailure: estimateFailure,
      heldOutScores: keepsHeldOutScores ? held : nil,
      isCalibrationConverged: calibration == nil || held?.isConverged ?? true,
      searchedColumns: columns.searched, equalColumns: columns.equals,
      seen: SeenKeys(
        data.identity == nil ? .rows : .images, hashes: problem.items.map(\.contentHash)),
      indexBase: data.indexBase,
      summary: summary(
        of: results[best].selection, fitted, problem, data.prepared(as: results[best].candidate)))
  }

  /// The settings of every fit.
  var model: LinearModel { settings.linearModel(threads: threads) }

  /// The search for C.
  ///
  /// - Parameter rows: the number of rows of the feature matrix.
  func search(_ problem: TrainingProblem, rows: Int) -> RegularizationSearch {
    var search = settings.search(
      trainingCounts: problem.trainingCounts, rows: problem.training.count, threads: threads)
    search.sampleWeights = problem.items.weightsByRow(rows)
    return search
  }

  private func fit(
    _ result: TrainedModel.ColumnResult, _ problem: TrainingProblem
  ) throws(TrainingError) -> FittedLinearModel {
    let features = result.candidate.features
    let isRefitted = problem.isRefitted(settings)
    do {
      return try search(problem, rows: features.rows).fit(
        result.selection, features,
        rows: isRefitted ? (problem.training + problem.validation).sorted() : problem.training,
        labels: problem.labels.values, classCount: problem.classNames.count,
        from: start?.warmStart(for: problem.classNames))
    } catch { throw TrainingError(error, classNames: problem.classNames) }
  }

  /// Repeats the fits of the choice's folds with the chosen C, to get the scores, which the choice did not keep.
  private func heldOutScores(
    _ result: TrainedModel.ColumnResult, _ problem: TrainingProblem
  ) throws(TrainingError) -> HeldOutScores {
    let features = result.candidate.features
    do {
      return try search(problem, rows: features.rows).heldOutScores(
        result.selection, features, rows: problem.training,
        validation: problem.validation.isEmpty ? nil : problem.validation,
        labels: problem.labels.values, classCount: problem.classNames.count,
        groups: problem.groupsByRow(features.rows))
    } catch { throw TrainingError(error, classNames: problem.classNames) }
  }

  private func calibrated(
    by held: HeldOutScores, _ result: TrainedModel.ColumnResult, _ problem: TrainingProblem
  ) -> Calibration? {
    let rows = result.candidate.features.rows
    let labels = problem.labels.classes(of: held.rows)
    let groups = problem.groupsByRow(rows)
    // The choice of the calibration needs parts of the rows. A validation part is divided into five parts. Rows, sorted
    // by class, or whole groups go to the five parts in turn.
    let order = held.rows.indices.sorted { (labels[$0], $0) < (labels[$1], $1) }
    var parts = [Int](repeating: 0, count: order.count)
    for (turn, place) in order.enumerated() { parts[place] = (groups?[held.rows[place]] ?? turn) % 5 }
    return settings.calibration.chosen(
      for: settings.model.kind, settings.model.multiClass, scores: held.scores,
      labels: labels, classCount: problem.classNames.count, folds: held.folds ?? parts)
  }

  private func summary(
    of selection: Selection, _ model: FittedLinearModel, _ problem: TrainingProblem, _ data: LabeledFeatures
  ) -> TrainingSummary {
    let fitted = problem.isRefitted(settings) ? problem.items : problem.trainingItems
    let method: SelectionRecord.Method =
      switch selection.method {
      case .crossValidation(let folds): .crossValidation(folds: folds, repeats: selection.repeats)
      case .validation: .validation(fraction: problem.validationFraction)
      case .unjudged: .unjudged
      }
    let hash = TrainingSummary.dataHash(of: fitted.map { ($0.contentHash, $0.image.label ?? "", $0.weight) })
    var counts = [Int](repeating: 0, count: problem.classNames.count)
    for label in problem.labels.classes(of: fitted.map(\.row)) { counts[label] += 1 }
    return TrainingSummary(
      settings: ModelSettings(settings, extraction: data.extraction), solver: model.solver.rawValue,
      c: model.c, standardization: settings.resolvedStandardization.rawValue, objective: model.objective,
      gap: model.gap, iterations: model.iterations, converged: model.converged,
      selection: SelectionRecord(
        method, rule: settings.model.kind.isRegularized ? selection.rule : .best,
        criterion: selection.criterion, tried: selection.candidates.compactMap(\.c)),
      estimates: !selection.isJudged
        ? [] : selection.candidates.map { TrainingSummary.Estimate(c: $0.c, accuracy: $0.accuracy) },
      classCounts: counts, dataHash: hash, projection: model.projection)
  }
}

extension TrainingSettings {
  /// The search for C with these settings.
  ///
  /// - Parameters:
  ///   - trainingCounts: the number of rows of each class.
  ///   - rows: the number of rows of all classes.
  ///   - threads: the number of threads; nil is the number of processors.
  func search(trainingCounts: [Int], rows: Int, threads: Int?) -> RegularizationSearch {
    var search = RegularizationSearch(
      model: linearModel(threads: threads), folds: max(2, min(folds, rows)), seed: seed)
    if isExhaustive { search.patience = nil }
    search.rule = rule
    search.criterion = criterion ?? .usual(classCounts: trainingCounts)
    search.repeats = repeats
    switch c {
    case .fixed(let c): search.candidates = [c]
    case .chosen(of: let candidates): search.candidates = candidates ?? search.candidates
    }
    // Without a penalty, C has no effect, so one value is enough.
    if model.penalty == Penalty.none { search.candidates = [1] }
    return search
  }
}
