// The requirements of the augmented Lagrangian on a smoothed loss.

/// A piecewise linear loss, smoothed over a width δ. Its certificates are about the piecewise linear loss.
package protocol SmoothedLoss: PointwiseLoss {
  /// δ, above 0.
  var width: Double { get }
  /// The factor, besides δ, that turns a dual variable of a score into the score's offset: +1, or -1 if the dual
  /// variable counts against the score.
  static var multiplierSign: Double { get }
  /// The same loss with another width.
  init(width: Double, of other: Self)
}
