// The cost of a comparison's choices, known before the choices are made.

import TapTraining

extension ComparisonRunner {
  /// The cost of the choice of C in ``choose(_:_:progress:)``.
  ///
  /// - Throws: ``TrainingError`` for data that cannot be trained on.
  public func searchEstimate(
    _ data: LabeledFeatures, _ partition: Partition
  ) throws(TrainingError) -> SearchEstimate {
    var estimates: [SearchEstimate] = []
    for trainer in trainers { estimates.append(try trainer.searchEstimate(data, partition)) }
    return SearchEstimate(estimates)
  }
}
