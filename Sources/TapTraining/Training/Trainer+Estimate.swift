// The plan of the search of a training, and the search's cost before the search begins.

import TapFormats
import TapKernels
import TapLinear
import TapSelection
import TapSettings
import TapTensors

extension Trainer {
  /// The division of the columns into columns with a known choice of C and columns to search.
  struct SearchPlan {
    /// The key of each column's choice; nil if the identity of a backbone is missing.
    let keys: [Digest?]
    /// For each column, an earlier column that holds the same numbers; nil if there is no such column.
    let equals: [Int?]
    /// The choices in the store, by the index of their column.
    let known: [Int: Selection]
    /// The indices of the columns to search.
    let open: [Int]
  }

  func plan(_ data: LabeledFeatures, _ problem: TrainingProblem) -> SearchPlan {
    let keys = keys(problem, data)
    let equals = Self.equalColumns(data.candidates.map(\.features))
    var known: [Int: Selection] = [:]
    var open: [Int] = []
    for (index, candidate) in data.candidates.enumerated() {
      let cache = data.prepared(as: candidate).selections
      if let key = keys[index],
        let kept = cache?.selection(key, labels: problem.labels, classCount: problem.classNames.count)
      {
        known[index] = kept
      } else if equals[index] == nil {
        open.append(index)
      }
    }
    return SearchPlan(keys: keys, equals: equals, known: known, open: open)
  }

  /// The cost of the choice of C in ``train(_:_:progress:)``. Columns with a choice in the store cost nothing. Columns
  /// that hold the same numbers as earlier columns cost nothing either.
  ///
  /// - Throws: ``TrainingError`` for data that cannot be trained on.
  package func searchEstimate(
    _ data: LabeledFeatures, _ partition: Partition
  ) throws(TrainingError) -> SearchEstimate {
    do { try settings.validate() } catch { throw .settings(error) }
    let problem = try TrainingProblem(data, partition, isEstimated: !mayLackEstimate(data))
    try checkMemory(data, problem)
    let plan = plan(data, problem)
    return SearchEstimate(
      settings, dimensions: plan.open.map { data.candidates[$0].features.columns }, known: plan.known.count,
      equal: data.candidates.count - plan.open.count - plan.known.count, rows: problem.training.count,
      classes: problem.classNames.count,
      isCrossValidated: problem.validation.isEmpty, threads: threads ?? Threads.available)
  }

  /// Throws an error if this machine does not have enough memory for the training.
  func checkMemory(_ data: LabeledFeatures, _ problem: TrainingProblem) throws(TrainingError) {
    let parts = problem.validation.isEmpty ? settings.folds * settings.repeats : 1
    let beside = columnsBeside(data.candidates.map(\.features))
    for candidate in data.candidates {
      try MemoryEstimate(
        rows: problem.items.count, classes: problem.classNames.count, dimensions: candidate.features.columns,
        fits: min(model.threads, parts * beside), parts: parts * beside, model: model
      ).check()
    }
  }

  /// Whether a model without an estimate of its accuracy is accepted. Such a model is accepted if there is only one
  /// column and C is given, unless an estimate is required.
  func mayLackEstimate(_ data: LabeledFeatures) -> Bool {
    !requiresEstimate && data.candidates.count == 1 && !settings.searchesC
  }

  /// The maximum number of fits of the search for one column.
  func fits(_ problem: TrainingProblem, rows: Int) -> Int {
    let search = search(problem, rows: rows)
    let parts = problem.validation.isEmpty ? search.folds * search.repeats : 1
    return parts * (model.kind.isRegularized ? search.candidates.count : 1)
  }

  /// The key of the choice of C for each column, in hexadecimal; nil if the identity of a backbone is missing.
  package func choiceKeys(
    _ data: LabeledFeatures, _ partition: Partition
  ) throws(TrainingError) -> [String?] {
    keys(try TrainingProblem(data, partition), data).map { $0?.hex }
  }

  /// The hash of everything that the choice of C for a column depends on; nil if the identity of a backbone is missing.
  private func keys(_ problem: TrainingProblem, _ data: LabeledFeatures) -> [Digest?] {
    guard data.identity != nil else { return data.candidates.map { _ in nil } }
    let (training, validation) = (
      problem.signature(problem.trainingItems), problem.signature(problem.validationItems)
    )
    return data.candidates.map { candidate in
      guard let identity = data.prepared(as: candidate).identity, !candidate.columns.isEmpty else {
        return nil
      }
      let search = search(problem, rows: candidate.features.rows)
      return SelectionCache.key(
        .object([
          "settings": settings.choiceJSON,
          "features": .object(["identity": .string(identity.hash), "columns": .array(candidate.columns.map(\.json))]),
          "search": .object([
            "candidates": .array(search.candidates.map(JSONValue.number)),
            "patience": search.patience.map(JSONValue.integer) ?? .null,
            "tolerance": search.searchTolerance.map(JSONValue.number) ?? .string("settled"),
            "folds": .integer(search.folds),
          ]),
          "training": training,
          "validation": validation,
        ]))
    }
  }
}

extension SearchEstimate {
  /// The cost for features that are not computed yet, computed from sizes alone.
  ///
  /// - Parameters:
  ///   - settings: the settings of each kind of model.
  ///   - dimensions: the dimensions of each column.
  ///   - threads: the number of threads; nil is the number of processors.
  package init(
    _ settings: [TrainingSettings], dimensions: [Int], partition: Partition, classes: Int, threads: Int?
  ) {
    self.init(
      settings.map {
        SearchEstimate(
          $0, dimensions: dimensions, rows: partition.training.count, classes: classes,
          isCrossValidated: partition.validation.isEmpty, threads: threads ?? Threads.available)
      })
  }
}
