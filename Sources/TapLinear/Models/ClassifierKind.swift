// The kinds of linear models, and the meaning of their scores.

/// The kind of a linear classifier.
public enum ClassifierKind: String, CaseIterable, Sendable, Hashable {
  /// Logistic regression: ``MultiClass`` says how its scores become probabilities.
  case logistic = "logistic"
  /// Linear support vector machine: one-versus-rest, or all classes together with Crammer and Singer's loss. Its scores
  /// are margins, never probabilities.
  case svm = "svm"
  /// Nearest class mean. Its scores are similarities, never probabilities. A nearer mean has a larger similarity.
  case nearestMean = "nearest-mean"

  /// The displayed name of a score: `probability`, `margin` or `similarity`.
  public var scoreName: String {
    switch self {
    case .logistic: "probability"
    case .svm: "margin"
    case .nearestMean: "similarity"
    }
  }

  /// Whether a model of this kind minimizes losses with a penalty of strength 1/C.
  public var isRegularized: Bool { self != .nearestMean }
}

/// The loss of a linear SVM. The hinge losses are functions of the shortfall ξ = max(0, 1 - m), with m the margin of a
/// class against the rest. Crammer and Singer's loss is a function of the scores of all classes.
public enum HingeLoss: String, CaseIterable, Sendable, Hashable {
  /// The squared hinge loss ξ².
  case squaredHinge = "squared-hinge"
  /// The hinge loss ξ.
  case hinge = "hinge"
  /// Crammer and Singer's loss max(0, 1 + max_{c ≠ y} z_c - z_y). The score of the row's class should exceed all other
  /// scores by at least 1, and the loss is the missing amount.
  ///
  /// Source: Crammer and Singer, "On the algorithmic implementation of multiclass kernel-based vector machines" (2001).
  case crammerSinger = "crammer-singer"
}
