// The dual of a linear SVM, one row at a time: quick to the neighbourhood of the optimum, where most rows are told apart.

import TapKernels

/// Minimises the duals of some outputs of a linear SVM side by side,
/// ```
/// D(α) = ½ ‖Σ αᵢ yᵢ fᵢ‖² + ½ B² (Σ αᵢ yᵢ)² + Σ (½ Dᵢ αᵢ² - αᵢ (1 - yᵢ b₀)),      0 ≤ αᵢ ≤ Uᵢ
/// ```
/// with Dᵢ = 0, Uᵢ = costᵢ for the hinge loss, and Dᵢ = 1 / 2 costᵢ, Uᵢ = ∞ for its square. B is the appended feature; b₀ a
/// bias that is added to it.
///
/// Rows at a bound whose gradient points beyond are left out until the end (shrinking); the others go in a new random order
/// each time. The outputs know nothing of each other, but they take the rows in the same order: so a row is read from memory
/// once for all that it concerns, and results are the same however outputs are dealt over threads.
///
/// Weights are kept in single precision, as what was added since scores were last known in double precision: the smaller the
/// steps, the smaller their rounding errors.
///
/// A free intercept puts Σ αᵢ yᵢ = 0 on the dual, which single coordinates cannot keep. It is approached by proximal steps:
/// b₀ moves by B² Σ αᵢ yᵢ after some epochs.
///
/// Source: Hsieh, Chang, Lin, Keerthi and Sundararajan, "A dual coordinate descent method for large-scale linear SVM"
/// (2008), algorithms 1 and 3.
struct DualCoordinateDescent: Sendable {
  /// Outputs that fit the first-level cache together, at the usual number of columns.
  static let mostOutputs = 6
  /// Epochs of a round at most, and those between moves of a free bias.
  private static let epochs = (round: 1000, proximal: 8)

  /// The outputs in hand.
  let outputs: Range<Int>
  private(set) var progress: [OutputProgress]
  private let rows: DualRows
  private let labels: [Int]
  private let costs: [Double]
  private let classes: OneVersusRest
  private let isSquared: Bool
  private let isFree: Bool
  private let feature: Double
  private let products: RowProducts
  /// Rows of a cost above 0.
  private let weightedCount: Int
  /// `[rows, outputs]`.
  private var alpha: [Double]
  /// Where changes are counted from: the scores of all rows, `[rows, outputs]`.
  private var origin: [Double]
  /// Σ αᵢ yᵢ xᵢ / scale² of the changes, of the unscaled features, `[outputs, columns]`.
  private var weights: [Float]
  /// Bit o: output o looks at the row.
  private var active: [UInt8]
  private var order: [Int32] = []
  private var chosen = [UInt8](repeating: 0, count: 8)
  private var dots = [Float](repeating: 0, count: 8)
  private var moved = [UInt8](repeating: 0, count: 8)
  private var steps = [Float](repeating: 0, count: 8)

  /// One output's sums and limits.
  struct OutputProgress: Sendable {
    /// Σ αᵢ yᵢ, and Σ αᵢ yᵢ pᵢ of the changes.
    fileprivate(set) var sum = 0.0
    fileprivate var shift = 0.0
    /// b₀.
    fileprivate(set) var bias = 0.0
    /// Σ αᵢ yᵢ and b₀ that the scores at the origin hold for.
    fileprivate var origin = (sum: 0.0, bias: 0.0)
    fileprivate(set) var epochs = 0
    /// Whether the last round came below its violation.
    fileprivate(set) var isDone = false
    fileprivate var isRunning = false
    fileprivate var left = 0
    fileprivate var untilMove = 0
    fileprivate var activeCount = 0
    /// Projected gradients of the last epoch, and of this one.
    fileprivate var (upper, lower) = (Double.infinity, -Double.infinity)
    fileprivate var (largest, smallest) = (-Double.infinity, Double.infinity)
  }

  /// - Parameters:
  ///   - outputs: at most ``mostOutputs``.
  ///   - feature: B.
  ///   - isFree: whether the bias moves.
  init(
    _ rows: DualRows, outputs: Range<Int>, labels: [Int], costs: [Double], classes: OneVersusRest,
    isSquared: Bool, feature: Double, isFree: Bool, products: RowProducts
  ) {
    precondition(outputs.count <= Self.mostOutputs)
    self.rows = rows
    self.outputs = outputs
    self.labels = labels
    self.costs = costs
    self.classes = classes
    self.isSquared = isSquared
    self.isFree = isFree
    self.feature = feature
    self.products = products
    weightedCount = costs.count { $0 > 0 }
    progress = [OutputProgress](repeating: OutputProgress(), count: outputs.count)
    alpha = [Double](repeating: 0, count: costs.count * outputs.count)
    origin = alpha
    weights = [Float](repeating: 0, count: outputs.count * rows.design.columns)
    active = [UInt8](repeating: 0, count: costs.count)
  }

  /// α of a row and an output of this group.
  @inline(__always)
  func alpha(row: Int, output: Int) -> Double { alpha[row * outputs.count + output - outputs.lowerBound] }

  /// Works until the largest violation of each output is at most `violation`, or its epochs run out.
  mutating func work(violation: Double) {
    for o in progress.indices {
      progress[o].isDone = false
      progress[o].isRunning = true
      progress[o].left = Self.epochs.round
      progress[o].untilMove = Self.epochs.proximal
      activateAll(o)
    }
    var epoch = 0
    while progress.contains(where: \.isRunning) {
      runEpoch(seed: UInt64(epoch))
      epoch += 1
      for o in progress.indices where progress[o].isRunning { endEpoch(o, violation) }
    }
  }

  /// Takes the scores that α and b₀ give, computed in double precision.
  ///
  /// - Parameters:
  ///   - scores: of all outputs of the problem, `[rows, width]`.
  mutating func settle(scores: [Double], width: Int) {
    for row in costs.indices {
      for (o, c) in outputs.enumerated() { origin[row * outputs.count + o] = scores[row * width + c] }
    }
    for o in progress.indices {
      progress[o].origin = (progress[o].sum, progress[o].bias)
      progress[o].shift = 0
    }
    for i in weights.indices { weights[i] = 0 }
  }

  private mutating func activateAll(_ o: Int) {
    progress[o].activeCount = 0
    (progress[o].upper, progress[o].lower) = (.infinity, -.infinity)
    for row in costs.indices where costs[row] > 0 {
      active[row] |= 1 << UInt8(o)
      progress[o].activeCount += 1
    }
  }

  /// Decides how an output goes on.
  private mutating func endEpoch(_ o: Int, _ violation: Double) {
    progress[o].epochs += 1
    progress[o].left -= 1
    progress[o].untilMove -= 1
    let (largest, smallest) = (progress[o].largest, progress[o].smallest)
    var isOptimal = largest - smallest <= violation
    if isOptimal, progress[o].activeCount < weightedCount {
      // Once more with every row.
      isOptimal = false
      activateAll(o)
    } else {
      progress[o].upper = largest <= 0 ? .infinity : largest
      progress[o].lower = smallest >= 0 ? -.infinity : smallest
    }
    let move = isFree ? feature * feature * progress[o].sum : 0
    if isOptimal && abs(move) <= violation {
      progress[o].isDone = true
      progress[o].isRunning = false
    } else if isFree && (isOptimal || progress[o].untilMove == 0) {
      progress[o].bias += move
      progress[o].untilMove = Self.epochs.proximal
    }
    if progress[o].left == 0 { progress[o].isRunning = false }
  }

  /// One epoch of every output that is running.
  private mutating func runEpoch(seed: UInt64) {
    var running: UInt8 = 0
    for o in progress.indices where progress[o].isRunning {
      running |= 1 << UInt8(o)
      (progress[o].largest, progress[o].smallest) = (-.infinity, .infinity)
    }
    shuffle(seed: seed)
    let here = order.filter { active[Int($0)] & running != 0 }
    for place in here.indices {
      let row = Int(here[place])
      visit(row, next: Int(here[place + 1 < here.count ? place + 1 : place]), active[row] & running)
    }
  }

  /// All rows in an order that depends on the seed and nothing else, for each output takes its rows from it.
  private mutating func shuffle(seed: UInt64) {
    var random = SplitMix(state: 0x1234_5678_9ABC_DEF0 &+ seed)
    if order.isEmpty { order = [Int32](repeating: 0, count: costs.count) }
    for i in order.indices { order[i] = Int32(i) }
    for i in order.indices.reversed().dropLast() { order.swapAt(i, random.below(i + 1)) }
  }

  /// The coordinates of one row.
  @inline(__always)
  private mutating func visit(_ row: Int, next: Int, _ mask: UInt8) {
    let width = outputs.count
    var count = 0
    for o in 0..<width where mask & (1 << UInt8(o)) != 0 {
      chosen[count] = UInt8(o)
      count += 1
    }
    rows.dots(row, next: next, weights, chosen: chosen, count: count, into: &dots, products)
    let diagonal = isSquared ? 0.5 / costs[row] : 0
    let bound = isSquared ? Double.infinity : costs[row]
    let (label, shift) = (labels[row], rows.shifts[row])
    let square = rows.offsetNorm + feature * feature
    let curvature = rows.squaredNorms[row] + feature * feature + diagonal
    var movedCount = 0
    for i in 0..<count {
      let o = Int(chosen[i])
      let sign = classes.sign(of: label, output: outputs.lowerBound + o)
      let old = alpha[row * width + o]
      let score =
        origin[row * width + o] + Double(dots[i]) - progress[o].shift
        + (progress[o].sum - progress[o].origin.sum) * (square - shift)
        + (progress[o].bias - progress[o].origin.bias)
      let gradient = sign * score - 1 + diagonal * old
      var projected = gradient
      if old == 0 {
        projected = min(gradient, 0)
      } else if old == bound {
        projected = max(gradient, 0)
      }
      if (old == 0 && gradient > progress[o].upper) || (old == bound && gradient < progress[o].lower) {
        active[row] &= ~(1 << UInt8(o))
        progress[o].activeCount -= 1
        continue
      }
      progress[o].largest = max(progress[o].largest, projected)
      progress[o].smallest = min(progress[o].smallest, projected)
      guard abs(projected) > 1e-12 else { continue }
      let new = min(max(old - gradient / curvature, 0), bound)
      let step = (new - old) * sign
      alpha[row * width + o] = new
      progress[o].sum += step
      progress[o].shift += step * shift
      moved[movedCount] = UInt8(o)
      steps[movedCount] = Float(step)
      movedCount += 1
    }
    if movedCount > 0 {
      rows.add(row, factors: steps, chosen: moved, count: movedCount, to: &weights, products)
    }
  }
}

/// Steele, Lea and Flood's generator (2014): enough for an order of rows.
struct SplitMix {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return Int(truncatingIfNeeded: (z ^ (z &>> 31)).multipliedFullWidth(by: UInt64(bound)).high)
  }
}
