// Which linear models there are, and what their scores mean.

/// The kind of a linear classifier.
public enum ClassifierKind: String, CaseIterable, Sendable, Hashable {
  /// Multinomial logistic regression: the softmax of its scores are probabilities.
  case logistic
  /// Linear support vector machine, one class against the rest: its scores are margins, never probabilities.
  case svm

  /// What a score that is shown to people is called: `probability` or `margin`.
  public var scoreName: String { self == .logistic ? "probability" : "margin" }
}

/// The loss of a linear SVM, of the shortfall ξ = max(0, 1 - m) of a margin m.
public enum HingeLoss: String, CaseIterable, Sendable, Hashable {
  /// ξ².
  case squaredHinge = "squared-hinge"
  /// ξ.
  case hinge
}
