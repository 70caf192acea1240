// The baseline of k nearest neighbors for every column.

import TapFeatures
import TapKernels
import TapMetrics
import TapSelection
import TapTensors
import TapTraining

extension ComparisonRunner {
  /// The predictions of k nearest neighbors in one column, before they are compared with the best entry.
  struct NeighborPredictions {
    let candidates: [NeighborBaseline.Candidate]
    let chosen: NeighborBaseline.Candidate
    /// The predictions of the held-out rows, in their order.
    let predictions: [Int]
  }

  /// The predictions in every column, for the rows that judged the entries; empty unless the baseline is compared.
  ///
  /// With repeated cross-validation, the folds are those of the first repeat.
  ///
  /// - Throws: ``TrainingError``.
  func neighborPredictions(
    _ winner: TrainedModel, _ data: LabeledFeatures
  ) throws(TrainingError) -> [NeighborPredictions] {
    guard comparesNeighbors else { return [] }
    let selection = winner.chosen.selection
    let labels = winner.labels(in: data)
    let parts = try judgingParts(winner, data)
    precondition(
      parts.flatMap(\.validation) == selection.heldOut, "other rows than those that judged the entries")
    let least = parts.map(\.training.count).min() ?? 1
    let ks = NeighborBaseline.tried.filter { $0 <= least }
    let expected = labels.classes(of: selection.heldOut)
    let groups = heldOutGroups(of: selection, winner, data)
    var found: [NeighborPredictions] = []
    for candidate in data.candidates {
      var predictions = [[Int]](repeating: [], count: ks.count)
      for part in parts {
        let own = NeighborBaseline.predictions(
          candidate.features, training: part.training, heldOut: part.validation, labels: labels.values,
          classCount: winner.classNames.count, ks: ks, threads: threads ?? Threads.available)
        for index in ks.indices { predictions[index] += own[index] }
        if Cancellation.isRequested { throw .selection(.interrupted) }
      }
      let candidates = zip(ks, predictions).map { k, predictions in
        NeighborBaseline.Candidate(
          k: k, accuracy: Proportion(zip(predictions, expected).map { $0 == $1 }, groups: groups))
      }
      var best = 0
      for index in candidates.indices
      where candidates[index].accuracy.successes > candidates[best].accuracy.successes { best = index }
      found.append(
        NeighborPredictions(
          candidates: candidates, chosen: candidates[best], predictions: predictions[best]))
    }
    return found
  }

  /// The parts that judged the entries: the validation part, or the folds.
  private func judgingParts(
    _ winner: TrainedModel, _ data: LabeledFeatures
  ) throws(TrainingError) -> [Split] {
    let partition = winner.partition
    func rows(_ indices: [Int]) -> [Int] {
      indices.map { data.items[$0] }.filter { $0.weight > 0 }.map(\.row)
    }
    let trainingRows = rows(partition.training)
    guard partition.validation.isEmpty else {
      return [Split(training: trainingRows, validation: rows(partition.validation))]
    }
    let labels = winner.labels(in: data).classes(of: trainingRows)
    // The numbers of groups are those of all training images, as in the search for C.
    let groups = partition.training.map { data.items[$0].image }.groupIndices.map { groups in
      zip(partition.training, groups).filter { data.items[$0.0].weight > 0 }.map(\.1)
    }
    let folds: [Split]
    do {
      folds = try Splits.stratifiedFolds(
        labels: labels, classCount: winner.classNames.count,
        folds: max(2, min(settings[0].folds, partition.training.count)), seed: settings[0].seed, groups: groups)
    } catch { throw TrainingError(error, classNames: winner.classNames) }
    return folds.map { fold in
      Split(
        training: fold.training.map { trainingRows[$0] }, validation: fold.validation.map { trainingRows[$0] })
    }
  }

  /// The baselines, compared with the best entry.
  ///
  /// - Parameter adjusted: the corrected p-values.
  func baselines(
    _ found: [NeighborPredictions], _ pairs: [PairedComparison], _ adjusted: [Double],
    _ data: LabeledFeatures, milliseconds: [Double?]
  ) -> [NeighborBaseline] {
    found.indices.map { index in
      NeighborBaseline(
        name: data.candidates[index].name,
        dimensions: data.candidates[index].features.columns,
        candidates: found[index].candidates, chosen: found[index].chosen, milliseconds: milliseconds[index],
        againstBest: pairs[index], adjustedPValue: adjusted[index])
    }
  }
}
