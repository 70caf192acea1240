// Nested cross-validation: cross-validation around the whole training, choices included.

import TapClassifier
import TapMetrics
import TapSelection
import TapSettings

extension Trainer {
  /// Estimates the accuracy of training so, by nested cross-validation on the training items. Test items are not looked at.
  ///
  /// - Parameter progress: called before each outer fold with its number, and once at the end.
  /// - Throws: ``TrainingError``, among others for a class with fewer than 3 training items, and
  ///   ``TrainingError/nestedValidation`` where there is a validation split to choose by.
  public func nestedEstimate(
    _ data: LabelledFeatures, _ partition: Partition, progress: (Int, Int) -> Void = { _, _ in }
  ) throws(TrainingError) -> NestedEstimate {
    var inner = self
    inner.settings.calibration = .none
    inner.start = nil
    return try NestedCrossValidation(settings, threads: threads).estimate(
      data, partition, progress: progress
    ) { part throws(TrainingError) in
      try inner.train(data, part)
    }
  }
}

/// Cross-validation around whatever trains.
struct NestedCrossValidation {
  private let settings: TrainingSettings
  private let threads: Int?

  /// - Parameter settings: folds and seed count.
  init(_ settings: TrainingSettings, threads: Int?) {
    self.settings = settings
    self.threads = threads
  }

  /// - Parameter train: chooses and fits on the training items of a partition alone.
  func estimate(
    _ data: LabelledFeatures, _ partition: Partition, progress: (Int, Int) -> Void,
    train: (Partition) throws(TrainingError) -> TrainedModel
  ) throws(TrainingError) -> NestedEstimate {
    guard partition.validation.isEmpty else { throw .nestedValidation }
    let items = partition.training.map { data.items[$0] }
    let names = try partition.trainableClasses(data.items)
    let labels = items.classIndices(names)
    if let small = names.indices.first(where: { name in labels.count { $0 == name } < 3 }) {
      throw .tooFewOfClass(name: names[small], count: labels.count { $0 == small }, needed: 3)
    }
    let splits: [Split]
    do {
      splits = try Splits.stratifiedFolds(
        labels: labels, classCount: names.count, folds: max(2, min(settings.folds, items.count)),
        seed: settings.seed,
        groups: items.groupIndices)
    } catch { throw TrainingError(error, classNames: names) }
    var accuracies: [Proportion] = []
    var hits: [(item: Int, isHit: Bool)] = []
    var chosen: [NestedEstimate.Choice] = []
    for (index, split) in splits.enumerated() {
      progress(index, splits.count)
      let inner = Partition(of: partition, training: split.training.map { partition.training[$0] })
      let trained = try train(inner)
      let predictions: [Int]
      do {
        predictions = try trained.model.predictions(
          trained.chosen.candidate.features, rows: split.validation.map { items[$0].row },
          threads: threads)
      } catch { throw .selection(.model(error)) }
      accuracies.append(
        ClassificationMetrics.accuracy(
          labels: split.validation.map { labels[$0] }, predictions: predictions))
      hits += zip(split.validation, predictions).map { ($0, labels[$0] == $1) }
      chosen.append(
        NestedEstimate.Choice(
          column: trained.chosen.candidate.name, c: trained.model.c,
          converged: trained.model.converged && trained.chosen.selection.chosen.converged))
    }
    progress(splits.count, splits.count)
    let groups = items.groupIndices.map { groups in hits.map { groups[$0.item] } }
    return NestedEstimate(folds: accuracies, chosen: chosen)
      .resampled(as: Proportion(hits.map(\.isHit), groups: groups))
  }
}
