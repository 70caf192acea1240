// The correction of the best entry's accuracy for the luck of the choice.

import TapFeatures
import TapKernels
import TapMetrics
import TapSelection
import TapTraining

extension ComparisonRunner {
  /// The corrected accuracy of the best entry; nil for a single entry, and for a choice by the log loss.
  ///
  /// The models of the choice are all columns under all classifiers, and all combinations that were tried. Combinations
  /// inherit luck from the column that they extend.
  ///
  /// - Throws: ``TrainingError`` if the work is interrupted.
  func correctedAccuracy(
    _ choice: Choice, _ data: LabeledFeatures
  ) throws(TrainingError) -> CorrectedAccuracy? {
    let winner = choice.winner
    let best = winner.chosen.selection
    guard choice.tried > 1, best.criterion != .logLoss else { return nil }
    let isCrossValidated = if case .crossValidation = best.method { true } else { false }
    let columns = choice.models[0].results.indices
    var tried = columns.flatMap { column in choice.models.map { $0.results[column].selection } }
    let (extensions, places) = extensions(of: choice)
    for combination in choice.combinations { tried += combination.trials }
    let corrected = CorrectedAccuracy(
      labels: winner.labels(in: data).classes(of: best.heldOut), predictions: tried.map(\.predictions),
      best: choice.bestCombination == nil ? choice.bestEntryIndex : places[choice.best - choice.models.count],
      accuracy: best.chosen.accuracy.value, criterion: best.criterion,
      classCount: winner.classNames.count, groups: heldOutGroups(of: best, winner, data),
      isCrossValidated: isCrossValidated, extensions: extensions, threads: threads ?? Threads.available)
    if Cancellation.isRequested { throw .selection(.interrupted) }
    return corrected
  }

  /// The combinations as extensions of earlier choices, and the index of each chosen combination. The models are
  /// numbered as columns under all classifiers, followed by the trials of each combination.
  private func extensions(of choice: Choice) -> (extensions: [ModelExtension], places: [Int]) {
    let kinds = choice.models.count
    var next = choice.models[0].results.count * kinds
    var extensions: [ModelExtension] = []
    var places: [Int] = []
    for combination in choice.combinations {
      let models = next..<next + combination.trials.count
      if combination.columns.count == 2 {
        let kind = combination.kind
        extensions.append(
          ModelExtension(
            models: models, extended: combination.columns[0] * kinds + kind,
            rivals: choice.models[0].results.indices.map { $0 * kinds + kind }))
      } else {
        // The combinations of one classifier follow each other, from the smallest to the largest.
        extensions.append(
          ModelExtension(
            models: models, extended: places[places.count - 1],
            rivals: Array(extensions[extensions.count - 1].models)))
      }
      places.append(models.lowerBound + combination.chosenTrial)
      next = models.upperBound
    }
    return (extensions, places)
  }

  /// The group of each held-out row; nil without groups.
  func heldOutGroups(of selection: Selection, _ winner: TrainedModel, _ data: LabeledFeatures) -> [Int]? {
    let items = (winner.partition.training + winner.partition.validation).map { data.items[$0] }
    return items.images.groupIndices.map { groups in
      let byRow = Dictionary(uniqueKeysWithValues: zip(items.map(\.row), groups))
      return selection.heldOut.compactMap { byRow[$0] }
    }
  }
}
