// Class weights. They multiply the sample weights before an objective is built.

/// The rule that gives a row the weight of its class.
public enum ClassWeights: Hashable, Sendable {
  /// The weight of every row is 1.
  case uniform
  /// The weight n / (k · nₖ) for k classes. Here nₖ is the number of rows of the class. If there are sample weights, nₖ
  /// is the sum of the weights of these rows. n is the sum of nₖ over all classes. Every class gets the same total
  /// weight, and the mean weight is 1. This is the rule of scikit-learn 1.9.
  case balanced
  /// One factor for each class. Each factor is finite and above 0.
  case perClass([Double])
}

extension ClassWeights {
  /// Returns one factor for each class.
  ///
  /// - Parameter sampleWeights: one weight for each label; nil means that each weight is 1.
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
