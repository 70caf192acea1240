// The lowest of the four layers of a linear model: a loss of one row's scores. The loss does not depend on features and
// weights. The layers above are the objective (data, penalty, intercept), the solver (values, gradients, products) and
// the estimator.
//
// Conventions: scores z are row-major [rows, outputs]. A row is addressed by the offset of its first score. A loss
// computes `state` together with the value of a row, and uses `state` for the derivatives. `state` has `outputs`
// doubles for each row.

import TapKernels

/// A convex, differentiable loss ℓ(z, y) of one row's scores z and label y.
package protocol PointwiseLoss: Sendable {
  /// The number of scores of a row.
  var outputs: Int { get }
  /// Whether the loss is a sum of losses of single scores.
  var isSeparable: Bool { get }
  /// The value ℓ(0, y), which is the same for every label.
  var valueAtZero: Double { get }

  /// The minimum of Σ_y `weights`_y ℓ(b, y) over scores b that are the same for every row. A model that has only
  /// intercepts reaches this minimum. `weights` has one entry for each class.
  func leastConstantValue(_ weights: [Double]) -> Double

  /// Returns ℓ(z, y), and stores in `state` the values that the derivatives need.
  func value(
    _ scores: Span<Double>, at offset: Int, label: Int, state: inout MutableSpan<Double>
  ) -> Double

  /// Computes dℓ/dz from the state and writes `scale` times this gradient into `gradient`.
  func gradient(
    state: Span<Double>, at offset: Int, label: Int, scale: Double, into gradient: inout MutableSpan<Double>,
    at target: Int)

  /// Replaces the direction v by the product `scale` · (d²ℓ/dz²) v.
  func multiplyByHessian<T: ProductElement>(
    state: Span<Double>, at offset: Int, scale: Double, _ direction: inout MutableSpan<T>, at target: Int)

  /// Writes the diagonal of `scale` · d²ℓ/dz² into `diagonal`.
  func hessianDiagonal(
    state: Span<Double>, at offset: Int, scale: Double, into diagonal: inout MutableSpan<Float>,
    at target: Int)

  /// Adds `scale` times ℓ(z + t v, y) and its first two derivatives in t to `totals`. For a separable loss, `totals`
  /// has one sample for each score, and each score has its own t. For other losses, `totals` has one sample, and all
  /// scores have the same t.
  func addAlongLine(
    _ scores: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int, steps: [Double],
    scale: Double, to totals: inout [LineSample])

  /// Whether the diagonal blocks of the Hessian, one for each class (``ClassBlocks``), approximate the Hessian well.
  /// Directions that are common to all classes do not count.
  var suitsClassBlocks: Bool { get }
  /// Whether ``addAlongLine(_:_:at:label:steps:scale:state:to:)`` stores the state of the moved scores.
  var leavesStateAlongLine: Bool { get }
  /// Adds samples as ``addAlongLine(_:_:at:label:steps:scale:to:)`` does. If ``leavesStateAlongLine`` is true, the
  /// method also stores in `state` the values that the derivatives at z + t v need.
  func addAlongLine(
    _ scores: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int, steps: [Double],
    scale: Double, state: inout MutableSpan<Double>, to totals: inout [LineSample])

  /// Adds the samples at t = 0, given the state of the scores.
  func addLineStart(
    _ scores: Span<Double>, state: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int,
    scale: Double, to totals: inout [LineSample])
}

extension PointwiseLoss {
  package var suitsClassBlocks: Bool { false }
  package var leavesStateAlongLine: Bool { false }

  package func addAlongLine(
    _ scores: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int, steps: [Double],
    scale: Double, state: inout MutableSpan<Double>, to totals: inout [LineSample]
  ) {
    addAlongLine(scores, direction, at: offset, label: label, steps: steps, scale: scale, to: &totals)
  }

  /// For a separable loss, this is the sum of `least` over outputs. `least` gets the total weight of the rows of the
  /// output's class, and the total weight of all other rows.
  func leastConstantValue(_ weights: [Double], _ least: (_ own: Double, _ other: Double) -> Double) -> Double {
    let total = weights.reduce(0, +)
    return (outputs == 1 ? weights[1...] : weights[...]).reduce(0) { $0 + least($1, total - $1) }
  }

  package func addLineStart(
    _ scores: Span<Double>, state: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int,
    scale: Double, to totals: inout [LineSample]
  ) {
    addAlongLine(
      scores, direction, at: offset, label: label, steps: [Double](repeating: 0, count: totals.count),
      scale: scale, to: &totals)
  }
}

/// The value of a function of one variable, and its first two derivatives, at a point.
package struct LineSample: Hashable, Sendable {
  package var value: Double
  package var slope: Double
  package var curvature: Double

  package init(value: Double = 0, slope: Double = 0, curvature: Double = 0) {
    self.value = value
    self.slope = slope
    self.curvature = curvature
  }

  package static func += (sum: inout LineSample, other: LineSample) {
    sum.value += other.value
    sum.slope += other.slope
    sum.curvature += other.curvature
  }

  package static func * (factor: Double, sample: LineSample) -> LineSample {
    LineSample(
      value: factor * sample.value, slope: factor * sample.slope, curvature: factor * sample.curvature)
  }
}
