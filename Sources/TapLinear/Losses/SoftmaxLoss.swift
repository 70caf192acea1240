// The multinomial logistic loss, also called the cross-entropy of the softmax.

import TapKernels

/// ```
/// ℓ(z, y) = log Σ_c exp(z_c) - z_y,      q = softmax(z)
/// dℓ/dz = q - e_y,      d²ℓ/dz² = diag q - q qᵀ
/// ```
/// The state of a row is q. Values keep their relative accuracy if the loss is tiny (z_y far above the other scores). A
/// NaN among the scores makes the value NaN.
package struct SoftmaxLoss: PointwiseLoss {
  package let outputs: Int
  package var isSeparable: Bool { false }
  package var valueAtZero: Double { logarithm(Double(outputs)) }

  /// The entropy of the weights, times their sum.
  package func leastConstantValue(_ weights: [Double]) -> Double {
    let total = weights.reduce(0, +)
    return weights.reduce(0) { $1 > 0 ? $0 - $1 * logarithm($1 / total) : $0 }
  }

  package init(classCount: Int) {
    precondition(classCount >= 1)
    self.outputs = classCount
  }

  package func value(
    _ scores: Span<Double>, at offset: Int, label: Int, state: inout MutableSpan<Double>
  ) -> Double {
    let best = largest(scores, at: offset)
    let top = scores[offset + best]
    var others = 0.0
    for c in 0..<outputs {
      let e = exponential(scores[offset + c] - top)
      state[offset + c] = e
      if c != best { others += e }
    }
    let factor = 1 / (1 + others)
    for c in 0..<outputs { state[offset + c] *= factor }
    return top - scores[offset + label] + logarithmOnePlus(others)
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
    let q = state.extracting(offset..<(offset + outputs))
    var v = direction._mutatingExtracting(target..<(target + outputs))
    // The mean is in double precision: if a q is almost 1, v and its mean are almost equal. There are four sums, so
    // that an addition need not wait for the previous addition.
    var means = (0.0, 0.0, 0.0, 0.0)
    let whole = outputs & ~3
    for c in stride(from: 0, to: whole, by: 4) {
      means.0 += q[c] * Double(v[c])
      means.1 += q[c + 1] * Double(v[c + 1])
      means.2 += q[c + 2] * Double(v[c + 2])
      means.3 += q[c + 3] * Double(v[c + 3])
    }
    for c in whole..<outputs { means.0 += q[c] * Double(v[c]) }
    let mean = (means.0 + means.1) + (means.2 + means.3)
    for c in 0..<outputs { v[c] = T(scale * q[c] * (Double(v[c]) - mean)) }
  }

  package func hessianDiagonal(
    state: Span<Double>, at offset: Int, scale: Double, into diagonal: inout MutableSpan<Float>,
    at target: Int
  ) {
    for c in 0..<outputs {
      let q = state[offset + c]
      diagonal[target + c] = Float(scale * q * (1 - q))
    }
  }

  package func addAlongLine(
    _ scores: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int, steps: [Double],
    scale: Double, to totals: inout [LineSample]
  ) {
    totals[0] += scale * alongLine(scores, direction, at: offset, label: label, step: steps[0])
  }

  package var suitsClassBlocks: Bool { true }
  package var leavesStateAlongLine: Bool { true }

  package func addAlongLine(
    _ scores: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int, steps: [Double],
    scale: Double, state: inout MutableSpan<Double>, to totals: inout [LineSample]
  ) {
    let step = steps[0]
    var best = 0
    var top = -Double.infinity
    for c in 0..<outputs {
      let z = scores[offset + c] + step * direction[offset + c]
      state[offset + c] = z
      if z > top { (best, top) = (c, z) }
    }
    let labeled = state[offset + label]
    let reference = direction[offset + label]
    var (others, first, second) = (0.0, 0.0, 0.0)
    for c in 0..<outputs {
      let e = c == best ? 1 : exponential(state[offset + c] - top)
      state[offset + c] = e
      let v = direction[offset + c] - reference
      if c != best { others += e }
      first += e * v
      second += e * v * v
    }
    let factor = 1 / (1 + others)
    for c in 0..<outputs { state[offset + c] *= factor }
    first *= factor
    second *= factor
    totals[0] +=
      scale
      * LineSample(
        value: top - labeled + logarithmOnePlus(others), slope: first,
        curvature: max(0, second - first * first))
  }

  /// Uses the state instead of exponentials, unless the probability of the row's class is close to 0.
  package func addLineStart(
    _ scores: Span<Double>, state: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int,
    scale: Double, to totals: inout [LineSample]
  ) {
    let own = state[offset + label]
    guard own > 1e-290 else {
      return addAlongLine(scores, direction, at: offset, label: label, steps: [0], scale: scale, to: &totals)
    }
    let reference = direction[offset + label]
    var (others, first, second) = (0.0, 0.0, 0.0)
    for c in 0..<outputs where c != label {
      let q = state[offset + c]
      let v = direction[offset + c] - reference
      others += q
      first += q * v
      second += q * v * v
    }
    totals[0] +=
      scale
      * LineSample(
        value: own < 0.5 ? -logarithm(own) : -logarithmOnePlus(-others), slope: first,
        curvature: max(0, second - first * first))
  }

  package func alongLine(
    _ scores: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int, step: Double
  ) -> LineSample {
    var best = 0
    var top = -Double.infinity
    for c in 0..<outputs {
      let z = scores[offset + c] + step * direction[offset + c]
      if z > top { (best, top) = (c, z) }
    }
    // The moments of the direction are relative to the label's entry. With this reference, the slope loses no digits if
    // q_y is near 1.
    let reference = direction[offset + label]
    var (others, first, second) = (0.0, 0.0, 0.0)
    for c in 0..<outputs {
      let e = c == best ? 1 : exponential(scores[offset + c] + step * direction[offset + c] - top)
      let v = direction[offset + c] - reference
      if c != best { others += e }
      first += e * v
      second += e * v * v
    }
    let factor = 1 / (1 + others)
    first *= factor
    second *= factor
    let labeled = scores[offset + label] + step * reference
    return LineSample(
      value: top - labeled + logarithmOnePlus(others), slope: first,
      curvature: max(0, second - first * first))
  }

  /// The index of a row's largest score. In a tie, this is the first of the largest scores.
  func largest(_ scores: Span<Double>, at offset: Int) -> Int {
    var best = 0
    for c in 1..<max(1, outputs) where scores[offset + c] > scores[offset + best] { best = c }
    return best
  }
}
