// The requirements that the augmented Lagrangian places on a smoothed loss.

/// A piecewise linear loss, smoothed over a width δ. Its certificates are about the piecewise linear loss.
package protocol SmoothedLoss: PointwiseLoss {
  /// The width δ, above 0.
  var width: Double { get }
  /// The offset of a score is the product of its dual variable, δ and this factor. The factor is the sign of the dual
  /// variable in dℓ/dz: +1 or -1.
  static var multiplierSign: Double { get }
  /// Creates the same loss with another width.
  init(width: Double, of other: Self)
}
