// Crammer and Singer's loss of a multiclass SVM, smoothed at its kinks so that Newton's method applies.

import TapKernels

/// The score of the row's class should exceed every other score by at least 1. The loss is the missing amount:
/// ```
/// ℓ = max_c (e_c + z_c) - z_y,      e_y = 0, else 1                                           Crammer and Singer's
/// ℓ = max_p pᵀ(e + z) - z_y - δ/2 ‖p‖²,      p in the simplex                                 smoothed
/// p = the point of the simplex nearest to (e + z)/δ,    dℓ/dz = p - e_y,    d²ℓ/dz² = (I - 11ᵀ/|S|)/δ on S = {p > 0}
/// ```
/// Here δ is the ``width``. The scores may differ from the model's scores by an offset δ p′ with multipliers p′. A
/// minimum with p = p′ is a minimum of Crammer and Singer's loss itself (``AugmentedLagrangian``). The state of a row
/// is p.
package struct CrammerSingerLoss: SmoothedLoss {
  package let outputs: Int
  /// The width δ, above 0.
  package let width: Double

  package init(classCount: Int, width: Double) {
    precondition(classCount >= 2 && width > 0, "\(classCount) classes, a width of \(width)")
    outputs = classCount
    self.width = width
  }

  package init(width: Double, of other: CrammerSingerLoss) {
    self.init(classCount: other.outputs, width: width)
  }

  package static var multiplierSign: Double { 1 }
  package var isSeparable: Bool { false }
  /// The value of Crammer and Singer's loss itself.
  package var valueAtZero: Double { 1 }

  /// The least value of Crammer and Singer's loss itself, for scores that are the same for all rows. The largest class
  /// is the class with the largest weight. At the minimum, all scores are equal, or the score of the largest class
  /// exceeds all other scores by 1. Proof: if the score of the largest class exceeds all other scores by d, the loss is
  /// at least largest · max(0, 1 - d) + (total - largest) (1 + d). This bound is linear for d between 0 and 1.
  package func leastConstantValue(_ weights: [Double]) -> Double {
    let (total, largest) = (weights.reduce(0, +), weights.max() ?? 0)
    return min(total, 2 * (total - largest))
  }

  package func value(
    _ scores: Span<Double>, at offset: Int, label: Int, state: inout MutableSpan<Double>
  ) -> Double {
    let threshold = SimplexThreshold(count: outputs, total: width) {
      scores[offset + $0] + ($0 == label ? 0 : 1)
    }
    var (behind, square) = (0.0, 0.0)
    for c in 0..<outputs {
      let shifted = scores[offset + c] + (c == label ? 0 : 1)
      let p = threshold.excess(shifted) / width
      state[offset + c] = p
      if p != 0 { behind += p * (threshold.top - shifted) }
      square += p * p
    }
    return threshold.top - scores[offset + label] - behind - 0.5 * width * square
  }

  package func gradient(
    state: Span<Double>, at offset: Int, label: Int, scale: Double, into gradient: inout MutableSpan<Double>,
    at target: Int
  ) {
    for c in 0..<outputs { gradient[target + c] = scale * state[offset + c] }
    gradient[target + label] -= scale
  }

  package func multiplyByHessian<T: ProductElement>(
    state: Span<Double>, at offset: Int, scale: Double, _ direction: inout MutableSpan<T>, at target: Int
  ) {
    var (sum, count) = (0.0, 0.0)
    for c in 0..<outputs where state[offset + c] > 0 {
      sum += Double(direction[target + c])
      count += 1
    }
    let mean = sum / count
    for c in 0..<outputs {
      direction[target + c] =
        state[offset + c] > 0 ? T(scale / width * (Double(direction[target + c]) - mean)) : 0
    }
  }

  package func hessianDiagonal(
    state: Span<Double>, at offset: Int, scale: Double, into diagonal: inout MutableSpan<Float>,
    at target: Int
  ) {
    var count = 0.0
    for c in 0..<outputs where state[offset + c] > 0 { count += 1 }
    let curvature = Float(scale / width * (1 - 1 / count))
    for c in 0..<outputs { diagonal[target + c] = state[offset + c] > 0 ? curvature : 0 }
  }

  package func addAlongLine(
    _ scores: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int, steps: [Double],
    scale: Double, to totals: inout [LineSample]
  ) {
    let step = steps[0]
    func shifted(_ c: Int) -> Double {
      scores[offset + c] + step * direction[offset + c] + (c == label ? 0 : 1)
    }
    let threshold = SimplexThreshold(count: outputs, total: width, value: shifted)
    // Directions are relative to the label's direction. So a shift common to all classes has no effect.
    let reference = direction[offset + label]
    var (behind, square, first, sum, second, count) = (0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
    for c in 0..<outputs {
      let excess = threshold.excess(shifted(c))
      guard excess != 0 else { continue }
      let p = excess / width
      let v = direction[offset + c] - reference
      behind += p * (threshold.top - shifted(c))
      square += p * p
      first += p * v
      sum += v
      second += v * v
      count += 1
    }
    let value = threshold.top - shifted(label) - behind - 0.5 * width * square
    totals[0] +=
      scale
      * LineSample(value: value, slope: first, curvature: max(0, second - sum * sum / count) / width)
  }
}
