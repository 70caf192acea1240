// The interface of a function that a Newton solver minimizes.

/// The iterations after which L-BFGS uses matrices of single outputs, about as many as these cost, and then one matrix
/// of all outputs together, if there is one.
package struct BlockSchedule: Sendable {
  let first: Int
  let joint: Int?
}

/// A convex, twice differentiable function with state: it has a current point, and everything but ``start(at:)`` refers
/// to that point. Data, loss and penalty stay hidden.
package protocol SmoothObjective {
  var parameterCount: Int { get }
  /// The blocks of parameters that the function does not couple.
  var blocks: ParameterBlocks { get }
  /// The value at the current point, which the gap refers to. A line search may use another function.
  var value: Double { get }
  /// The current point.
  var parameters: [Double] { get }

  /// Moves to a point.
  mutating func start(at parameters: [Double])
  /// The gradient, and a bound of the value's distance from the minimum (infinite if none is known).
  mutating func gradientAndGap() -> (gradient: [Double], gap: Double)
  /// The gradient alone.
  mutating func gradient() -> [Double]
  /// A descent direction δ with H δ ≈ -g, H being the Hessian, and the number of products that it took. √(rᵀM⁻¹r) of
  /// the residual r is at most `tolerance` of its value at δ = 0, M the diagonal, unless `maximumProducts` are too few.
  mutating func newtonDirection(
    gradient: [Double], tolerance: Double, maximumProducts: Int
  ) -> (direction: [Double], products: Int)
  /// gᵀM⁻¹g with a preconditioner M that approximates the Hessian; nil if there is none.
  func conditionedSquare(_ gradient: [Double]) -> Double?
  /// Prepares a search along a direction from the current point.
  mutating func prepareLine(_ direction: [Double])
  /// For each block, the value and its first two derivatives in t at the point plus t times the block's part of the
  /// prepared direction.
  func alongLine(steps: [Double]) -> [LineSample]
  /// The same for steps of 0.
  func lineStart() -> [LineSample]
  /// Moves each block by its step times its part of the prepared direction.
  mutating func advance(steps: [Double])

  /// Lets gradients and lines have the accuracy of single precision until ``refine()``; false if they keep their own.
  /// Then no gap is known.
  mutating func roughen() -> Bool
  /// Computes the value and all that follows in double precision.
  mutating func refine()

  /// Whether a gap can be finite.
  var hasCertificate: Bool { get }
  /// Whether it is proven at the current point that there is no minimum: the function decreases forever along some ray.
  var hasNoMinimum: Bool { get }
  /// The length of the prepared direction, in the unit of scores.
  var reach: Double { get }

  /// The iterations after which L-BFGS uses a ``blockPreconditioner(isJoint:)``; nil if there is none.
  var blockSchedule: BlockSchedule? { get }
  /// An approximate inverse of the Hessian at the point: for all outputs together, or for one output after the other.
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
  package var blockSchedule: BlockSchedule? { nil }
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
