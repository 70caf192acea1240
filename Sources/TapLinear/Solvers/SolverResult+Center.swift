// Results are equivalent if they differ only by one number that is subtracted from the same weight of every class.

extension SolverResult {
  /// Subtracts the mean over classes from the weights of each column and of the appended feature. A loss of all classes
  /// together does not change. The penalty ½ ‖W‖² and the gap decrease. The gradient of the loss sums to 0 over
  /// classes. So the same means are subtracted from the gradient of the objective.
  ///
  /// - Precondition: there are as many outputs as classes, and the penalty is L2.
  mutating func center(classCount: Int, intercept: Intercept) {
    let split = parameters.count - classCount
    let fall =
      parameters.center(0..<split, classCount: classCount) + intercept.penalty
      * centerIntercepts(classCount: classCount)
    last.value -= 0.5 * fall
    last.gap = max(4 * last.value.ulp, last.gap - 0.5 * fall)
    last.gradientNorm = max(0, last.gradientNorm * last.gradientNorm - fall).squareRoot()
  }

  /// Subtracts the mean over classes from the weights of the appended feature. Returns the decrease of the sum of their
  /// squares.
  @discardableResult
  mutating func centerIntercepts(classCount: Int) -> Double {
    parameters.center((parameters.count - classCount)..<parameters.count, classCount: classCount)
  }
}

extension [Double] {
  /// Subtracts the mean over classes from the weights of each column and from those of the appended feature.
  mutating func center(classCount: Int) {
    let split = count - classCount
    center(0..<split, classCount: classCount)
    center(split..<count, classCount: classCount)
  }

  /// Subtracts the means over classes from the elements of a range, `[classes, columns]`. Returns the decrease of the
  /// sum of their squares.
  @discardableResult fileprivate mutating func center(_ range: Range<Int>, classCount: Int) -> Double {
    let columns = range.count / classCount
    var means = [Double](repeating: 0, count: columns)
    var all = mutableSpan
    var elements = all._mutatingExtracting(range)
    // The loops go class by class, in the order of memory. Column by column, each element would be in another cache
    // line.
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
