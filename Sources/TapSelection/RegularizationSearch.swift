// The search for C: a path of fits from strong to weak regularisation, each from where the last ended if that
// saves its solver anything, judged by rows that were held out. Features are shared, never copied: a fold is a list of row indices.

import TapKernels
import TapLinear
import TapMetrics
import TapTensors

/// Chooses C for a linear model.
///
/// Scalers and principal components are fitted to the training rows of each fold, never to rows that judge. Test rows have no way in.
public struct RegularizationSearch: Sendable {
  /// Settings of every fit; its `c` is not looked at. A model without C is judged, and nothing is searched for.
  public var model: LinearModel
  /// Values of C to try, in any order, finite and above 0.
  public var candidates: [Double]
  /// The search stops after this many values in a row, over two decades at least, without a better one, with each of which every
  /// fold's training loss is below a tenth of what intercepts alone leave; nil tries all. Better is better by the criterion, or with a
  /// smaller log loss, as long as the best one's is above 0.01. By balanced accuracy and macro F1 all are tried.
  ///
  /// Fits with large C are the slow ones, and on rows that are fitted that closely they only stretch the weights. (With
  /// small C accuracy may rest for decades before it rises, so lack of a new best alone proves nothing. A loss small beside
  /// that at W = 0 and b = 0 proves nothing either: of rare classes, and of many classes one against the rest, an intercept
  /// alone leaves a few percent of that.)
  public var patience: Int?
  /// From 2 to the number of rows.
  public var folds: Int
  /// Decides which rows share a fold.
  public var seed: UInt64
  /// Which of the values is chosen.
  public var rule = SelectionRule.best
  /// What values are compared by.
  public var criterion = SelectionCriterion.accuracy
  /// How much each row of the features counts in every fit, finite and at least 0; nil for 1 each. Accuracies and log losses
  /// count the rows held out once each; rows of weight 0 are as if they were not there, neither fitted to nor held out.
  public var sampleWeights: [Double]?
  /// How many times rows are dealt into folds anew, at least 1: averages out the luck of one division. Costs as many times
  /// the time.
  public var repeats = 1
  /// The relative duality gap of the fits on the way, if the model's own is not looser. Nil: fits of logistic regressions under L2 end
  /// once no more step is likely to change what they predict for the rows held out, or their log loss by more than about a
  /// part in a thousand; those that do not at a thousandth of the model's own, at least 1e-12; others at 1e-7. By log loss nothing ends
  /// before that.
  public var searchTolerance: Double?
  /// 10⁻⁵ to 10⁴, two a decade. The best C of published linear probes runs from 0.005 to 1,000, and standardised
  /// features move it down with their number; the path is warm-started and stops when it is past the peak.
  public static let automaticCandidates: [Double] = [
    1e-5, 3.16e-5, 1e-4, 3.16e-4, 1e-3, 3.16e-3, 0.01, 0.0316, 0.1, 0.316, 1, 3.16, 10, 31.6, 100, 316, 1000,
    3160, 10000,
  ]

  /// Told how many fits were done since the last call; from any thread.
  package var progress: @Sendable (Int) -> Void = { _ in }

  /// A search with these settings; checked when it runs.
  public init(
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
  ///   - labels: one a row of `features`, in `0..<classCount`.
  ///   - groups: one a row of `features`; rows of one group are held out together.
  /// - Throws: ``SelectionError``.
  public func crossValidation(
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

  /// Chooses C by stratified cross-validation, as ``crossValidation(_:rows:labels:classCount:groups:)``, then fits to all rows.
  public func crossValidated(
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
  /// - Parameter split: rows of `features` to fit on, and to choose by. Other rows are not looked at.
  /// - Throws: ``SelectionError``.
  public func validation(
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
  /// - Parameter refit: whether to fit again to both parts with the chosen C; otherwise the model knows the training part only.
  /// - Throws: ``SelectionError``.
  public func validated(
    _ features: MatrixView, split: Split, labels: [Int], classCount: Int, refit: Bool = true
  ) throws(SelectionError) -> SelectedModel {
    let selection = try validation(features, split: split, labels: labels, classCount: classCount)
    let rows = refit ? (split.training + split.validation).sorted() : split.training
    return SelectedModel(
      selection: selection,
      model: try fit(selection, features, rows: rows, labels: labels, classCount: classCount))
  }

  /// Scores of rows by models that were not fitted on them, with the C of a selection: of every row of the first repeat's
  /// folds, or of a validation part.
  ///
  /// - Parameters:
  ///   - rows: those that were chosen on.
  ///   - validation: the validation part, where that judged.
  /// - Returns: rows, the fold that held each out (nil with a validation part), `[rows, classes]`, and whether every fit reached its
  ///   tolerance.
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
    do {
      return try settings.fit(
        features, rows: rows, labels: labels, classCount: classCount, sampleWeights: sampleWeights,
        from: start)
    } catch {
      throw .model(error)
    }
  }

  private func checkLabelCount(_ features: MatrixView, _ labels: [Int]) throws(SelectionError) {
    guard labels.count == features.rows else {
      throw .model(.labelCount(expected: features.rows, found: labels.count))
    }
  }

  /// Rows without those of weight 0.
  private func weighted(_ rows: [Int]) -> [Int] {
    guard let sampleWeights else { return rows }
    // What has no weight is reported by the fit.
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

/// Scores of rows by models that were not fitted on them.
package struct HeldOutScores: Sendable {
  package fileprivate(set) var rows: [Int] = []
  /// The fold that held each row out, from 0; nil where a validation part did.
  package fileprivate(set) var folds: [Int]?
  /// `[rows, classes]`.
  package fileprivate(set) var scores: [Double] = []
  /// Whether every fit reached its tolerance.
  package fileprivate(set) var isConverged = true
}
