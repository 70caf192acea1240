// Class weights, which multiply the sample weights before an objective is built.

/// The weight of a row by its class.
public enum ClassWeights: Hashable, Sendable {
  /// Every row counts the same.
  case uniform
  /// n / (k · nₖ), with nₖ the number of rows of the class, or the sum of their sample weights, and n that of all rows:
  /// every class has the same total weight, and the mean weight is 1. As in scikit-learn 1.9.
  case balanced
  /// One factor for each class, finite and above 0.
  case perClass([Double])
}

extension ClassWeights {
  /// One factor for each class.
  ///
  /// - Parameter sampleWeights: one for each label; nil for 1 each.
  package func factors(
    labels: [Int], sampleWeights: [Double]? = nil, classCount: Int
  ) throws(LinearModelError) -> [Double] {
    switch self {
    case .uniform:
      return [Double](repeating: 1, count: classCount)
    case .balanced:
      var counts = [Double](repeating: 0, count: classCount)
      for (index, label) in labels.enumerated() { counts[label] += sampleWeights?[index] ?? 1 }
      let total = counts.reduce(0, +)
      return counts.map { $0 == 0 ? 0 : total / (Double(classCount) * $0) }
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
