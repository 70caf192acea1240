// Nested cross-validation: cross-validation of the whole training, including its choices.

import TapClassifier
import TapMetrics
import TapSelection
import TapSettings

extension Trainer {
  /// Estimates the accuracy of this training by nested cross-validation on the training items. Test items are not used.
  ///
  /// - Parameter progress: receives the number of fits done and the maximum number of fits of all outer folds, from any
  ///   thread, one call at a time.
  /// - Throws: ``TrainingError``, for example for a class with fewer than 3 training items, and
  ///   ``TrainingError/nestedValidation`` if a validation split chooses C.
  package func nestedEstimate(
    _ data: LabeledFeatures, _ partition: Partition,
    progress: @escaping @Sendable (Int, Int) -> Void = { _, _ in }
  ) throws(TrainingError) -> NestedEstimate {
    var inner = self
    inner.settings.calibration = .none
    inner.start = nil
    let trainer = inner
    return try NestedCrossValidation(settings, threads: threads).estimate(
      data, partition, progress: progress,
      fits: { part throws(TrainingError) in try trainer.searchEstimate(data, part).fits },
      train: { part, progress throws(TrainingError) in try trainer.train(data, part, progress: progress) })
  }
}

/// Cross-validation of any training.
package struct NestedCrossValidation {
  private let settings: TrainingSettings
  private let threads: Int?

  /// - Parameter settings: the settings that give the folds and the seed.
  package init(_ settings: TrainingSettings, threads: Int?) {
    self.settings = settings
    self.threads = threads
  }

  /// Trains once for each fold and judges the model on the fold's held-out items.
  ///
  /// - Parameters:
  ///   - fits: the maximum number of fits of `train`.
  ///   - train: chooses and fits, using only the training items of a partition, and reports its fits.
  package func estimate(
    _ data: LabeledFeatures, _ partition: Partition, progress: @escaping @Sendable (Int, Int) -> Void,
    fits: (Partition) throws(TrainingError) -> Int,
    train: (Partition, @escaping @Sendable (Int, Int) -> Void) throws(TrainingError) -> TrainedModel
  ) throws(TrainingError) -> NestedEstimate {
    guard partition.validation.isEmpty else { throw .nestedValidation }
    let items = partition.training.map { data.items[$0] }
    let names = try partition.trainableClasses(data.images)
    let labels = items.images.classIndices(names)
    let groups = items.images.groupIndices
    if let small = names.indices.first(where: { name in labels.count { $0 == name } < 3 }) {
      throw .tooFewOfClass(name: names[small], count: labels.count { $0 == small }, needed: 3)
    }
    let splits: [Split]
    do {
      splits = try Splits.stratifiedFolds(
        labels: labels, classCount: names.count, folds: max(2, min(settings.folds, items.count)),
        seed: settings.seed, groups: groups)
    } catch { throw TrainingError(error, classNames: names) }
    var accuracies: [Proportion] = []
    var hits: [(item: Int, isHit: Bool)] = []
    var chosen: [NestedEstimate.Choice] = []
    let parts = splits.map { split in
      Partition(of: partition, training: split.training.map { partition.training[$0] })
    }
    var counts: [Int] = []
    for part in parts { counts.append(try fits(part)) }
    let total = counts.reduce(0, +)
    var before = 0
    for (index, split) in splits.enumerated() {
      let done = before
      let trained = try train(parts[index]) { fits, _ in progress(done + fits, total) }
      before += counts[index]
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
    progress(total, total)
    return NestedEstimate(folds: accuracies, chosen: chosen)
      .resampled(
        as: Proportion(hits.map(\.isHit), groups: groups.map { groups in hits.map { groups[$0.item] } }))
  }
}
