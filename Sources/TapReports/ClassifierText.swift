// Words for kinds of classifiers and for how sure they are.

import TapLinear

extension ClassifierKind {
  /// `logistic regression` or `linear SVM`.
  package var title: String {
    switch self {
    case .logistic: "logistic regression"
    case .svm: "linear SVM"
    }
  }

  /// A probability as `97.3 %`, a margin as `margin 1.25`.
  package func confidenceText(_ confidence: Double) -> String {
    switch self {
    case .logistic: "\(NumberText.percent(confidence)) %"
    case .svm: "margin \(NumberText.fixed(confidence, digits: 2))"
    }
  }
}
