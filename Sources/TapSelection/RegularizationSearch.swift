// The search for C: a path of fits from strong to weak regularization, evaluated on held-out rows. A fit starts from
// the last fit if this start saves solver steps. Features are shared and never copied, because a fold is a list of row
// indices.

import TapKernels
import TapLinear
import TapMetrics
import TapTensors

/// Chooses C for a linear model.
///
/// Scalers and principal components are fitted to the training rows of each fold, never to held-out rows. The search
/// does not receive test rows.
package struct RegularizationSearch: Sendable {
  /// The settings of every fit. The `c` of these settings is ignored. A model without C is evaluated without a search.
  package var model: LinearModel
  /// The values of C to try, in any order. Each value is finite and above 0.
  package var candidates: [Double]
  /// The search stops after this number of values in a row, over at least two decades, if none of these values is
  /// better than the best earlier value. A value counts only if every fold's training loss is below a tenth of the
  /// least loss with intercepts alone. A value is better if the criterion's value is better. A smaller log loss also
  /// counts as better while the best candidate's log loss is above 0.01. Nil tries all values. Balanced accuracy and
  /// macro F1 always try all values.
  ///
  /// Fits with large C are slow. On rows that are already fitted this closely, a larger C only makes the weights
  /// larger. (With small C, the accuracy may stay constant for decades of C before the accuracy rises. So for small C,
  /// the lack of a better value proves nothing. A loss that is small compared with the loss at W = 0 and b = 0 proves
  /// nothing either. With rare classes, and with many one-versus-rest classes, an intercept alone reaches a few percent
  /// of that loss.)
  package var patience: Int?
  /// The number of folds, from 2 to the number of rows.
  package var folds: Int
  /// The seed of the assignment of rows to folds.
  package var seed: UInt64
  /// The rule that chooses one of the tried values.
  package var rule = SelectionRule.best
  /// The criterion that compares the values.
  package var criterion = SelectionCriterion.accuracy
  /// The weight of each row of the features in every fit, finite and at least 0; nil gives every row the weight 1.
  /// Accuracies and log losses count each held-out row once. Rows of weight 0 are ignored: they are neither fitted to
  /// nor held out.
  package var sampleWeights: [Double]?
  /// The number of times that rows are divided into folds, at least 1. The average over several divisions depends less
  /// on chance. The time grows in proportion to this number.
  package var repeats = 1
  /// The relative duality gap at which the fits of the search end, unless the model's own tolerance is larger. With
  /// nil, a fit of a logistic regression under L2 ends early when its predictions have settled. Predictions have
  /// settled if no further step is likely to change a prediction of a held-out row, or to change the log loss of the
  /// held-out rows by more than about 0.1 %. A fit that does not settle ends at a thousandth of the model's own
  /// tolerance, or at 1e-12 if 1e-12 is larger. Fits of other models end at 1e-7, or at the model's own tolerance if
  /// that tolerance is larger. If the criterion is the log loss, no fit ends early.
  package var searchTolerance: Double?
  /// The values from 10⁻⁵ to 10⁴, two values in each decade. The best C of published linear probes ranges from 0.005 to
  /// 1,000. The more standardized features there are, the smaller the best C is. Each fit of the path starts from
  /// earlier fits, and the path stops after its peak.
  package static let automaticCandidates: [Double] = [
    1e-5, 3.16e-5, 1e-4, 3.16e-4, 1e-3, 3.16e-3, 0.01, 0.0316, 0.1, 0.316, 1, 3.16, 10, 31.6, 100, 316, 1000,
    3160, 10000,
  ]

  /// Receives the number of fits since the last call, from any thread.
  package var progress: @Sendable (Int) -> Void = { _ in }

  /// Creates a search with these settings. The search checks its settings when it runs.
  package init(
    model: LinearModel = .logistic(LogisticRegression()), candidates: [Double] = Self.automaticCandidates,
    patience: Int? = 4, folds: Int = 5, seed: UInt64 = 0
  ) {
    self.model = model
    self.candidates = candidates
    self.patience = patience
    self.folds = folds
    self.seed = seed
  }

  /// Chooses C by stratified cross-validation.
  ///
  /// - Parameters:
  ///   - features: `[n, d]`.
  ///   - rows: the rows to use; nil for all rows.
  ///   - labels: the class of each row of `features`, in `0..<classCount`.
  ///   - groups: the group of each row of `features`; rows of one group are held out together.
  /// - Throws: ``SelectionError``.
  package func crossValidation(
    _ features: MatrixView, rows: [Int]? = nil, labels: [Int], classCount: Int, groups: [Int]? = nil
  ) throws(SelectionError) -> Selection {
    try checkLabelCount(features, labels)
    if let groups, groups.count != labels.count {
      throw .groupCount(expected: labels.count, found: groups.count)
    }
    let used = weighted(try checkedRows(rows, features))
    let local = try Splits.repeatedFolds(
      labels: used.map { labels[$0] }, classCount: classCount, folds: folds, repeats: repeats, seed: seed,
      groups: groups.map { groups in used.map { groups[$0] } })
    let splits = local.map { split in
      Split(training: split.training.map { used[$0] }, validation: split.validation.map { used[$0] })
    }
    return try search(features, splits, labels, classCount, .crossValidation(folds: folds))
  }

  /// Chooses C by cross-validation with given folds.
  ///
  /// - Parameters:
  ///   - folds: the fold that holds out each row of `features`, from 0 without gaps; nil for a row that is in every
  ///     training part.
  /// - Throws: ``SelectionError``.
  package func crossValidation(
    _ features: MatrixView, folds: [Int?], labels: [Int], classCount: Int
  ) throws(SelectionError) -> Selection {
    try checkLabelCount(features, labels)
    guard folds.count == labels.count else { throw .groupCount(expected: labels.count, found: folds.count) }
    let used = weighted(Array(labels.indices))
    let given = used.compactMap { folds[$0] }
    // If a fold's number is not below the number of rows, some fold is empty.
    guard let last = given.max(), last < used.count, given.allSatisfy({ $0 >= 0 }) else {
      throw .emptyPart("validation")
    }
    let count = last + 1
    for row in used where !(0..<classCount).contains(labels[row]) {
      throw .labelOutOfRange(row: row, label: labels[row], classCount: classCount)
    }
    let splits = (0..<count).map { fold in
      Split(training: used.filter { folds[$0] != fold }, validation: used.filter { folds[$0] == fold })
    }
    guard splits.allSatisfy({ !$0.training.isEmpty }) else { throw .emptyPart("training") }
    guard splits.allSatisfy({ !$0.validation.isEmpty }) else { throw .emptyPart("validation") }
    return try search(features, splits, labels, classCount, .crossValidation(folds: count))
  }

  /// Chooses C by stratified cross-validation, like ``crossValidation(_:rows:labels:classCount:groups:)``, then fits to
  /// all rows.
  package func crossValidated(
    _ features: MatrixView, rows: [Int]? = nil, labels: [Int], classCount: Int, groups: [Int]? = nil
  ) throws(SelectionError) -> SelectedModel {
    let selection = try crossValidation(
      features, rows: rows, labels: labels, classCount: classCount, groups: groups)
    return SelectedModel(
      selection: selection,
      model: try fit(selection, features, rows: rows, labels: labels, classCount: classCount))
  }

  /// Chooses C by a validation part.
  ///
  /// - Parameter split: the rows of `features` to fit on, and the rows that judge C. Other rows are ignored.
  /// - Throws: ``SelectionError``.
  package func validation(
    _ features: MatrixView, split: Split, labels: [Int], classCount: Int
  ) throws(SelectionError) -> Selection {
    try checkLabelCount(features, labels)
    let training = weighted(try checkedRows(split.training, features))
    let validation = weighted(try checkedRows(split.validation, features))
    guard !training.isEmpty else { throw .emptyPart("training") }
    guard !validation.isEmpty else { throw .emptyPart("validation") }
    for row in validation where !(0..<classCount).contains(labels[row]) {
      throw .labelOutOfRange(row: row, label: labels[row], classCount: classCount)
    }
    return try search(
      features, [Split(training: training, validation: validation)], labels, classCount,
      .validation(rows: validation.count))
  }

  /// Chooses C by a validation part, then fits a model.
  ///
  /// - Parameter refit: whether the model is fitted again to both parts with the chosen C. If `refit` is false, the
  ///   model is fitted only to the training part.
  /// - Throws: ``SelectionError``.
  package func validated(
    _ features: MatrixView, split: Split, labels: [Int], classCount: Int, refit: Bool = true
  ) throws(SelectionError) -> SelectedModel {
    let selection = try validation(features, split: split, labels: labels, classCount: classCount)
    let rows = refit ? (split.training + split.validation).sorted() : split.training
    return SelectedModel(
      selection: selection,
      model: try fit(selection, features, rows: rows, labels: labels, classCount: classCount))
  }

  /// Scores of rows from models that were not fitted to these rows, with the C of a selection. The rows are all rows of
  /// the first repeat's folds, or the rows of a validation part.
  ///
  /// - Parameters:
  ///   - rows: the rows of the selection.
  ///   - validation: the validation part; nil if the selection has none.
  /// - Returns: the rows; the fold that held out each row (nil with a validation part); the scores, `[rows, classes]`;
  ///   whether every fit reached its tolerance.
  /// - Throws: ``SelectionError``.
  package func heldOutScores(
    _ selection: Selection, _ features: MatrixView, rows: [Int], validation: [Int]?, labels: [Int],
    classCount: Int, groups: [Int]?
  ) throws(SelectionError) -> HeldOutScores {
    let rows = weighted(rows)
    var splits = [Split(training: rows, validation: weighted(validation ?? []))]
    if validation == nil {
      splits = try Splits.stratifiedFolds(
        labels: rows.map { labels[$0] }, classCount: classCount, folds: folds, seed: seed,
        groups: groups.map { groups in rows.map { groups[$0] } }
      ).map { split in
        Split(training: split.training.map { rows[$0] }, validation: split.validation.map { rows[$0] })
      }
    }
    var held = HeldOutScores(folds: validation == nil ? [] : nil)
    for (fold, split) in splits.enumerated() {
      let fitted = try fit(selection, features, rows: split.training, labels: labels, classCount: classCount)
      do {
        held.scores += try fitted.scores(features, rows: split.validation, threads: model.threads)
      } catch { throw .model(error) }
      held.rows += split.validation
      held.folds? += split.validation.map { _ in fold }
      held.isConverged = held.isConverged && fitted.converged
    }
    return held
  }

  /// Fits with the C of a selection.
  package func fit(
    _ selection: Selection, _ features: MatrixView, rows: [Int]?, labels: [Int], classCount: Int,
    from start: WarmStart? = nil
  ) throws(SelectionError) -> FittedLinearModel {
    var settings = model
    settings.c = selection.chosen.c
    let fitted: FittedLinearModel
    do {
      fitted = try settings.fit(
        features, rows: rows, labels: labels, classCount: classCount, sampleWeights: sampleWeights,
        from: start)
    } catch {
      throw .model(error)
    }
    if Cancellation.isRequested { throw .interrupted }
    return fitted
  }

  private func checkLabelCount(_ features: MatrixView, _ labels: [Int]) throws(SelectionError) {
    guard labels.count == features.rows else {
      throw .model(.labelCount(expected: features.rows, found: labels.count))
    }
  }

  /// The given rows without the rows of weight 0.
  private func weighted(_ rows: [Int]) -> [Int] {
    guard let sampleWeights else { return rows }
    // Rows without a valid weight stay here, so that the fit reports the error.
    return rows.filter { !sampleWeights.indices.contains($0) || sampleWeights[$0] != 0 }
  }

  private func checkedRows(_ rows: [Int]?, _ features: MatrixView) throws(SelectionError) -> [Int] {
    guard let rows else { return Array(0..<features.rows) }
    for row in rows where !(0..<features.rows).contains(row) {
      throw .model(.rowOutOfRange(row: row, rows: features.rows))
    }
    return rows
  }
}

/// Scores of rows from models that were not fitted to these rows.
package struct HeldOutScores: Sendable {
  package fileprivate(set) var rows: [Int] = []
  /// The number of the fold that held out each row, from 0; nil with a validation part.
  package fileprivate(set) var folds: [Int]?
  /// The scores, `[rows, classes]`.
  package fileprivate(set) var scores: [Double] = []
  /// Whether every fit reached its tolerance.
  package fileprivate(set) var isConverged = true
}
