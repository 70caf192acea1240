// `train --predictions`: the prediction for every held-out image, with one number for each class.

import TapClassifier
import TapFormats
import TapLinear

/// Predictions of images by models that were not fitted to these images. A training image is predicted by the model of
/// the fold that holds it out. With a validation part, validation images are predicted by a model of the training
/// images. Both kinds of models use the chosen C. Test images are predicted by the trained model.
package struct TrainingPredictions {
  private struct Row {
    let item: LabeledFeatures.Item
    let split: String
    /// The number of the fold that held out the image, from 1; 0 if no fold held out the image.
    let fold: Int
    let predicted: String
    /// The probabilities, margins or similarities, one value for each class.
    let values: [Double]
  }

  private let rows: [Row]
  private let classNames: [String]
  /// The kind of the values: `probability`, `margin` or `similarity`.
  private let scoreName: String

  /// Creates the rows in list order. With repeated folds, the rows are those of the first repeat.
  package init(
    _ trained: TrainedModel, _ classifier: Classifier, test: Evaluation?, of data: LabeledFeatures
  ) {
    let k = trained.classNames.count
    var places: [Int: Int] = [:]
    let held = trained.heldOutScores
    for (place, row) in (held?.rows ?? []).enumerated() { places[row] = place }
    let tested =
      test.map { Dictionary(uniqueKeysWithValues: $0.items.enumerated().map { ($1.row, $0) }) } ?? [:]
    let isJudge =
      trained.partition.validation.isEmpty ? trained.partition.training : trained.partition.validation
    let split = trained.partition.validation.isEmpty ? "train" : "val"
    var judges = Set(isJudge)
    if held == nil { judges = [] }
    let tests = Set(trained.partition.test)
    var rows: [Row] = []
    for (index, item) in data.items.enumerated() {
      if judges.contains(index), let held, let place = places[item.row] {
        let scores = Array(held.scores[place * k..<(place + 1) * k])
        let best = Classifier.prediction(scores: classifier.deciding(scores: scores))
        rows.append(
          Row(
            item: item, split: split, fold: held.folds.map { $0[place] + 1 } ?? 0,
            predicted: trained.classNames[best], values: classifier.probabilities(scores: scores) ?? scores))
      } else if tests.contains(index), let test, let place = tested[item.row] {
        let values = (test.probabilities ?? test.scores)[place * k..<(place + 1) * k]
        rows.append(
          Row(
            item: item, split: "test", fold: 0, predicted: trained.classNames[test.predictions[place]],
            values: Array(values)))
      }
    }
    self.rows = rows
    classNames = trained.classNames
    scoreName = classifier.confidenceKind.scoreName
  }

  package var count: Int { rows.count }

  /// The predictions as CSV with the columns `path,label,split,fold,predicted,probability_a,probability_b`, for classes
  /// a and b.
  package var csv: String {
    var text = CSV.line(
      ["path", "label", "split", "fold", "predicted"] + classNames.map { "\(scoreName)_\($0)" })
    for row in rows {
      text += CSV.line(
        [
          row.item.image.path, row.item.image.label ?? "", row.split, row.fold == 0 ? "" : String(row.fold),
          row.predicted,
        ] + row.values.map { "\($0)" })
    }
    return text
  }

  /// The predictions as an archive of arrays: `path`, `label`, `split`, `fold` (0: no fold), `predicted`, `classes`,
  /// and `probabilities`, `margins` or `similarities`, `[rows, classes]`. The value is nil if the archive would be
  /// larger than 4 GiB.
  package var npz: [UInt8]? {
    let name = ["probability": "probabilities", "margin": "margins", "similarity": "similarities"][scoreName]
    return ZipArchive.stored([
      ("path.npy", NPY.file(rows.map(\.item.image.path))),
      ("label.npy", NPY.file(rows.map { $0.item.image.label ?? "" })),
      ("split.npy", NPY.file(rows.map(\.split))), ("fold.npy", NPY.file(rows.map(\.fold))),
      ("predicted.npy", NPY.file(rows.map(\.predicted))), ("classes.npy", NPY.file(classNames)),
      ("\(name ?? "scores").npy", NPY.file(rows.flatMap(\.values), shape: [rows.count, classNames.count])),
    ])
  }
}
