// The hinge loss of a linear SVM, smoothed at its kink so that Newton's method applies.

import TapKernels

/// The smoothed hinge loss. It is the sum of the following ℓ over outputs c, with signs s_c = ±1 and r = 1 - s z:
/// ```
/// ℓ = 0  (r ≤ 0),   r² / 2δ  (0 ≤ r ≤ δ),   r - δ/2  (r ≥ δ);       dℓ/dz = -s p,   p = min(1, max(0, r/δ))
/// ```
/// Here δ is the ``width``. The scores may differ from the model's scores by an offset -s δ p′ with multipliers p′. At
/// a minimum with p = p′, the margins of all rows with 0 < p < 1 are exactly 1. This minimum is also the minimum of the
/// hinge loss itself (``AugmentedLagrangian``). The state of a row is s p.
package struct SmoothedHingeLoss: SmoothedLoss {
  let classes: OneVersusRest
  /// The width δ, above 0.
  package let width: Double

  package init(classCount: Int, width: Double) {
    precondition(width > 0, "a width of \(width)")
    classes = OneVersusRest(classCount: classCount)
    self.width = width
  }

  package init(width: Double, of other: SmoothedHingeLoss) {
    precondition(width > 0, "a width of \(width)")
    classes = other.classes
    self.width = width
  }

  package static var multiplierSign: Double { -1 }
  package var outputs: Int { classes.outputs }
  package var isSeparable: Bool { true }
  /// The value of the hinge loss itself.
  package var valueAtZero: Double { Double(outputs) }

  /// The least value of the hinge loss itself, at b = ±1.
  package func leastConstantValue(_ weights: [Double]) -> Double {
    leastConstantValue(weights) { own, other in 2 * min(own, other) }
  }

  package func value(
    _ scores: Span<Double>, at offset: Int, label: Int, state: inout MutableSpan<Double>
  ) -> Double {
    var total = 0.0
    for c in 0..<outputs {
      let sign = classes.sign(of: label, output: c)
      let shortfall = 1 - sign * scores[offset + c]
      if shortfall <= 0 {
        state[offset + c] = 0
      } else if shortfall < width {
        state[offset + c] = sign * shortfall / width
        total += 0.5 * shortfall * shortfall / width
      } else {
        state[offset + c] = sign
        total += shortfall - 0.5 * width
      }
    }
    return total
  }

  package func gradient(
    state: Span<Double>, at offset: Int, label: Int, scale: Double, into gradient: inout MutableSpan<Double>,
    at target: Int
  ) {
    for c in 0..<outputs { gradient[target + c] = -scale * state[offset + c] }
  }

  package func multiplyByHessian<T: ProductElement>(
    state: Span<Double>, at offset: Int, scale: Double, _ direction: inout MutableSpan<T>, at target: Int
  ) {
    let curvature = T(scale / width)
    for c in 0..<outputs {
      direction[target + c] = isCurved(state[offset + c]) ? curvature * direction[target + c] : 0
    }
  }

  package func hessianDiagonal(
    state: Span<Double>, at offset: Int, scale: Double, into diagonal: inout MutableSpan<Float>,
    at target: Int
  ) {
    for c in 0..<outputs { diagonal[target + c] = isCurved(state[offset + c]) ? Float(scale / width) : 0 }
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
      guard !(shortfall <= 0) else { continue }
      if shortfall < width {
        totals[c] +=
          scale
          * LineSample(
            value: 0.5 * shortfall * shortfall / width, slope: -sign * shortfall / width * v,
            curvature: v * v / width)
      } else {
        totals[c] += scale * LineSample(value: shortfall - 0.5 * width, slope: -sign * v)
      }
    }
  }

  package func addLineStart(
    _ scores: Span<Double>, state: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int,
    scale: Double, to totals: inout [LineSample]
  ) {
    for c in 0..<outputs {
      let (p, v) = (abs(state[offset + c]), direction[offset + c])
      guard p != 0 else { continue }
      if p == 1 {
        let shortfall = 1 - classes.sign(of: label, output: c) * scores[offset + c]
        totals[c] += scale * LineSample(value: shortfall - 0.5 * width, slope: -state[offset + c] * v)
      } else {
        totals[c] +=
          scale
          * LineSample(value: 0.5 * width * p * p, slope: -state[offset + c] * v, curvature: v * v / width)
      }
    }
  }

  private func isCurved(_ state: Double) -> Bool { state != 0 && abs(state) != 1 }
}
