// The logistic loss of one-versus-rest models. Two classes have a single score.

import TapKernels

/// The logistic loss. It is the sum of the following ℓ over outputs c with signs s_c = ±1:
/// ```
/// ℓ = log(1 + exp(-s z)),      p = σ(-s z) = 1 / (1 + exp(s z)),      dℓ/dz = -s p,      d²ℓ/dz² = p (1 - p)
/// ```
/// The state of a row is s p. Values keep their relative accuracy if the loss is tiny. A NaN score makes the value NaN.
package struct LogisticLoss: PointwiseLoss {
  let classes: OneVersusRest

  package init(classCount: Int) { classes = OneVersusRest(classCount: classCount) }

  package var outputs: Int { classes.outputs }
  package var isSeparable: Bool { true }
  package var valueAtZero: Double { Double(outputs) * logarithm(2) }

  package func leastConstantValue(_ weights: [Double]) -> Double {
    leastConstantValue(weights) { own, other in
      own > 0 && other > 0
        ? -own * logarithm(own / (own + other)) - other * logarithm(other / (own + other)) : 0
    }
  }

  package func value(
    _ scores: Span<Double>, at offset: Int, label: Int, state: inout MutableSpan<Double>
  ) -> Double {
    var total = 0.0
    for c in 0..<outputs {
      let sign = classes.sign(of: label, output: c)
      let margin = sign * scores[offset + c]
      let e = exponential(-abs(margin))
      state[offset + c] = sign * (margin >= 0 ? e / (1 + e) : 1 / (1 + e))
      total += (margin < 0 ? -margin : 0) + logarithmOnePlus(e)
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
    for c in 0..<outputs {
      let p = abs(state[offset + c])
      direction[target + c] = T(scale * p * (1 - p)) * direction[target + c]
    }
  }

  package func hessianDiagonal(
    state: Span<Double>, at offset: Int, scale: Double, into diagonal: inout MutableSpan<Float>,
    at target: Int
  ) {
    for c in 0..<outputs {
      let p = abs(state[offset + c])
      diagonal[target + c] = Float(scale * p * (1 - p))
    }
  }

  package func addAlongLine(
    _ scores: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int, steps: [Double],
    scale: Double, to totals: inout [LineSample]
  ) {
    precondition(steps.count == outputs && totals.count == outputs)
    for c in 0..<outputs {
      let sign = classes.sign(of: label, output: c)
      let v = direction[offset + c]
      let margin = sign * (scores[offset + c] + steps[c] * v)
      let e = exponential(-abs(margin))
      let factor = 1 / (1 + e)
      totals[c] +=
        scale
        * LineSample(
          value: (margin < 0 ? -margin : 0) + logarithmOnePlus(e),
          slope: -sign * v * (margin >= 0 ? e * factor : factor), curvature: v * v * e * factor * factor)
    }
  }
}
