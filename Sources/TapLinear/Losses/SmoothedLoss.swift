// What the augmented Lagrangian needs of a loss whose kinks are rounded off.

/// A piecewise linear loss rounded off over a width δ. Its certificates are about the piecewise linear one.
package protocol SmoothedLoss: PointwiseLoss {
  /// δ, above 0.
  var width: Double { get }
  /// What a dual variable of a score is multiplied by, besides δ, to be the score's offset: +1, or -1 where the dual
  /// variable counts against the score.
  static var multiplierSign: Double { get }
  /// The same loss with another width.
  init(width: Double, of other: Self)
}
