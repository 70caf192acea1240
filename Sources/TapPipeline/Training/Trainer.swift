// From labelled features to a fitted model: the column and C are chosen on training data alone, then
// the model is fitted to all of it.

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
  /// What is fitted, and how C and column are chosen.
  public var settings: TrainingSettings
  /// A classifier of the same features at whose weights the last fit begins; nil begins at 0. Fits that judge begin at 0: an
  /// earlier model may have seen the rows that they hold out.
  public var start: Classifier?
  /// Nil is the number of cores that this process may use. Changes no result.
  public var threads: Int?
  /// Whether ``TrainedModel/heldOutScores`` are kept, which takes fits of their own.
  package var keepsHeldOutScores = false
  /// Whether a model without an estimate of its accuracy is refused even where there is nothing to choose.
  var requiresEstimate = false

  /// A trainer that chooses C unless settings give it.
  public init(
    _ settings: TrainingSettings = TrainingSettings(), start: Classifier? = nil, threads: Int? = nil
  ) {
    self.settings = settings
    self.start = start
    self.threads = threads
  }

  /// Chooses a column and C by how they do on held-out training data, and fits the model.
  ///
  /// Of columns as good the one with the smallest log loss wins, where there is none the first. Test items are not looked at.
  ///
  /// - Parameter progress: called before each column with its number, and once at the end.
  /// - Throws: ``TrainingError``.
  public func train(
    _ data: LabelledFeatures, _ partition: Partition, progress: (Int, Int) -> Void = { _, _ in }
  ) throws(TrainingError) -> TrainedModel {
    do { try settings.validate() } catch { throw .settings(error) }
    let mayLackEstimate = !requiresEstimate && data.candidates.count == 1 && !settings.searchesC
    let problem = try Problem(data, partition, isEstimated: !mayLackEstimate)
    let parts = problem.validation.isEmpty ? settings.folds * settings.repeats : 1
    for candidate in data.candidates {
      try MemoryEstimate(
        rows: problem.items.count, classes: problem.classNames.count, dimensions: candidate.features.columns,
        fits: min(threads ?? Threads.available, parts), parts: parts, kind: settings.model.kind,
        penalty: settings.model.penalty ?? .none, transform: settings.transform
      ).check()
    }
    var results: [TrainedModel.ColumnResult] = []
    var searchedColumns = 0
    var estimateFailure: TrainingError?
    for (index, candidate) in data.candidates.enumerated() {
      progress(index, data.candidates.count)
      let key = key(of: candidate, problem, data)
      let selection: Selection
      let selections = data.prepared(as: candidate).selections
      if let key, let kept = selections?.selection(key, rows: candidate.features.rows) {
        selection = kept
      } else {
        do throws(TrainingError) {
          selection = try select(candidate.features, problem)
          searchedColumns += 1
          if let key { selections?.keep(selection, key: key) }
        } catch {
          guard mayLackEstimate, error.holdingOutText != nil else { throw error }
          estimateFailure = error
          let search = search(problem, rows: candidate.features.rows)
          selection = .unjudged(
            c: model.kind.isRegularized ? search.candidates[0] : nil, rule: search.rule,
            criterion: search.criterion)
        }
      }
      let rows = candidate.features.rows
      results.append(
        TrainedModel.ColumnResult(
          candidate: candidate,
          selection: selection.inGroups(problem.groupsByRow(rows), labels: problem.labelsByRow(rows))))
    }
    progress(data.candidates.count, data.candidates.count)
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
      searchedColumns: searchedColumns,
      seen: SeenKeys(
        data.identity == nil ? .rows : .images, hashes: problem.items.map(\.contentHash)),
      indexBase: data.indexBase,
      summary: summary(
        of: results[best].selection, fitted, problem, data.prepared(as: results[best].candidate)))
  }

  /// The settings of every fit.
  var model: LinearModel { settings.linearModel(threads: threads) }

  /// - Parameter rows: of the feature matrix.
  private func search(_ problem: Problem, rows: Int) -> RegularizationSearch {
    var search = RegularizationSearch(
      model: model, folds: max(2, min(settings.folds, problem.training.count)), seed: settings.seed)
    search.rule = settings.rule
    search.criterion = settings.criterion ?? .usual(classCounts: problem.trainingCounts)
    search.repeats = settings.repeats
    search.sampleWeights = problem.items.weightsByRow(rows)
    switch settings.c {
    case .fixed(let c): search.candidates = [c]
    case .chosen(of: let candidates): search.candidates = candidates ?? search.candidates
    }
    // Nothing to weigh the losses against.
    if settings.model.penalty == Penalty.none { search.candidates = [1] }
    return search
  }

  private func select(
    _ features: MatrixView, _ problem: Problem
  ) throws(TrainingError) -> Selection {
    let search = search(problem, rows: features.rows)
    let labels = problem.labelsByRow(features.rows)
    do {
      if problem.validation.isEmpty {
        return try search.crossValidation(
          features, rows: problem.training, labels: labels, classCount: problem.classNames.count,
          groups: problem.groupsByRow(features.rows))
      }
      return try search.validation(
        features, split: Split(training: problem.training, validation: problem.validation),
        labels: labels, classCount: problem.classNames.count)
    } catch { throw TrainingError(error, classNames: problem.classNames) }
  }

  private func fit(
    _ result: TrainedModel.ColumnResult, _ problem: Problem
  ) throws(TrainingError) -> FittedLinearModel {
    let features = result.candidate.features
    let isRefitted = problem.isRefitted(settings)
    do {
      return try search(problem, rows: features.rows).fit(
        result.selection, features,
        rows: isRefitted ? (problem.training + problem.validation).sorted() : problem.training,
        labels: problem.labelsByRow(features.rows), classCount: problem.classNames.count,
        from: start?.warmStart(for: problem.classNames))
    } catch { throw TrainingError(error, classNames: problem.classNames) }
  }

  /// Fits the folds of the choice again with the chosen C, for the scores that it did not keep.
  private func heldOutScores(
    _ result: TrainedModel.ColumnResult, _ problem: Problem
  ) throws(TrainingError) -> HeldOutScores {
    let features = result.candidate.features
    do {
      return try search(problem, rows: features.rows).heldOutScores(
        result.selection, features, rows: problem.training,
        validation: problem.validation.isEmpty ? nil : problem.validation,
        labels: problem.labelsByRow(features.rows), classCount: problem.classNames.count,
        groups: problem.groupsByRow(features.rows))
    } catch { throw TrainingError(error, classNames: problem.classNames) }
  }

  private func calibrated(
    by held: HeldOutScores, _ result: TrainedModel.ColumnResult, _ problem: Problem
  ) -> Calibration? {
    let rows = result.candidate.features.rows
    let labels = problem.labelsByRow(rows)
    let groups = problem.groupsByRow(rows)
    // Parts of a validation part: rows of a class, or groups, in turn.
    let order = held.rows.indices.sorted { (labels[held.rows[$0]], $0) < (labels[held.rows[$1]], $1) }
    var parts = [Int](repeating: 0, count: order.count)
    for (turn, place) in order.enumerated() { parts[place] = (groups?[held.rows[place]] ?? turn) % 5 }
    return settings.calibration.chosen(
      for: settings.model.kind, settings.model.multiClass, scores: held.scores,
      labels: held.rows.map { labels[$0] }, classCount: problem.classNames.count, folds: held.folds ?? parts)
  }

  /// The key of the choice of C for each column, in hexadecimal; nil without a backbone's identity.
  package func choiceKeys(
    _ data: LabelledFeatures, _ partition: Partition
  ) throws(TrainingError) -> [String?] {
    let problem = try Problem(data, partition)
    return data.candidates.map { key(of: $0, problem, data)?.hex }
  }

  /// Everything that the choice of C for a column depends on; nil without a backbone's identity.
  private func key(
    of candidate: LabelledFeatures.Candidate, _ problem: Problem, _ data: LabelledFeatures
  ) -> Digest? {
    guard let identity = data.prepared(as: candidate).identity, let column = candidate.column else {
      return nil
    }
    let search = search(problem, rows: candidate.features.rows)
    return SelectionCache.key(
      .object([
        "settings": settings.choiceJSON,
        "features": .object(["identity": .string(identity.hash), "columns": .array([column.json])]),
        "search": .object([
          "candidates": .array(search.candidates.map(JSONValue.number)),
          "patience": search.patience.map(JSONValue.integer) ?? .null,
          "tolerance": .number(search.searchTolerance), "folds": .integer(search.folds),
        ]),
        "training": problem.signature(problem.trainingItems),
        "validation": problem.signature(problem.validationItems),
      ]))
  }

  private func summary(
    of selection: Selection, _ model: FittedLinearModel, _ problem: Problem, _ data: LabelledFeatures
  ) -> TrainingSummary {
    let fitted = problem.isRefitted(settings) ? problem.items : problem.trainingItems
    let method: SelectionRecord.Method =
      switch selection.method {
      case .crossValidation(let folds): .crossValidation(folds: folds, repeats: selection.repeats)
      case .validation: .validation(fraction: problem.validationFraction)
      case .unjudged: .unjudged
      }
    var hash = SHA256()
    for item in fitted {
      let weight = item.weight == 1 ? "" : " " + ShortestDecimal.text(item.weight)
      hash.update(Array("\(item.contentHash) \(item.label ?? "")\(weight)\n".utf8))
    }
    var counts = [Int](repeating: 0, count: problem.classNames.count)
    for label in fitted.classIndices(problem.classNames) { counts[label] += 1 }
    return TrainingSummary(
      settings: ModelSettings(settings, extraction: data.extraction), solver: model.solver.rawValue,
      c: model.c, standardization: settings.resolvedStandardization.rawValue, objective: model.objective,
      gap: model.gap, iterations: model.iterations, converged: model.converged,
      selection: SelectionRecord(
        method, rule: settings.model.kind.isRegularized ? selection.rule : .best,
        criterion: selection.criterion, tried: selection.candidates.compactMap(\.c)),
      estimates: !selection.isJudged
        ? [] : selection.candidates.map { TrainingSummary.Estimate(c: $0.c, accuracy: $0.accuracy) },
      classCounts: counts, dataHash: hash.finalize().hex, projection: model.projection)
  }
}

/// Labels and rows of the items that training may see.
private struct Problem {
  let classNames: [String]
  let trainingItems: [LabelledFeatures.Item]
  let validationItems: [LabelledFeatures.Item]
  /// Training, then validation.
  let items: [LabelledFeatures.Item]
  /// Rows of the matrices, in list order, so that folds do not depend on where a store keeps rows.
  let training: [Int]
  let validation: [Int]
  /// What part of the training items the validation items are, where they were drawn.
  let validationFraction: Double?

  init(
    _ data: LabelledFeatures, _ partition: Partition, isEstimated: Bool = true
  ) throws(TrainingError) {
    trainingItems = partition.training.map { data.items[$0] }
    validationItems = partition.validation.map { data.items[$0] }
    items = trainingItems + validationItems
    training = trainingItems.map(\.row)
    validation = validationItems.map(\.row)
    validationFraction = partition.validationFraction
    classNames = try partition.trainableClasses(data.items, isEstimated: isEstimated)
  }

  /// Whether the last fit is to training and validation items.
  func isRefitted(_ settings: TrainingSettings) -> Bool { !validation.isEmpty && settings.refits }

  /// Training items of each class, without those for validation.
  var trainingCounts: [Int] {
    var counts = [Int](repeating: 0, count: classNames.count)
    for label in trainingItems.classIndices(classNames) { counts[label] += 1 }
    return counts
  }

  /// A label for each row of a matrix; 0 where no item that training may see has the row.
  func labelsByRow(_ rows: Int) -> [Int] {
    var labels = [Int](repeating: 0, count: rows)
    for (item, label) in zip(items, items.classIndices(classNames)) { labels[item.row] = label }
    return labels
  }

  /// Contents, classes, groups, weights other than 1 and rows of items, in their order.
  func signature(_ items: [LabelledFeatures.Item]) -> JSONValue {
    var hash = SHA256()
    for item in items {
      let fields: [JSONValue] =
        [
          .integer(item.row), .string(item.contentHash), .string(item.label ?? ""),
          item.group.map(JSONValue.string) ?? .null,
        ] + (item.weight == 1 ? [] : [.number(item.weight)])
      hash.update(Array(JSONValue.array(fields).canonical.utf8))
    }
    return .string(hash.finalize().hex)
  }

  func groupsByRow(_ rows: Int) -> [Int]? {
    guard let groups = items.groupIndices else { return nil }
    var byRow = [Int](repeating: 0, count: rows)
    for (item, group) in zip(items, groups) { byRow[item.row] = group }
    return byRow
  }
}
