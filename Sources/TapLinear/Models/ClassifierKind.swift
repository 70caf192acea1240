// The kinds of linear models, and the meaning of their scores.

/// The kind of a linear classifier.
public enum ClassifierKind: String, CaseIterable, Sendable, Hashable {
  /// Logistic regression: ``MultiClass`` says how its scores become probabilities.
  case logistic = "logistic"
  /// Linear support vector machine, one-versus-rest or, with Crammer and Singer's loss, all classes together: its
  /// scores are margins, never probabilities.
  case svm = "svm"
  /// Nearest class mean: its scores are similarities, larger for a nearer mean, never probabilities.
  case nearestMean = "nearest-mean"

  /// The displayed name of a score: `probability`, `margin` or `similarity`.
  public var scoreName: String {
    switch self {
    case .logistic: "probability"
    case .svm: "margin"
    case .nearestMean: "similarity"
    }
  }

  /// Whether it minimizes losses with a penalty of strength 1/C.
  public var isRegularized: Bool { self != .nearestMean }
}

/// The loss of a linear SVM: a function of the shortfall ξ = max(0, 1 - m) of each class's margin m against the rest,
/// or of all classes together.
public enum HingeLoss: String, CaseIterable, Sendable, Hashable {
  /// ξ².
  case squaredHinge = "squared-hinge"
  /// ξ.
  case hinge = "hinge"
  /// max(0, 1 + max_{c ≠ y} z_c - z_y): the shortfall of the row's class from a lead of 1 over all others.
  ///
  /// Source: Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based vector machines" (2001).
  case crammerSinger = "crammer-singer"
}
