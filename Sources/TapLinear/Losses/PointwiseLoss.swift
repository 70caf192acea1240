// The lowest of the four layers of a linear model: a loss of one row's scores, independent of features and weights. The
// layers above are the objective (data, penalty, intercept), the solver (values, gradients, products) and the
// estimator.
//
// Conventions: scores z are row-major [rows, outputs]; a row is addressed by the offset of its first score. `state` is
// what a loss keeps of a row between its value and its derivatives: `outputs` doubles for each row.

import TapKernels

/// A convex, differentiable loss ℓ(z, y) of one row's scores z and label y.
package protocol PointwiseLoss: Sendable {
  /// The number of scores of a row.
  var outputs: Int { get }
  /// Whether the loss is a sum of losses of single scores.
  var isSeparable: Bool { get }
  /// ℓ(0, y), the same for every label.
  var valueAtZero: Double { get }

  /// The least Σ_y `weights`_y ℓ(b, y) of scores b that are the same for every row: the optimum of intercepts alone.
  /// `weights` has one entry for each class.
  func leastConstantValue(_ weights: [Double]) -> Double

  /// Returns ℓ(z, y) and stores in `state` what the derivatives need.
  func value(
    _ scores: Span<Double>, at offset: Int, label: Int, state: inout MutableSpan<Double>
  ) -> Double

  /// Writes dℓ/dz into `gradient`, from the state.
  func gradient(
    state: Span<Double>, at offset: Int, label: Int, scale: Double, into gradient: inout MutableSpan<Double>,
    at target: Int)

  /// Replaces the direction v by `scale` · (d²ℓ/dz²) v.
  func multiplyByHessian<T: MatrixElement>(
    state: Span<Double>, at offset: Int, scale: Double, _ direction: inout MutableSpan<T>, at target: Int)

  /// The diagonal of `scale` · d²ℓ/dz².
  func hessianDiagonal(
    state: Span<Double>, at offset: Int, scale: Double, into diagonal: inout MutableSpan<Float>,
    at target: Int)

  /// Adds `scale` times ℓ(z + t v, y) and its first two derivatives in t to `totals`: one sample for all scores, or for
  /// a separable loss one for each score, with its own t.
  func addAlongLine(
    _ scores: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int, steps: [Double],
    scale: Double, to totals: inout [LineSample])

  /// Whether the Hessian's blocks of classes, ``ClassBlocks``, are close to it except along directions common to all
  /// classes.
  var suitsClassBlocks: Bool { get }
  /// Whether ``addAlongLine(_:_:at:label:steps:scale:state:to:)`` stores the state of the moved scores.
  var leavesStateAlongLine: Bool { get }
  /// The same; also stores in `state` what the derivatives at z + t v need if ``leavesStateAlongLine``.
  func addAlongLine(
    _ scores: Span<Double>, _ direction: Span<Double>, at offset: Int, label: Int, steps: [Double],
    scale: Double, state: inout MutableSpan<Double>, to totals: inout [LineSample])

  /// The same at t = 0, with the state of the scores.
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

  /// For a separable loss: the sum over outputs of `least`, given the weights on their two sides.
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

/// A function of one variable and its first two derivatives at a point.
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
