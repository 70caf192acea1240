// An evaluation in words and as files.

import LayerTap
import TapFormats
import TapReports

/// How a classifier did, for people and for programs.
struct EvaluationReport {
  private let evaluation: Evaluation
  private let counted: String

  /// - Parameter counted: what was classified, in the plural: `test images`.
  init(_ evaluation: Evaluation, counted: String) {
    self.evaluation = evaluation
    self.counted = counted
  }

  /// `accuracy 81.2 % (76.9-84.8, 95 %, 372 test images; majority class 19.6 %)`.
  var firstLine: String {
    AccuracyText.firstLine(
      accuracy: evaluation.accuracy, counted: counted, majority: evaluation.majority)
  }

  /// Precision, recall and F1 of every class, and their means.
  var perClass: String {
    var table = TextTable([
      ("class", .left), ("images", .right), ("precision", .right), ("recall", .right), ("F1", .right),
    ])
    let confusion = evaluation.confusion
    for (name, scores) in zip(evaluation.classNames, confusion.perClass) {
      table.add([
        name, String(scores.support), "\(NumberText.percent(scores.precision)) %",
        "\(NumberText.percent(scores.recall)) %", "\(NumberText.percent(scores.f1)) %",
      ])
    }
    return table.text + "\n\nmacro F1 \(NumberText.percent(confusion.macroF1)) %, balanced accuracy "
      + "\(NumberText.percent(confusion.balancedAccuracy)) %"
  }

  /// `path,label,predicted,probability`, one line an image; of an SVM the margin.
  var predictions: String {
    var text = CSV.line(["path", "label", "predicted", evaluation.kind.scoreName])
    for (index, item) in evaluation.items.enumerated() {
      text += CSV.line([
        item.path, item.label ?? "", evaluation.classNames[evaluation.predictions[index]],
        "\(evaluation.confidences[index])",
      ])
    }
    return text
  }
}
