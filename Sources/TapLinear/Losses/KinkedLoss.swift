// The common part of losses made of parabolas and straight lines.

/// A separable loss whose second derivative by a score is 0 or one constant for all rows.
package protocol KinkedLoss: PointwiseLoss {
  /// d²ℓ/dz² where it is not 0.
  var curvature: Double { get }
}

extension SquaredHingeLoss: KinkedLoss {
  package var curvature: Double { 2 }
}

extension SmoothedHingeLoss: KinkedLoss {
  package var curvature: Double { 1 / width }
}
