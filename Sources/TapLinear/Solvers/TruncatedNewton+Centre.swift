// Solutions of which a number may be taken from every class.

extension TruncatedNewton.Solution {
  /// Subtracts from the weights of each column, and of the appended feature, their mean over classes. No loss of all classes
  /// together sees that, while the penalty ½ ‖W‖² falls, and the gap with it. The loss's gradient sums to 0 over classes, so that
  /// the means are also what the gradient loses.
  ///
  /// - Precondition: as many outputs as classes, and an L2 penalty.
  mutating func centre(classCount: Int, intercept: Intercept) {
    let split = parameters.count - classCount
    let fall =
      parameters.centre(0..<split, classCount: classCount) + intercept.penalty
      * centreIntercepts(classCount: classCount)
    last.value -= 0.5 * fall
    last.gap = max(4 * last.value.ulp, last.gap - 0.5 * fall)
    last.gradientNorm = max(0, last.gradientNorm * last.gradientNorm - fall).squareRoot()
  }

  /// Subtracts from the weights of the appended feature their mean over classes, and says by how much their squares fell.
  @discardableResult
  mutating func centreIntercepts(classCount: Int) -> Double {
    parameters.centre((parameters.count - classCount)..<parameters.count, classCount: classCount)
  }
}

extension [Double] {
  /// Subtracts from the weights of each column, and of the appended feature, their mean over classes.
  mutating func centre(classCount: Int) {
    let split = count - classCount
    centre(0..<split, classCount: classCount)
    centre(split..<count, classCount: classCount)
  }

  /// Subtracts from the elements of a range, `[classes, columns]`, the means over classes, and says by how much their squares
  /// fell.
  @discardableResult fileprivate mutating func centre(_ range: Range<Int>, classCount: Int) -> Double {
    let columns = range.count / classCount
    var means = [Double](repeating: 0, count: columns)
    var all = mutableSpan
    var elements = all._mutatingExtracting(range)
    // Class by class, in the order of memory: column by column each element would be a cache line.
    for c in 0..<classCount {
      for j in 0..<columns { means[j] += elements[c * columns + j] }
    }
    var fall = 0.0
    for j in 0..<columns {
      means[j] /= Double(classCount)
      fall += Double(classCount) * means[j] * means[j]
    }
    for c in 0..<classCount {
      for j in 0..<columns { elements[c * columns + j] -= means[j] }
    }
    return fall
  }
}
