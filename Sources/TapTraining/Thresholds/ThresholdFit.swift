// Chooses the threshold of a trained model by images that were held out.

import TapClassifier
import TapMetrics
import TapSelection

/// A threshold that was chosen by held-out images. Each of them is judged by a model that was not fitted to it.
package struct ThresholdFit: Sendable {
  /// The threshold; nil if there is a ``problem``.
  package let threshold: ProbabilityThreshold?
  /// The share of right classes among the held-out images that get a class. If images are in groups, its interval comes
  /// from resampling the groups.
  package let accuracy: Proportion?
  /// The reason why there is no threshold, as the end of a sentence; else nil.
  package let problem: String?

  /// - Parameters:
  ///   - trainer: the trainer of the model.
  ///   - trained: the model.
  ///   - classifier: the classifier of the model.
  ///   - data: the data of the training.
  /// - Throws: ``TrainingError``.
  package init(
    _ goal: ThresholdGoal, _ trainer: Trainer, _ trained: TrainedModel, _ classifier: Classifier,
    _ data: LabeledFeatures
  ) throws(TrainingError) {
    guard classifier.confidenceKind == .logistic else {
      self.init(problem: "it gives no probabilities")
      return
    }
    let held: HeldOutScores
    do throws(TrainingError) { held = try trainer.outOfFoldScores(trained, data) } catch {
      guard let reason = error.holdingOutText else { throw error }
      self.init(problem: reason)
      return
    }
    let classCount = trained.classNames.count
    let labels = trained.labels(in: data).classes(of: held.rows)
    var (confidences, isRight): ([Double], [Bool]) = ([], [])
    for (place, label) in labels.enumerated() {
      let scores = Array(held.scores[place * classCount..<(place + 1) * classCount])
      let best = Classifier.prediction(scores: classifier.deciding(scores: scores))
      confidences.append(min(1, (classifier.probabilities(scores: scores) ?? scores)[best]))
      isRight.append(best == label)
    }
    guard let threshold = ProbabilityThreshold(goal, confidences: confidences, isRight: isRight) else {
      self.init(problem: "not even the surest images are right so often while they are held out")
      return
    }
    let used = (trained.partition.training + trained.partition.validation).map { data.items[$0] }
    let groups = used.images.groupIndices.map { groups in
      Dictionary(uniqueKeysWithValues: zip(used.map(\.row), groups))
    }
    let chosen = confidences.indices.filter { confidences[$0] >= threshold.leastProbability }
    self.init(
      threshold,
      Proportion(
        chosen.map { isRight[$0] }, groups: groups.map { groups in chosen.map { groups[held.rows[$0]] ?? 0 } }))
  }

  private init(
    _ threshold: ProbabilityThreshold? = nil, _ accuracy: Proportion? = nil, problem: String? = nil
  ) {
    self.threshold = threshold
    self.accuracy = accuracy
    self.problem = problem
  }
}

extension Trainer {
  /// The number of folds that hold out images for a threshold. A model of more images is surer of new images. With five
  /// folds, more new images would reach a threshold than held-out ones.
  private static let thresholdFolds = 20

  /// The scores of the images that the model was fitted to, each by a model with the same C that was fitted without the
  /// image. If the model was not fitted to its validation images, these are the scores of the validation images.
  fileprivate func outOfFoldScores(
    _ trained: TrainedModel, _ data: LabeledFeatures
  ) throws(TrainingError) -> HeldOutScores {
    let problem = try TrainingProblem(data, trained.partition)
    let features = trained.chosen.candidate.features
    let keepsValidation = !problem.validation.isEmpty && !problem.isRefitted(settings)
    let rows = keepsValidation ? problem.training : problem.training + problem.validation
    let groups = problem.groupsByRow(features.rows)
    var search = search(problem, rows: features.rows)
    let groupCount = groups.map { groups in Set(rows.map { groups[$0] }).count }
    search.folds = max(2, min(Self.thresholdFolds, groupCount ?? rows.count))
    do {
      return try search.heldOutScores(
        trained.chosen.selection, features, rows: rows, validation: keepsValidation ? problem.validation : nil,
        labels: problem.labels.values, classCount: problem.classNames.count, groups: groups)
    } catch { throw TrainingError(error, classNames: problem.classNames) }
  }
}
