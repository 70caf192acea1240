// The method by which C was chosen, in words.

import TapClassifier
import TapSelection
import TapText

extension SelectionRecord {
  /// The criterion in parentheses, such as ` (balanced accuracy)`; empty for the accuracy.
  private var measure: String { criterion == .accuracy ? "" : " (\(criterion.title))" }

  /// The method: `5-fold cross-validation, 2 repeats`, `validation split, 20.0 % of the training images`.
  package var text: String {
    var parts: [String]
    switch method {
    case .crossValidation(let folds, let repeats):
      parts = ["\(folds)-fold cross-validation\(measure)"]
      if repeats > 1 { parts.append("\(repeats) repeats") }
    case .validation(let fraction):
      parts = ["validation split\(measure)"]
      if let fraction { parts.append("\(NumberText.percent(fraction)) % of the training images") }
    case .unjudged: return "nothing, as no image could be held out"
    case .other(let words): return words
    }
    if rule == .oneStandardError { parts.append("one-standard-error rule") }
    return parts.joined(separator: ", ")
  }
}
