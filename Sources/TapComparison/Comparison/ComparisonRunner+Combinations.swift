// Combinations of columns: the best column of a kind of model, and further columns beside it that are added one at a
// time.

import TapKernels
import TapSelection
import TapTraining

extension ComparisonRunner {
  /// The best combination of one size, found by adding one column to the best smaller combination.
  struct Combination: Sendable {
    /// The index of the kind of model.
    let kind: Int
    /// The indices of the columns, in the order in which they were added.
    let columns: [Int]
    /// The model of the combination. It has no results of other combinations.
    let model: TrainedModel
    /// The results of all combinations that were tried for this size.
    let trials: [Selection]
    /// The index of this combination in ``trials``.
    let chosenTrial: Int
    /// The number of searches for C.
    let searched: Int
  }

  /// Adds columns to the best column of each kind of model, by the criterion on held-out rows.
  ///
  /// The method is greedy forward selection. Each step tries every other column beside those that are already chosen. A
  /// further step follows only if the last step improved the criterion. Columns of another variant (backbone or way to
  /// resize) are not tried, because a model file has one backbone. In a tie, the smallest log loss is chosen, then the
  /// first column.
  ///
  /// The features of as many combinations as there are threads are in memory at once.
  ///
  /// - Parameters:
  ///   - singles: the models of each kind, with the results of all columns.
  ///   - progress: receives the index of a kind and the number of combinations that were just tried for it.
  /// - Throws: ``TrainingError``.
  func combinations(
    _ singles: [TrainedModel], _ data: LabeledFeatures, _ partition: Partition,
    _ progress: (_ kind: Int, _ combinations: Int) -> Void
  ) throws(TrainingError) -> [Combination] {
    guard combinedColumns > 1 else { return [] }
    var found: [Combination] = []
    for (kind, trainer) in trainers.enumerated() {
      var columns = [singles[kind].chosenIndex]
      var best = singles[kind]
      while columns.count < combinedColumns {
        guard let next = try extended(columns, kind, trainer, data, partition, progress) else { break }
        found.append(next)
        guard next.model.chosen.selection.chosen.hasBetterScore(than: best.chosen.selection.chosen) else { break }
        (columns, best) = (next.columns, next.model)
      }
    }
    return found
  }

  /// The best combination of these columns with one further column; nil if there is no further column.
  private func extended(
    _ columns: [Int], _ kind: Int, _ trainer: Trainer, _ data: LabeledFeatures, _ partition: Partition,
    _ progress: (_ kind: Int, _ combinations: Int) -> Void
  ) throws(TrainingError) -> Combination? {
    let variant = data.candidates[columns[0]].variant?.name
    let others = data.candidates.indices.filter {
      !columns.contains($0) && data.candidates[$0].variant?.name == variant
    }
    let beside = max(1, threads ?? Threads.available)
    var best: (model: TrainedModel, trial: Int)?
    var trials: [Selection] = []
    var searched = 0
    for start in stride(from: 0, to: others.count, by: beside) {
      let candidates = others[start..<min(start + beside, others.count)].map { other in
        LabeledFeatures.Candidate(joining: (columns + [other]).map { data.candidates[$0] })
      }
      let model = try trainer.train(data.with(candidates), partition)
      progress(kind, candidates.count)
      trials += model.results.map(\.selection)
      searched += model.searchedColumns
      let isBest =
        best.map { model.chosen.selection.chosen.isBetter(than: $0.model.chosen.selection.chosen) } ?? true
      if isBest { best = (model.keepingChosen, start + model.chosenIndex) }
    }
    return best.map { best in
      Combination(
        kind: kind, columns: columns + [others[best.trial]], model: best.model, trials: trials,
        chosenTrial: best.trial, searched: searched)
    }
  }

  /// The largest number of combinations that ``combinations(_:_:_:_:)`` tries for one kind of model, by their sizes:
  /// for 20 columns and 3 combined columns, 19 of two columns and 18 of three.
  ///
  /// - Parameter columns: the number of columns of the variant that has the most columns.
  func mostCombinations(of columns: Int) -> [Int] {
    combinedColumns > 1 ? (1..<combinedColumns).map { max(0, columns - $0) } : []
  }
}
