// Temperature scaling: one number that says how sure a softmax may be.

import Glibc

extension Calibration {
  /// Temperatures stay between this and its inverse: where every row is right, the likelihood has no maximum.
  static let smallestTemperature = 0.01

  /// The temperature of greatest likelihood, from scores of rows that their models were not fitted on:
  /// ```
  /// minimise  Σ log Σ_c exp(β zᵢ_c) - β zᵢ_{yᵢ}      over β = 1 / temperature in 0.01...100
  /// ```
  /// which is convex in β: Newton's method within a bracket that shrinks around the sign of the slope, with bisection
  /// where a step would leave it. scikit-learn's `method="temperature"`, but for its wider bounds.
  ///
  /// Source: Guo et al., "On calibration of modern neural networks" (2017).
  ///
  /// - Parameters:
  ///   - scores: `[rows, classes]`, finite.
  ///   - labels: `[rows]`, in `0..<classCount`.
  /// - Precondition: the counts fit together.
  public static func fittedTemperature(scores: [Double], labels: [Int], classCount: Int) -> Calibration {
    precondition(scores.count == labels.count * classCount, "\(scores.count) scores of \(labels.count) rows")

    /// The first two derivatives at β.
    func derivatives(_ beta: Double) -> (slope: Double, curvature: Double) {
      var (slope, curvature) = (0.0, 0.0)
      for (row, label) in labels.enumerated() {
        let start = row * classCount
        var largest = scores[start]
        for c in 1..<classCount { largest = max(largest, scores[start + c]) }
        var (sum, first, second) = (0.0, 0.0, 0.0)
        for c in 0..<classCount {
          let z = scores[start + c] - largest
          let power = exp(beta * z)
          sum += power
          first += power * z
          second += power * z * z
        }
        let mean = first / sum
        slope += mean - (scores[start + label] - largest)
        curvature += max(0, second / sum - mean * mean)
      }
      return (slope, curvature)
    }

    var (low, high) = (smallestTemperature, 1 / smallestTemperature)
    if derivatives(low).slope >= 0 { return .temperature(1 / low) }
    if derivatives(high).slope <= 0 { return .temperature(1 / high) }
    var beta = 1.0
    for _ in 0..<200 {
      let (slope, curvature) = derivatives(beta)
      if slope == 0 { break }
      if slope > 0 { high = beta } else { low = beta }
      let newton = beta - slope / curvature
      let next = newton > low && newton < high ? newton : (low * high).squareRoot()
      if abs(next - beta) <= 1e-15 * beta { break }
      beta = next
    }
    return .temperature(1 / beta)
  }
}
