// The squared hinge loss of a linear SVM.

import TapKernels

/// The squared hinge loss. It is the sum of the following ℓ over outputs c with signs s_c = ±1:
/// ```
/// ℓ = ξ²,   ξ = max(0, 1 - s z),      dℓ/dz = -2 s ξ,      d²ℓ/dz² = 2 where ξ > 0, else 0
/// ```
/// The state of a row is the signed shortfall s ξ.
package struct SquaredHingeLoss: PointwiseLoss {
  let classes: OneVersusRest

  package init(classCount: Int) { classes = OneVersusRest(classCount: classCount) }

  package var outputs: Int { classes.outputs }
  package var isSeparable: Bool { true }
  package var valueAtZero: Double { Double(outputs) }

  /// The least value is at b = (own - other) / (own + other).
  package func leastConstantValue(_ weights: [Double]) -> Double {
    leastConstantValue(weights) { own, other in 4 * own * other / (own + other) }
  }

  package func value(
    _ scores: Span<Double>, at offset: Int, label: Int, state: inout MutableSpan<Double>
  ) -> Double {
    var total = 0.0
    for c in 0..<outputs {
      let sign = classes.sign(of: label, output: c)
      let shortfall = 1 - sign * scores[offset + c]
      // The comparison keeps a NaN as NaN.
      let active = shortfall <= 0 ? 0 : shortfall
      state[offset + c] = sign * active
      total += active * active
    }
    return total
  }

  package func gradient(
    state: Span<Double>, at offset: Int, label: Int, scale: Double, into gradient: inout MutableSpan<Double>,
    at target: Int
  ) {
    for c in 0..<outputs { gradient[target + c] = -2 * scale * state[offset + c] }
  }

  package func multiplyByHessian<T: ProductElement>(
    state: Span<Double>, at offset: Int, scale: Double, _ direction: inout MutableSpan<T>, at target: Int
  ) {
    for c in 0..<outputs {
      direction[target + c] = state[offset + c] == 0 ? 0 : T(2 * scale) * direction[target + c]
    }
  }

  package func hessianDiagonal(
    state: Span<Double>, at offset: Int, scale: Double, into diagonal: inout MutableSpan<Float>,
    at target: Int
  ) {
    for c in 0..<outputs { diagonal[target + c] = state[offset + c] == 0 ? 0 : Float(2 * scale) }
  }

  package func addAlongLine(
    _ scores: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int, steps: [Double],
    scale: Double, to totals: inout [LineSample]
  ) {
    precondition(steps.count == outputs && totals.count == outputs)
    for c in 0..<outputs {
      let sign = classes.sign(of: label, output: c)
      let v = direction[offset + c]
      let shortfall = 1 - sign * (scores[offset + c] + steps[c] * v)
      // The comparison keeps a NaN as NaN, and needs no unpredictable branch.
      let active = shortfall <= 0 ? 0 : shortfall
      let curved = shortfall <= 0 ? 0 : v
      totals[c] +=
        scale
        * LineSample(value: active * active, slope: -2 * sign * active * v, curvature: 2 * curved * curved)
    }
  }

  package func addLineStart(
    _ scores: Span<Double>, state: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int,
    scale: Double, to totals: inout [LineSample]
  ) {
    for c in 0..<outputs {
      let (active, v) = (state[offset + c], direction[offset + c])
      let curved = active == 0 ? 0 : v
      totals[c] +=
        scale * LineSample(value: active * active, slope: -2 * active * v, curvature: 2 * curved * curved)
    }
  }
}
