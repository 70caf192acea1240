// The search for C: a path of fits from strong to weak regularization, evaluated on held-out rows. Each fit starts at
// the last one if that saves its solver steps. Features are shared, never copied: a fold is a list of row indices.

import TapKernels
import TapLinear
import TapMetrics
import TapTensors

/// Chooses C for a linear model.
///
/// Scalers and principal components are fitted to the training rows of each fold, never to held-out rows. Test rows are
/// not an input.
package struct RegularizationSearch: Sendable {
  /// The settings of every fit, except `c`, which is ignored. A model without C is evaluated without a search.
  package var model: LinearModel
  /// Values of C to try, in any order, finite and above 0.
  package var candidates: [Double]
  /// The search stops after this many values in a row, over at least two decades, without a better one, if with each of
  /// them every fold's training loss is below a tenth of the least loss with intercepts alone; nil tries all. A value
  /// is better by the criterion, or with a smaller log loss while the best one's is above 0.01. By balanced accuracy
  /// and macro F1 all are tried.
  ///
  /// Fits with large C are slow, and on rows that are fitted this closely they only stretch the weights. (With small C
  /// accuracy may stay constant for decades before it rises, so the lack of a new best alone proves nothing. A loss
  /// that is small compared with the loss at W = 0 and b = 0 proves nothing either: with rare classes, and with many
  /// one-versus-rest classes, an intercept alone reaches a few percent of that loss.)
  package var patience: Int?
  /// The number of folds, from 2 to the number of rows.
  package var folds: Int
  /// The seed of the assignment of rows to folds.
  package var seed: UInt64
  /// The rule that chooses one of the values.
  package var rule = SelectionRule.best
  /// The criterion that compares values.
  package var criterion = SelectionCriterion.accuracy
  /// The weight of each row of the features in every fit, finite and at least 0; nil for 1 each. Accuracies and log
  /// losses count each held-out row once. Rows of weight 0 are ignored: neither fitted to nor held out.
  package var sampleWeights: [Double]?
  /// The number of times that rows are divided into folds, at least 1: repeats average out the luck of one division.
  /// The time is multiplied by it.
  package var repeats = 1
  /// The relative duality gap of the fits of the search, if the model's own is not looser. With nil, fits of logistic
  /// regressions under L2 end once no further step is likely to change their predictions of held-out rows, or their log
  /// loss by more than about a part in a thousand. Those that do not settle end at a thousandth of the model's own
  /// tolerance, at least 1e-12; other models at 1e-7. By log loss nothing ends before that.
  package var searchTolerance: Double?
  /// 10⁻⁵ to 10⁴, two values in each decade. The best C of published linear probes ranges from 0.005 to 1,000, and more
  /// standardized features make it smaller; the path is warm-started and stops when it is past the peak.
  package static let automaticCandidates: [Double] = [
    1e-5, 3.16e-5, 1e-4, 3.16e-4, 1e-3, 3.16e-3, 0.01, 0.0316, 0.1, 0.316, 1, 3.16, 10, 31.6, 100, 316, 1000,
    3160, 10000,
  ]

  /// Receives the number of fits since the last call; called from any thread.
  package var progress: @Sendable (Int) -> Void = { _ in }

  /// A search with these settings; checked when it runs.
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
  ///   - rows: the rows to use; nil for all.
  ///   - labels: one for each row of `features`, in `0..<classCount`.
  ///   - groups: one for each row of `features`; rows of one group are held out together.
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

  /// Chooses C by stratified cross-validation, as ``crossValidation(_:rows:labels:classCount:groups:)``, then fits to
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
  /// - Parameter split: the rows of `features` to fit on, and to choose by. Other rows are ignored.
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

  /// Chooses C by a validation part, then fits.
  ///
  /// - Parameter refit: whether to fit again to both parts with the chosen C; otherwise the model is fitted to the
  ///   training part only.
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

  /// Scores of rows from models that were not fitted on them, with the C of a selection: for every row of the first
  /// repeat's folds, or of a validation part.
  ///
  /// - Parameters:
  ///   - rows: the rows of the selection.
  ///   - validation: the validation part, if there is one.
  /// - Returns: rows, the fold that held each out (nil with a validation part), `[rows, classes]`, and whether every
  ///   fit reached its tolerance.
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

  /// Rows without those of weight 0.
  private func weighted(_ rows: [Int]) -> [Int] {
    guard let sampleWeights else { return rows }
    // The fit reports errors in the weights.
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

/// Scores of rows from models that were not fitted on them.
package struct HeldOutScores: Sendable {
  package fileprivate(set) var rows: [Int] = []
  /// The fold that held each row out, from 0; nil with a validation part.
  package fileprivate(set) var folds: [Int]?
  /// `[rows, classes]`.
  package fileprivate(set) var scores: [Double] = []
  /// Whether every fit reached its tolerance.
  package fileprivate(set) var isConverged = true
}
