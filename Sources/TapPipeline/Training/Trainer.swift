// From labelled features to a fitted model: the column and C are chosen on training data alone, then
// the model is fitted to all of it.

import TapClassifier
import TapFormats
import TapKernels
import TapLinear
import TapMetrics
import TapReports
import TapSelection
import TapTensors

/// Trains a linear model on one of several columns.
public struct Trainer: Sendable {
  /// The kind of model.
  public var classifier: ClassifierKind
  /// How a logistic regression tells more than two classes apart.
  public var multiClass = MultiClass.multinomial
  /// What keeps weights small.
  public var penalty = Penalty.l2
  /// The solver of a logistic regression.
  public var solver = LogisticSolver.automatic
  /// The loss of an SVM; a logistic regression has none to choose.
  public var hingeLoss: HingeLoss
  /// A fixed C; nil chooses it. A nearest mean has none.
  public var c: Double?
  /// How features are scaled before training.
  public var standardization: Standardization
  /// What happens to features before they are scaled; principal components are those of each fold's training rows.
  public var transform = FeatureTransform.none
  /// How much a class counts.
  public var classWeights: ClassWeights
  /// Folds of the cross-validation where there is no validation split; with fewer training images, one each.
  public var folds: Int
  /// Of the folds.
  public var seed: UInt64
  /// Which of the values of C is taken.
  public var rule = SelectionRule.best
  /// How many times training images are dealt into folds anew, at least 1.
  public var repeats = 1
  /// A classifier of the same features at whose weights the last fit begins; nil begins at 0. Fits that judge begin at 0: an
  /// earlier model may have seen the rows that they hold out.
  public var start: Classifier?
  /// Whether the model chosen by a validation split is fitted again to training and validation data.
  public var refit: Bool
  /// Whether, and how, probabilities are calibrated, on scores of images that the models that gave them were not fitted on.
  public var calibration = CalibrationMethod.none
  /// Nil is the number of cores that this process may use.
  public var threads: Int?

  /// A trainer that chooses C unless it is given.
  public init(
    classifier: ClassifierKind = .logistic, hingeLoss: HingeLoss = .squaredHinge, c: Double? = nil,
    standardization: Standardization = .automatic, classWeights: ClassWeights = .uniform,
    folds: Int = 5, seed: UInt64 = 0, refit: Bool = true, threads: Int? = nil
  ) {
    self.classifier = classifier
    self.hingeLoss = hingeLoss
    self.c = c
    self.standardization = standardization
    self.classWeights = classWeights
    self.folds = folds
    self.seed = seed
    self.refit = refit
    self.threads = threads
  }

  /// Chooses a column and C by the accuracy on held-out training data, and fits the model.
  ///
  /// Of equally accurate columns the one with the smallest log loss wins, where there is none the first. Test items are not looked at.
  ///
  /// - Parameter progress: called before each column with its number, and once at the end.
  /// - Throws: ``TrainingError``.
  public func train(
    _ data: LabelledFeatures, _ partition: Partition, progress: (Int, Int) -> Void = { _, _ in }
  ) throws(TrainingError) -> TrainedModel {
    let problem = try Problem(data, partition)
    let parts = problem.validation.isEmpty ? folds * repeats : 1
    for candidate in data.candidates {
      try MemoryEstimate(
        rows: problem.items.count, classes: problem.classNames.count, dimensions: candidate.features.columns,
        fits: min(threads ?? Threads.available, parts), parts: parts, kind: classifier, penalty: penalty,
        transform: transform
      ).check()
    }
    var results: [TrainedModel.ColumnResult] = []
    var searchedColumns = 0
    for (index, candidate) in data.candidates.enumerated() {
      progress(index, data.candidates.count)
      let key = key(of: candidate, problem, data)
      let selection: Selection
      if let key, let kept = data.selections?.selection(key, rows: candidate.features.rows) {
        selection = kept
      } else {
        selection = try select(candidate.features, problem)
        searchedColumns += 1
        if let key { data.selections?.keep(selection, key: key) }
      }
      results.append(TrainedModel.ColumnResult(candidate: candidate, selection: selection))
    }
    progress(data.candidates.count, data.candidates.count)
    var best = 0
    for index in results.indices where results[index].isBetter(than: results[best]) { best = index }
    let fitted = try fit(results[best], problem)
    let calibrated = try calibrate(results[best], problem)
    return TrainedModel(
      partition: partition, classNames: problem.classNames, results: results, chosenIndex: best,
      model: fitted, calibration: calibrated?.calibration,
      isCalibrationConverged: calibrated?.isConverged ?? true, searchedColumns: searchedColumns,
      summary: summary(of: results[best].selection, fitted, problem))
  }

  /// The settings of every fit.
  var model: LinearModel {
    switch classifier {
    case .logistic:
      .logistic(
        LogisticRegression(
          multiClass: multiClass, penalty: penalty, solver: solver, standardization: standardization,
          classWeights: classWeights, threads: threads, transform: transform))
    case .svm:
      .svm(
        LinearSVM(
          loss: hingeLoss, penalty: penalty, standardization: standardization, classWeights: classWeights,
          threads: threads, transform: transform))
    case .nearestMean:
      .nearestMean(NearestMean(standardization: standardization, threads: threads, transform: transform))
    }
  }

  /// - Parameter rows: of the feature matrix.
  private func search(_ problem: Problem, rows: Int) -> RegularizationSearch {
    var search = RegularizationSearch(
      model: model, folds: max(2, min(folds, problem.training.count)), seed: seed)
    search.rule = rule
    search.repeats = repeats
    search.sampleWeights = problem.items.weightsByRow(rows)
    if let c { search.candidates = [c] }
    // Nothing to weigh the losses against.
    if penalty == .none, classifier.isRegularized { search.candidates = [1] }
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
    let isRefitted = !problem.validation.isEmpty && refit
    do {
      return try search(problem, rows: features.rows).fit(
        result.selection, features,
        rows: isRefitted ? (problem.training + problem.validation).sorted() : problem.training,
        labels: problem.labelsByRow(features.rows), classCount: problem.classNames.count,
        from: start?.warmStart(for: problem.classNames))
    } catch { throw TrainingError(error, classNames: problem.classNames) }
  }

  /// Fits the folds of the choice again with the chosen C, for the scores that it did not keep.
  private func calibrate(
    _ result: TrainedModel.ColumnResult, _ problem: Problem
  ) throws(TrainingError) -> (calibration: Calibration, isConverged: Bool)? {
    guard calibration != .none else { return nil }
    let features = result.candidate.features
    let labels = problem.labelsByRow(features.rows)
    do {
      let held = try search(problem, rows: features.rows).heldOutScores(
        result.selection, features, rows: problem.training,
        validation: problem.validation.isEmpty ? nil : problem.validation, labels: labels,
        classCount: problem.classNames.count, groups: problem.groupsByRow(features.rows))
      let found = calibration.calibration(
        of: classifier == .logistic ? multiClass : classifier.multiClass, scores: held.scores,
        labels: held.rows.map { labels[$0] },
        classCount: problem.classNames.count)
      return found.map { ($0, held.isConverged) }
    } catch { throw TrainingError(error, classNames: problem.classNames) }
  }

  /// Everything that the choice of C for a column depends on; nil without a backbone's identity.
  private func key(
    of candidate: LabelledFeatures.Candidate, _ problem: Problem, _ data: LabelledFeatures
  ) -> Digest? {
    guard let identity = data.identity, let column = candidate.column else { return nil }
    let search = search(problem, rows: candidate.features.rows)
    // Left out where they are what they always were, so that earlier choices are found again.
    var further: [String: JSONValue] = [:]
    if classifier == .logistic, multiClass != .multinomial {
      further["multiClass"] = .string(multiClass.rawValue)
    }
    if transform != .none { further["transform"] = transform.json }
    if penalty != .l2, classifier.isRegularized { further["penalty"] = penalty.json }
    if rule != .best { further["rule"] = .string(rule.rawValue) }
    if repeats > 1, problem.validation.isEmpty { further["repeats"] = .integer(repeats) }
    return SelectionCache.key(
      .object(
        further.merging([
          "identity": .string(identity.hash), "column": column.json,
          "classifier": .string(classifier.rawValue), "loss": .string(model.lossName),
          "standardization": .string(standardization.resolved(after: transform).rawValue),
          "classWeights": .bool(classWeights != .uniform),
          "c": .array(model.c == nil ? [] : search.candidates.map(JSONValue.number)),
          "patience": .integer(search.patience ?? 0), "tolerance": .number(search.searchTolerance),
          "folds": .integer(problem.validation.isEmpty ? search.folds : 0), "seed": .string("\(seed)"),
          "training": problem.signature(problem.trainingItems),
          "validation": problem.signature(problem.validationItems),
        ]) { $1 }))
  }

  private func summary(
    of selection: Selection, _ model: FittedLinearModel, _ problem: Problem
  ) -> TrainingSummary {
    let isRefitted = !problem.validation.isEmpty && refit
    let fitted = isRefitted ? problem.items : problem.trainingItems
    var method =
      switch selection.method {
      case .crossValidation(let folds): "\(folds)-fold cross-validation"
      case .validation: "validation split"
      }
    if let fraction = problem.validationFraction {
      method += ", \(NumberText.percent(fraction)) % of the training images"
    }
    if selection.repeats > 1 { method += ", \(selection.repeats) repeats" }
    if selection.rule == .oneStandardError, classifier.isRegularized { method += ", one-standard-error rule" }
    var hash = SHA256()
    for item in fitted {
      let weight = item.weight == 1 ? "" : " \(item.weight)"
      hash.update(Array("\(item.contentHash) \(item.label ?? "")\(weight)\n".utf8))
    }
    var counts = [Int](repeating: 0, count: problem.classNames.count)
    for label in fitted.classIndices(problem.classNames) { counts[label] += 1 }
    return TrainingSummary(
      classifier: classifier, multiClass: model.multiClass, penalty: classifier.isRegularized ? penalty : .l2,
      loss: self.model.lossName,
      solver: model.solver.rawValue, c: model.c,
      standardization: standardization.resolved(after: transform).rawValue,
      classWeights: classWeights == .uniform || !classifier.isRegularized ? "none" : "balanced",
      objective: model.objective,
      gap: model.gap, iterations: model.iterations, converged: model.converged, selection: method,
      estimates: selection.candidates.map { TrainingSummary.Estimate(c: $0.c, accuracy: $0.accuracy) },
      seed: seed, classCounts: counts, dataHash: hash.finalize().hex,
      projection: model.projection)
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

  init(_ data: LabelledFeatures, _ partition: Partition) throws(TrainingError) {
    trainingItems = partition.training.map { data.items[$0] }
    validationItems = partition.validation.map { data.items[$0] }
    items = trainingItems + validationItems
    training = trainingItems.map(\.row)
    validation = validationItems.map(\.row)
    validationFraction = partition.validationFraction
    classNames = try partition.trainableClasses(data.items)
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
