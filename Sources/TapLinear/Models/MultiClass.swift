// How a logistic regression combines the scores of more than two classes.

/// How a logistic regression separates more than two classes. For two classes, both cases give the same model, which
/// has one score.
public enum MultiClass: String, CaseIterable, Sendable, Hashable {
  /// One model of all classes together. Probabilities are the softmax of the scores.
  case multinomial = "multinomial"
  /// One model for each class against the rest. Probabilities are the sigmoids of the scores, divided by their sum, as
  /// in scikit-learn's `OneVsRestClassifier(LogisticRegression())`.
  case oneVersusRest = "one-vs-rest"

  /// The probabilities of one row's classes. Their sum is 1.
  ///
  /// Sigmoids are represented by their logarithms, so that scores far below 0 still separate classes. A NaN among the
  /// scores makes every probability NaN.
  public func probabilities(scores: [Double]) -> [Double] {
    let exponents =
      switch self {
      case .multinomial: scores
      // log σ(z)
      case .oneVersusRest: scores.map { -(max(0, -$0) + logarithmOnePlus(exponential(-abs($0)))) }
      }
    let largest = exponents.max() ?? 0
    let powers = exponents.map { exponential($0 - largest) }
    let sum = powers.reduce(0, +)
    return powers.map { $0 / sum }
  }
}

extension ClassifierKind {
  /// The default meaning of scores. Scores of an SVM are one-versus-rest. The scores of Crammer and Singer's loss also
  /// count as one-versus-rest, because Platt's sigmoids calibrate these scores in the same way.
  public var multiClass: MultiClass { self == .svm ? .oneVersusRest : .multinomial }
}
