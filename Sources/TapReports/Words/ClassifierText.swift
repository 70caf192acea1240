// Words for the kinds of classifiers and for their confidence.

import TapLinear
import TapText

extension ClassifierKind {
  /// The name of the kind: `logistic regression`, `linear SVM` or `nearest class mean`.
  package var title: String {
    switch self {
    case .logistic: "logistic regression"
    case .svm: "linear SVM"
    case .nearestMean: "nearest class mean"
    }
  }

  /// A confidence as text: a probability as `97.3 %`, a margin as `margin 1.25`, a similarity as `similarity -3.52`.
  package func confidenceText(_ confidence: Double) -> String {
    switch self {
    case .logistic: "\(NumberText.percent(confidence)) %"
    case .svm, .nearestMean: "\(scoreName) \(NumberText.fixed(confidence, digits: 2))"
    }
  }
}

extension Penalty {
  /// The name of the penalty: `L2`, `L1`, `elastic net, ratio 0.5` or `none`.
  package var title: String {
    switch self {
    case .l2: "L2"
    case .l1: "L1"
    case .elasticNet(let ratio): "elastic net, ratio \(NumberText.significant(ratio))"
    case .none: "none"
    }
  }
}
