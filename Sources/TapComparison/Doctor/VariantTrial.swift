// The effect of a variant on accuracy. Models are trained under the present preprocessing or under the variant, by
// stratified cross-validation. So no model judges images that the model was fitted to.

import TapFeatures
import TapFileSystem
import TapLinear
import TapMetrics
import TapSelection
import TapTensors
import TapTraining

/// Images with labels, split into the same folds for every variant.
struct VariantTrial {
  let measurement: PreprocessingDiagnosis.Measurement
  /// The class of each image that takes part. Other images have no class and are in no fold.
  private let labels: RowLabels
  private let splits: [Split]
  /// The groups of the held-out images, fold by fold; nil if the images are independent.
  private let groups: [Int]?
  private let model: LogisticRegression

  /// Predictions for the held-out images, fold by fold. They are nil if features are not finite.
  typealias Predictions = [Int]

  /// Splits the images into folds. Only classes with at least two images take part.
  static func of(
    _ images: [ImageItem], folds: Int, c: Double, seed: UInt64, threads: Int?
  ) -> Result<VariantTrial, PreprocessingDiagnosis.NoAccuracy> {
    var counts: [ByteKey: Int] = [:]
    for image in images { image.label.map { counts[ByteKey($0), default: 0] += 1 } }
    guard !counts.isEmpty else { return .failure(.unlabeled) }
    let names = counts.filter { $0.value > 1 }.keys.sorted().map(\.text)
    guard names.count > 1 else { return .failure(.tooFewClasses) }
    let index = names.placesByBytes
    let used = images.indices.filter { images[$0].label.map { index[ByteKey($0)] != nil } ?? false }
    let labels = RowLabels(images, rows: Array(images.indices), of: images.count, classNames: names)
    let groups = used.map { images[$0] }.groupIndices
    do {
      let folds = min(folds, used.count)
      let local = try Splits.stratifiedFolds(
        labels: labels.classes(of: used), classCount: names.count, folds: folds, seed: seed, groups: groups)
      return .success(
        VariantTrial(used, labels, local, names.count, groups: groups, c: c, threads: threads))
    } catch { return .failure(.unsplittable(error)) }
  }

  private init(
    _ used: [Int], _ labels: RowLabels, _ folds: [Split], _ classCount: Int, groups: [Int]?, c: Double,
    threads: Int?
  ) {
    self.groups = groups.map { groups in folds.flatMap(\.validation).map { groups[$0] } }
    self.labels = labels
    var counts = [Int](repeating: 0, count: classCount)
    for label in labels.classes(of: used) { counts[label] += 1 }
    splits = folds.map { fold in
      Split(training: fold.training.map { used[$0] }, validation: fold.validation.map { used[$0] })
    }
    model = LogisticRegression(c: c, tolerance: 1e-7, threads: threads)
    measurement = PreprocessingDiagnosis.Measurement(
      folds: folds.count, c: c, classes: classCount,
      majority: Proportion(successes: counts.max() ?? 0, count: used.count))
  }

  /// One model for each fold; nil if a feature of the training rows is not finite.
  func models(_ features: MatrixView) -> [FittedLinearModel]? {
    var models: [FittedLinearModel] = []
    for split in splits {
      guard
        let fitted = try? model.fit(
          features, rows: split.training, labels: labels.values, classCount: measurement.classes)
      else { return nil }
      models.append(fitted)
    }
    return models
  }

  /// The predictions of each fold's model for the images that the fold holds out.
  func predictions(_ models: [FittedLinearModel], _ features: MatrixView) -> Predictions? {
    var predictions: Predictions = []
    for (split, fitted) in zip(splits, models) {
      guard let found = try? fitted.predictions(features, rows: split.validation, threads: model.threads)
      else {
        return nil
      }
      predictions += found
    }
    return predictions
  }

  func proportion(_ predictions: Predictions) -> Proportion {
    Proportion(zip(predictions, truth).map { $0 == $1 }, groups: groups)
  }

  func accuracy(_ predictions: Predictions, against present: Predictions) -> PreprocessingDiagnosis.Accuracy {
    PreprocessingDiagnosis.Accuracy(
      accuracy: proportion(predictions),
      againstPresent: PairedComparison(labels: truth, first: predictions, second: present))
  }

  /// The classes of the held-out images, fold by fold.
  private var truth: [Int] { labels.classes(of: splits.flatMap(\.validation)) }
}
