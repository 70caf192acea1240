// How a logistic regression of more than two classes is made of scores.

/// How more than two classes are told apart by a logistic regression. Two classes have one score and are the same either
/// way.
public enum MultiClass: String, CaseIterable, Sendable, Hashable {
  /// One model of all classes: probabilities are the softmax of the scores.
  case multinomial = "multinomial"
  /// One model a class, of that class against the rest: probabilities are the sigmoids of the scores, divided by their sum,
  /// as in scikit-learn's `OneVsRestClassifier(LogisticRegression())`.
  case oneVersusRest = "one-vs-rest"

  /// The probabilities of one row's classes, summing to 1.
  ///
  /// Sigmoids are summed by their logarithms, so that scores far below 0 still tell classes apart. A NaN among the scores
  /// makes every probability NaN.
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
  /// How scores are taken unless something else is asked for: those of an SVM as of one class against the rest, also with
  /// Crammer and Singer's loss, whose margins Platt's sigmoids calibrate alike.
  public var multiClass: MultiClass { self == .svm ? .oneVersusRest : .multinomial }
}
