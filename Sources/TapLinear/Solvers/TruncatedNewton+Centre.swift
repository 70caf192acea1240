// Solutions of which a number may be taken from every class.

extension TruncatedNewton.Solution {
  /// Subtracts from the weights of each column, and of the appended feature, their mean over classes. No loss of all classes
  /// together sees that, while the penalty ½ ‖W‖² falls, and the gap with it. The loss's gradient sums to 0 over classes, so that
  /// the means are also what the gradient loses.
  ///
  /// - Precondition: as many outputs as classes, and an L2 penalty.
  mutating func centre(classCount: Int, intercept: Intercept) {
    let columns = parameters.count / classCount - 1
    var fall = 0.0
    for j in 0..<columns { fall += parameters.centre(from: j, by: columns, count: classCount) }
    fall += intercept.penalty * centreIntercepts(classCount: classCount)
    last.value -= 0.5 * fall
    last.gap = max(4 * last.value.ulp, last.gap - 0.5 * fall)
    last.gradientNorm = max(0, last.gradientNorm * last.gradientNorm - fall).squareRoot()
  }

  /// Subtracts from the weights of the appended feature their mean over classes, and says by how much their squares fell.
  @discardableResult
  mutating func centreIntercepts(classCount: Int) -> Double {
    parameters.centre(from: parameters.count - classCount, by: 1, count: classCount)
  }
}

extension [Double] {
  /// Subtracts from the weights of each column, and of the appended feature, their mean over classes.
  mutating func centre(classCount: Int) {
    let columns = count / classCount - 1
    for j in 0..<columns { centre(from: j, by: columns, count: classCount) }
    centre(from: classCount * columns, by: 1, count: classCount)
  }

  /// Subtracts the mean of `count` elements from each of them, and says by how much their squares fell.
  @discardableResult fileprivate mutating func centre(from start: Int, by step: Int, count: Int) -> Double {
    var mean = 0.0
    for i in 0..<count { mean += self[start + i * step] }
    mean /= Double(count)
    for i in 0..<count { self[start + i * step] -= mean }
    return Double(count) * mean * mean
  }
}
