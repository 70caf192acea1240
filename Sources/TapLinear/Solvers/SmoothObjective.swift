// All that a Newton solver knows of the function that it minimises.

/// A convex, twice differentiable function with a memory: it stands at a point, and everything but ``start(at:)`` is
/// about that point. Data, loss and penalty stay hidden.
package protocol SmoothObjective {
  var parameterCount: Int { get }
  /// The value at the point where the function stands: what the gap is about. Along a line another function may steer.
  var value: Double { get }
  /// The point where the function stands.
  var parameters: [Double] { get }

  /// Moves to a point.
  mutating func start(at parameters: [Double])
  /// The gradient, and a bound on how far the value is above the minimum (infinite if none is known).
  mutating func gradientAndGap() -> (gradient: [Double], gap: Double)
  /// The Hessian times a direction. May be of lower precision than the gradient, and damped where curvature may vanish.
  func hessianProduct(_ direction: [Double]) -> [Double]
  /// The Hessian's diagonal, every entry positive.
  func hessianDiagonal() -> [Double]
  /// Prepares a search along a direction from the point.
  mutating func prepareLine(_ direction: [Double])
  /// The value and its first two derivatives in t at the point plus t times the prepared direction.
  func alongLine(step: Double) -> LineSample
  /// Moves by `step` times the prepared direction.
  mutating func advance(step: Double)
}
