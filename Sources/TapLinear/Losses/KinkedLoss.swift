// The common part of losses that consist of parabolas and straight lines.

/// A separable loss whose second derivative by a score has two values: 0, or one constant that is the same for all
/// rows.
package protocol KinkedLoss: PointwiseLoss {
  /// The value of d²ℓ/dz² that is not 0.
  var curvature: Double { get }
}

extension SquaredHingeLoss: KinkedLoss {
  package var curvature: Double { 2 }
}

extension SmoothedHingeLoss: KinkedLoss {
  package var curvature: Double { 1 / width }
}
