// Weights by class, multiplied into the sample weights before an objective is built.

/// How much a row counts by its class.
public enum ClassWeights: Hashable, Sendable {
  /// Every row counts the same.
  case uniform
  /// n / (k · nₖ), with nₖ the number of rows of the class: every class counts alike, the mean weight is 1.
  ///
  /// As in scikit-learn the counts are of rows, not of sample weights.
  case balanced
  /// One factor a class, finite and above 0.
  case perClass([Double])
}

extension ClassWeights {
  /// One factor a class.
  package func factors(labels: [Int], classCount: Int) throws(LinearModelError) -> [Double] {
    switch self {
    case .uniform:
      return [Double](repeating: 1, count: classCount)
    case .balanced:
      var counts = [Int](repeating: 0, count: classCount)
      for label in labels { counts[label] += 1 }
      return counts.map { $0 == 0 ? 0 : Double(labels.count) / (Double(classCount) * Double($0)) }
    case .perClass(let factors):
      guard factors.count == classCount else {
        throw .classWeightCount(expected: classCount, found: factors.count)
      }
      for (label, value) in factors.enumerated() where !(value.isFinite && value > 0) {
        throw .classWeight(label: label, value: value)
      }
      return factors
    }
  }
}
