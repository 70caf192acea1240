// What losses made of parabolas and straight lines have in common.

/// A separable loss whose second derivative by a score is either 0 or the same for every row.
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
