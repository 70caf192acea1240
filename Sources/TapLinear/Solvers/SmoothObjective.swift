// All that a Newton solver knows of the function that it minimises.

/// After how many iterations L-BFGS takes matrices of single outputs, about as many as these cost, and then one of all outputs
/// together, where there is one.
package struct BlockSchedule: Sendable {
  let first: Int
  let joint: Int?
}

/// A convex, twice differentiable function with a memory: it stands at a point, and everything but ``start(at:)`` is
/// about that point. Data, loss and penalty stay hidden.
package protocol SmoothObjective {
  var parameterCount: Int { get }
  /// Which parameters the function couples.
  var blocks: ParameterBlocks { get }
  /// The value at the point where the function stands: what the gap is about. Along a line another function may steer.
  var value: Double { get }
  /// The point where the function stands.
  var parameters: [Double] { get }

  /// Moves to a point.
  mutating func start(at parameters: [Double])
  /// The gradient, and a bound on how far the value is above the minimum (infinite if none is known).
  mutating func gradientAndGap() -> (gradient: [Double], gap: Double)
  /// The gradient alone.
  mutating func gradient() -> [Double]
  /// A direction of descent δ with H δ ≈ -g, H being the Hessian: √(rᵀM⁻¹r) of the remainder r at most `tolerance` of its
  /// value at δ = 0, M the diagonal, unless `maximumProducts` are too few. And how many products it took.
  mutating func newtonDirection(
    gradient: [Double], tolerance: Double, maximumProducts: Int
  ) -> (direction: [Double], products: Int)
  /// gᵀM⁻¹g with a preconditioner M that is about the Hessian; nil for none.
  func conditionedSquare(_ gradient: [Double]) -> Double?
  /// Prepares a search along a direction from the point.
  mutating func prepareLine(_ direction: [Double])
  /// For each block the value and its first two derivatives in t at the point plus t times the block's part of the
  /// prepared direction.
  func alongLine(steps: [Double]) -> [LineSample]
  /// The same for steps of 0.
  func lineStart() -> [LineSample]
  /// Moves each block by its step times its part of the prepared direction.
  mutating func advance(steps: [Double])

  /// Whether gaps are ever finite.
  var hasCertificate: Bool { get }
  /// Whether it is proven where the function stands that it has no minimum: it falls for ever along some ray.
  var hasNoMinimum: Bool { get }
  /// How far the prepared direction goes, in the unit of scores.
  var reach: Double { get }

  /// When L-BFGS takes a ``blockPreconditioner(isJoint:)``; nil if there is none.
  var blockSchedule: BlockSchedule? { get }
  /// About the Hessian's inverse at the point: of all outputs together, or one output after the other.
  func blockPreconditioner(isJoint: Bool) -> BlockPreconditioner?
}

extension SmoothObjective {
  package var hasCertificate: Bool { true }
  package var hasNoMinimum: Bool { false }
  package var reach: Double { 0 }
  package mutating func gradient() -> [Double] { gradientAndGap().gradient }
  package func conditionedSquare(_ gradient: [Double]) -> Double? { nil }
  package var blockSchedule: BlockSchedule? { nil }
  package func blockPreconditioner(isJoint: Bool) -> BlockPreconditioner? { nil }
  package func lineStart() -> [LineSample] {
    alongLine(steps: [Double](repeating: 0, count: blocks.count))
  }
}

extension SmoothObjective {
  /// Moves to about the minimum along a line, if the function falls along it.
  mutating func descend(along direction: [Double]) {
    prepareLine(direction)
    guard let steps = LineSearch().steps(from: lineStart(), { alongLine(steps: $0) }) else { return }
    advance(steps: steps)
  }
}
