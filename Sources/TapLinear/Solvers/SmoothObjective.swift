// The interface of a function that a Newton solver minimizes.

/// The numbers of iterations after which L-BFGS uses matrices as preconditioners. After `first` iterations, L-BFGS uses
/// one matrix for each output. `first` is about the cost of these matrices in iterations. After `joint` iterations,
/// L-BFGS uses one matrix of all outputs together. `joint` is nil if there is no such matrix.
package struct PreconditionerSchedule: Sendable {
  let first: Int
  let joint: Int?
}

/// A convex, twice differentiable function with a current point. All members except ``start(at:)`` refer to this point.
/// Data, loss and penalty stay hidden.
package protocol SmoothObjective {
  var parameterCount: Int { get }
  /// The blocks of parameters. The function does not couple different blocks.
  var blocks: ParameterBlocks { get }
  /// The value at the current point. The gap refers to this value. A line search may use another function.
  var value: Double { get }
  /// The current point.
  var parameters: [Double] { get }

  /// Moves to a point.
  mutating func start(at parameters: [Double])
  /// The gradient, and an upper bound of the value's distance from the minimum (infinite if no bound is known).
  mutating func gradientAndGap() -> (gradient: [Double], gap: Double)
  /// The gradient at the current point, without the gap.
  mutating func gradient() -> [Double]
  /// A descent direction δ with H δ ≈ -g, where H is the Hessian, and the number of Hessian products that δ took. With
  /// the residual r and the preconditioner M, √(rᵀM⁻¹r) is at most `tolerance` times its value at δ = 0, unless
  /// `maximumProducts` are too few.
  mutating func newtonDirection(
    gradient: [Double], tolerance: Double, maximumProducts: Int
  ) -> (direction: [Double], products: Int)
  /// gᵀM⁻¹g with a preconditioner M that approximates the Hessian; nil if there is no such preconditioner.
  func conditionedSquare(_ gradient: [Double]) -> Double?
  /// Prepares a search along a direction from the current point.
  mutating func prepareLine(_ direction: [Double])
  /// For each block, the value at the current point plus t times the block's part of the prepared direction, and the
  /// first two derivatives of this value in t.
  func alongLine(steps: [Double]) -> [LineSample]
  /// The values and derivatives of ``alongLine(steps:)`` for steps of 0.
  func lineStart() -> [LineSample]
  /// Moves each block by its step times its part of the prepared direction.
  mutating func advance(steps: [Double])

  /// Lets gradients and lines have the accuracy of single precision until ``refine()`` is called. No gap is known in
  /// that time. Returns false if gradients and lines keep their own accuracy.
  mutating func roughen() -> Bool
  /// Computes the value in double precision, and from then on gradients and lines too.
  mutating func refine()

  /// Whether the gap can be finite.
  var hasCertificate: Bool { get }
  /// Whether the current point proves that the function has no minimum, because it decreases forever along some ray.
  var hasNoMinimum: Bool { get }
  /// The largest change of scores along the prepared direction.
  var reach: Double { get }

  /// The iterations after which L-BFGS uses a ``blockPreconditioner(isJoint:)``; nil if L-BFGS uses no such
  /// preconditioner.
  var preconditionerSchedule: PreconditionerSchedule? { get }
  /// An approximate inverse of the Hessian at the current point: for all outputs together, or for each output
  /// separately.
  func blockPreconditioner(isJoint: Bool) -> BlockPreconditioner?
}

extension SmoothObjective {
  package var hasCertificate: Bool { true }
  package var hasNoMinimum: Bool { false }
  package var reach: Double { 0 }
  package mutating func gradient() -> [Double] { gradientAndGap().gradient }
  package mutating func roughen() -> Bool { false }
  package mutating func refine() {}
  package func conditionedSquare(_ gradient: [Double]) -> Double? { nil }
  package var preconditionerSchedule: PreconditionerSchedule? { nil }
  package func blockPreconditioner(isJoint: Bool) -> BlockPreconditioner? { nil }
  package func lineStart() -> [LineSample] {
    alongLine(steps: [Double](repeating: 0, count: blocks.count))
  }
}

extension SmoothObjective {
  /// Moves to the approximate minimum along a line, if the function decreases along it.
  mutating func descend(along direction: [Double]) {
    prepareLine(direction)
    guard let steps = LineSearch().steps(from: lineStart(), { alongLine(steps: $0) }) else { return }
    advance(steps: steps)
  }
}
