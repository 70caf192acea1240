// Temperature scaling: a single number sets the confidence of a softmax.

import Glibc

extension Calibration {
  /// Fits the temperature of maximum likelihood. The scores must come from rows that the model was not fitted on. The
  /// problem is
  /// ```
  /// minimize  Σ log Σ_c exp(β zᵢ_c) - β Σ_c tᵢ_c zᵢ_c      over β = 1 / temperature > 0
  /// ```
  /// The function is convex in β. Newton's method runs within a bracket, which shrinks by the sign of the slope. A step
  /// that leaves the bracket becomes a bisection. scikit-learn's `method="temperature"` solves the same problem, but
  /// within bounds.
  ///
  /// The target tᵢ is 1 for the row's class and 0 for other classes. If every row is classified correctly, there is no
  /// minimum: a larger β is always better. In that case the targets follow Platt's rule for n rows. The row's class has
  /// t = (n + 1) / (n + 2), and the other classes share 1 - t equally. These targets limit the confidence, and the
  /// limit rises with n. If scores separate classes no better than chance, the temperature is a thousand times the
  /// largest difference between two scores of a row. This temperature makes all classes nearly equally likely.
  ///
  /// Source: Guo et al., "On calibration of modern neural networks" (2017).
  ///
  /// - Parameters:
  ///   - scores: `[rows, classes]`. All values are finite.
  ///   - labels: `[rows]`, in `0..<classCount`.
  /// - Precondition: the counts of scores and labels match.
  public static func fittedTemperature(scores: [Double], labels: [Int], classCount: Int) -> Calibration {
    precondition(scores.count == labels.count * classCount, "\(scores.count) scores of \(labels.count) rows")
    let rows = TemperatureRows(scores: scores, labels: labels, classCount: classCount)
    // Equal scores give the same probabilities at every temperature.
    guard rows.width > 0, rows.width.isFinite else { return .temperature(1) }
    // The slope is taken at β = 0, where all classes are equally likely.
    guard rows.derivatives(0).slope < 0 else { return .temperature(1000 * rows.width) }
    var (low, high) = (0.0, 1 / rows.width)
    while rows.derivatives(high).slope <= 0, high < 1e300 { (low, high) = (high, 2 * high) }
    var beta = low < 1 && 1 < high ? 1 : 0.5 * (low + high)
    for _ in 0..<200 {
      let (slope, curvature) = rows.derivatives(beta)
      if slope == 0 { break }
      if slope > 0 { high = beta } else { low = beta }
      let newton = beta - slope / curvature
      let next = newton > low && newton < high ? newton : 0.5 * (low + high)
      if abs(next - beta) <= 1e-15 * beta { break }
      beta = next
    }
    return .temperature(1 / beta)
  }
}

/// Scores minus the largest score of each row, and the targets of the rows.
private struct TemperatureRows {
  private let differences: [Double]
  private let labels: [Int]
  private let classCount: Int
  /// The target of a row's class.
  private let target: Double
  /// The largest difference between two scores of a row, over all rows.
  let width: Double

  init(scores: [Double], labels: [Int], classCount: Int) {
    self.labels = labels
    self.classCount = classCount
    var (differences, width) = (scores, 0.0)
    var isAllRight = true
    for (row, label) in labels.enumerated() {
      let range = (row * classCount)..<((row + 1) * classCount)
      let largest = scores[range].max() ?? 0
      for place in range {
        differences[place] -= largest
        width = max(width, -differences[place])
      }
      if differences[range.lowerBound + label] < 0 { isAllRight = false }
    }
    self.differences = differences
    self.width = width
    target = isAllRight ? Double(labels.count + 1) / Double(labels.count + 2) : 1
  }

  /// The first two derivatives at β of the function to minimize.
  func derivatives(_ beta: Double) -> (slope: Double, curvature: Double) {
    var (slope, curvature) = (0.0, 0.0)
    let rest = classCount > 1 ? (1 - target) / Double(classCount - 1) : 0
    for (row, label) in labels.enumerated() {
      let start = row * classCount
      var (sum, first, second, all) = (0.0, 0.0, 0.0, 0.0)
      for c in 0..<classCount {
        let z = differences[start + c]
        let power = exp(beta * z)
        sum += power
        first += power * z
        second += power * z * z
        all += z
      }
      let mean = first / sum
      let own = differences[start + label]
      slope += mean - (target * own + rest * (all - own))
      curvature += max(0, second / sum - mean * mean)
    }
    return (slope, curvature)
  }
}
