// Results that are the same up to a number subtracted from every class.

extension SolverResult {
  /// Subtracts from the weights of each column, and of the appended feature, their mean over classes. No loss of all
  /// classes together changes, while the penalty ½ ‖W‖² decreases, and the gap with it. The loss's gradient sums to 0
  /// over classes, so the gradient loses the same means.
  ///
  /// - Precondition: as many outputs as classes, and an L2 penalty.
  mutating func center(classCount: Int, intercept: Intercept) {
    let split = parameters.count - classCount
    let fall =
      parameters.center(0..<split, classCount: classCount) + intercept.penalty
      * centerIntercepts(classCount: classCount)
    last.value -= 0.5 * fall
    last.gap = max(4 * last.value.ulp, last.gap - 0.5 * fall)
    last.gradientNorm = max(0, last.gradientNorm * last.gradientNorm - fall).squareRoot()
  }

  /// Subtracts from the weights of the appended feature their mean over classes; returns the decrease of their squares.
  @discardableResult
  mutating func centerIntercepts(classCount: Int) -> Double {
    parameters.center((parameters.count - classCount)..<parameters.count, classCount: classCount)
  }
}

extension [Double] {
  /// Subtracts from the weights of each column, and of the appended feature, their mean over classes.
  mutating func center(classCount: Int) {
    let split = count - classCount
    center(0..<split, classCount: classCount)
    center(split..<count, classCount: classCount)
  }

  /// Subtracts from the elements of a range, `[classes, columns]`, the means over classes; returns the decrease of
  /// their squares.
  @discardableResult fileprivate mutating func center(_ range: Range<Int>, classCount: Int) -> Double {
    let columns = range.count / classCount
    var means = [Double](repeating: 0, count: columns)
    var all = mutableSpan
    var elements = all._mutatingExtracting(range)
    // Class by class, in the order of memory: column by column, each element would be in another cache line.
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
