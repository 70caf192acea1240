// The correction of the best entry's accuracy for the luck of the choice.

import TapFeatures
import TapKernels
import TapMetrics
import TapSelection
import TapTraining

extension ComparisonRunner {
  /// The corrected accuracy of the best entry; nil for a single entry, and for a choice by the log loss.
  ///
  /// - Throws: ``TrainingError`` if the work is interrupted.
  func correctedAccuracy(
    _ entries: [Comparison.Entry], _ bestIndex: Int, _ winner: TrainedModel, _ data: LabeledFeatures
  ) throws(TrainingError) -> CorrectedAccuracy? {
    let best = entries[bestIndex].selection
    guard entries.count > 1, best.criterion != .logLoss else { return nil }
    let isCrossValidated = if case .crossValidation = best.method { true } else { false }
    let corrected = CorrectedAccuracy(
      labels: winner.labels(in: data).classes(of: best.heldOut),
      predictions: entries.map(\.selection.predictions), best: bestIndex,
      accuracy: entries[bestIndex].accuracy.value, criterion: best.criterion,
      classCount: winner.classNames.count, groups: heldOutGroups(of: best, winner, data),
      isCrossValidated: isCrossValidated,
      threads: threads ?? Threads.available)
    if Cancellation.isRequested { throw .selection(.interrupted) }
    return corrected
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
