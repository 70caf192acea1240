// Which linear models there are, and what their scores mean.

/// The kind of a linear classifier.
public enum ClassifierKind: String, CaseIterable, Sendable, Hashable {
  /// Logistic regression: ``MultiClass`` says how its scores become probabilities.
  case logistic = "logistic"
  /// Linear support vector machine, one class against the rest or, with Crammer and Singer's loss, all together: its scores
  /// are margins, never probabilities.
  case svm = "svm"
  /// Nearest class mean: its scores are similarities, larger where a class's mean is nearer, never probabilities.
  case nearestMean = "nearest-mean"

  /// What a score that is shown to people is called: `probability`, `margin` or `similarity`.
  public var scoreName: String {
    switch self {
    case .logistic: "probability"
    case .svm: "margin"
    case .nearestMean: "similarity"
    }
  }

  /// Whether it minimises losses with a penalty of strength 1/C.
  public var isRegularized: Bool { self != .nearestMean }
}

/// The loss of a linear SVM: of the shortfall ξ = max(0, 1 - m) of each class's margin m against the rest, or of all classes
/// together.
public enum HingeLoss: String, CaseIterable, Sendable, Hashable {
  /// ξ².
  case squaredHinge = "squared-hinge"
  /// ξ.
  case hinge = "hinge"
  /// max(0, 1 + max_{c ≠ y} z_c - z_y): how far the class of the row is from being ahead of all others by 1.
  ///
  /// Source: Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based vector machines" (2001).
  case crammerSinger = "crammer-singer"
}
