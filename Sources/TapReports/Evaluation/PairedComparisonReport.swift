// A comparison with another classifier on the same images, as text, JSON and CSV.

import TapFormats
import TapMetrics
import TapText

/// A comparison of two classifiers on the same images.
package struct PairedComparisonReport {
  private let path: String
  private let paired: PairedComparison

  /// - Parameters:
  ///   - path: the file with the other classifier's predictions.
  ///   - paired: the paired comparison. Its first classifier is the evaluated classifier, and its second classifier is
  ///     the other classifier.
  package init(path: String, paired: PairedComparison) {
    self.path = path
    self.paired = paired
  }

  /// The comparison in words: `against a.csv: 12 images only this classifier has right, 5 only that one; …`.
  var text: String {
    "against \(path): \(NumberText.grouped(paired.onlyFirst)) "
      + "\(paired.onlyFirst == 1 ? "image" : "images") only this classifier has right, "
      + "\(NumberText.grouped(paired.onlySecond)) only that one; if neither were better, that or more would "
      + "happen with probability \(NumberText.significant(paired.pValue)) (McNemar's exact test)"
  }

  var json: JSONValue {
    .object([
      "path": .string(path), "onlyThis": .integer(paired.onlyFirst),
      "onlyThat": .integer(paired.onlySecond), "pValue": .number(paired.pValue),
    ])
  }

  var csv: String {
    [
      ("only_this_right", "\(paired.onlyFirst)"), ("only_that_right", "\(paired.onlySecond)"),
      ("mcnemar_p", "\(paired.pValue)"),
    ].map { CSV.line([$0, "", "", $1, "", ""]) }.joined()
  }
}
