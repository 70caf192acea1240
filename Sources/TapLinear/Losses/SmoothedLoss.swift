// The requirements that the augmented Lagrangian places on a smoothed loss.

/// A piecewise linear loss, smoothed over a width δ. Its certificates are about the piecewise linear loss.
package protocol SmoothedLoss: PointwiseLoss {
  /// The width δ, above 0.
  var width: Double { get }
  /// A dual variable of a score times δ times this factor is the offset of the score. The factor is +1, or -1 if the
  /// dual variable counts against the score.
  static var multiplierSign: Double { get }
  /// Creates the same loss with another width.
  init(width: Double, of other: Self)
}
