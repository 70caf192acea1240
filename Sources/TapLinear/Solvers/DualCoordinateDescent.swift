// Coordinate descent on the dual of a linear SVM, one row at a time. This method is fast near the optimum if most rows
// are separable.

import TapKernels
import TapTensors

/// Minimizes the duals of some outputs of a linear SVM together. The dual of one output is
/// ```
/// D(α) = ½ ‖Σ αᵢ yᵢ fᵢ‖² + ½ B² (Σ αᵢ yᵢ)² + Σ (½ Dᵢ αᵢ² - αᵢ (1 - yᵢ b₀)),      0 ≤ αᵢ ≤ Uᵢ
/// ```
/// Here Dᵢ = 0 and Uᵢ = costᵢ for the hinge loss. For the squared hinge loss, Dᵢ = 1 / 2 costᵢ and Uᵢ = ∞. B is the
/// value of the appended feature, and b₀ is an additional bias.
///
/// A row is left out until the end (shrinking) if its α is at a bound and its gradient points beyond the bound. Each
/// epoch takes the remaining rows in a new random order. Outputs are independent but take rows in the same order, so
/// they share each read of a row. The results are the same bits for any assignment of outputs to threads. Between two
/// such epochs, each output iterates several times over only the rows whose α is strictly between the bounds. These
/// rows are few and stay in the cache, and their α changes most. Weights are kept in single precision, as changes since
/// scores were last computed in double precision. A free intercept adds the constraint Σ αᵢ yᵢ = 0, which steps of
/// single coordinates cannot keep. Proximal steps make the sum approach 0: b₀ moves by B² Σ αᵢ yᵢ after some epochs.
///
/// Source: Hsieh and others, "A dual coordinate descent method for large-scale linear SVM" (2008), algorithms 1 and 3.
struct DualCoordinateDescent: Sendable {
  /// The maximum number of outputs in a group. Their weights together fit the first-level cache.
  static func mostOutputs(columns: Int) -> Int { min(16, max(6, 32 * 1024 / (4 * max(1, columns)))) }
  /// Maximum numbers of epochs. `round` is for one round. `proximal` is between two moves of a free bias. `inner` is
  /// for the rows between their bounds, after each epoch over active rows.
  private static let epochs = (round: 1000, proximal: 8, inner: 10)

  /// The outputs of this group.
  let outputs: Range<Int>
  private(set) var progress: [OutputProgress]
  private let rows: DualRows
  private let facts: [RowFacts]
  private let classes: OneVersusRest
  private let isFree: Bool
  private let feature: Double
  private let products: RowProducts
  /// The number of rows with a cost above 0.
  private let weightedCount: Int
  /// The coordinates of all rows and outputs, `[rows, outputs]`.
  private var coordinates: [Coordinate]
  /// The changes of Σ αᵢ yᵢ xᵢ / scale² with the unscaled features xᵢ, `[outputs, columns]`.
  private var weights: [Float]
  /// Bit o of an element is 1 if the row is active for output o.
  private var active: [UInt16]
  private var order: [Int32] = []
  /// For each output, the rows whose α was strictly between the bounds at their last visit in the last epoch.
  private var between: [[Int32]]
  private var chosen = [UInt8](repeating: 0, count: 16)
  private var dots = [Float](repeating: 0, count: 16)
  private var moved = [UInt8](repeating: 0, count: 16)
  private var steps = [Float](repeating: 0, count: 16)

  /// The values of a row, next to each other in memory, because rows are visited in random order.
  struct RowFacts: Sendable {
    let label: Int
    /// Dᵢ and Uᵢ. Both are 0 for a row with cost 0.
    let diagonal: Double
    let bound: Double
    /// The second derivative ‖fᵢ‖² + B² + Dᵢ.
    let curvature: Double
    /// The change m + B² - pᵢ of the row's score per unit of Σ αᵢ yᵢ, with m and pᵢ of ``DualRows``.
    let coupling: Double
    /// The shift pᵢ (``DualRows``).
    let shift: Double
  }

  /// α of a row and an output, and the last known score, from which changes are counted.
  private struct Coordinate {
    var alpha = 0.0
    var origin = 0.0
  }

  /// The sums and the state of one output.
  struct OutputProgress: Sendable {
    /// The sum Σ αᵢ yᵢ. The next variable is the change of Σ αᵢ yᵢ pᵢ.
    fileprivate(set) var sum = 0.0
    fileprivate var shift = 0.0
    /// The bias b₀.
    fileprivate(set) var bias = 0.0
    /// Σ αᵢ yᵢ and b₀ for which the last known scores hold.
    fileprivate var origin = (sum: 0.0, bias: 0.0)
    /// The number of epochs, and the number of all visits to rows, also between two epochs.
    fileprivate(set) var (epochs, visits) = (0, 0)
    /// Whether the violation of the last round is at most its target.
    fileprivate(set) var isDone = false
    fileprivate var isRunning = false
    fileprivate var left = 0
    fileprivate var untilMove = 0
    fileprivate var activeCount = 0
    /// The extreme projected gradients of the last epoch. The variables in the next line are the extreme projected
    /// gradients of the current epoch.
    fileprivate var (upper, lower) = (Double.infinity, -Double.infinity)
    fileprivate var (largest, smallest) = (-Double.infinity, Double.infinity)
  }

  /// The values of all rows, row by row.
  ///
  /// - Parameter feature: the appended feature B.
  static func facts(
    _ rows: DualRows, labels: [Int], costs: [Double], isSquared: Bool, feature: Double
  ) -> [RowFacts] {
    costs.indices.map { row in
      let diagonal = isSquared && costs[row] > 0 ? 0.5 / costs[row] : 0
      return RowFacts(
        label: labels[row], diagonal: diagonal, bound: isSquared && costs[row] > 0 ? .infinity : costs[row],
        curvature: rows.squaredNorms[row] + feature * feature + diagonal,
        coupling: rows.offsetNorm + feature * feature - rows.shifts[row], shift: rows.shifts[row])
    }
  }

  /// - Parameters:
  ///   - outputs: the outputs of this group, at most ``mostOutputs(columns:)``.
  ///   - feature: the appended feature B.
  ///   - isFree: whether the bias moves.
  init(
    _ rows: DualRows, _ facts: [RowFacts], outputs: Range<Int>, classes: OneVersusRest, feature: Double,
    isFree: Bool, products: RowProducts
  ) {
    precondition(outputs.count <= Self.mostOutputs(columns: rows.design.columns))
    self.rows = rows
    self.facts = facts
    self.outputs = outputs
    self.classes = classes
    self.isFree = isFree
    self.feature = feature
    self.products = products
    weightedCount = facts.count { $0.bound > 0 }
    progress = [OutputProgress](repeating: OutputProgress(), count: outputs.count)
    coordinates = [Coordinate](repeating: Coordinate(), count: facts.count * outputs.count)
    weights = [Float](repeating: 0, count: outputs.count * rows.design.columns)
    active = [UInt16](repeating: 0, count: facts.count)
    between = [[Int32]](repeating: [], count: outputs.count)
  }

  /// The value of α for a row and an output of this group.
  @inline(__always)
  func alpha(row: Int, output: Int) -> Double {
    coordinates[row * outputs.count + output - outputs.lowerBound].alpha
  }

  /// Iterates until every output stops. An output stops at the end of an epoch if its largest violation is at most
  /// `violation`, or if its epochs run out. An output also stops if it has made at least `mostVisits` visits to rows in
  /// all rounds together.
  mutating func work(violation: Double, mostVisits: Int) {
    for o in progress.indices {
      progress[o].isDone = false
      progress[o].isRunning = true
      progress[o].left = Self.epochs.round
      progress[o].untilMove = Self.epochs.proximal
      activateAll(o)
    }
    var epoch = 0
    while progress.contains(where: \.isRunning), !Cancellation.isRequested {
      runEpoch(seed: UInt64(epoch))
      epoch += 1
      for o in progress.indices where progress[o].isRunning {
        let range = progress[o].largest - progress[o].smallest
        endEpoch(o, violation, mostVisits: mostVisits)
        if progress[o].isRunning {
          goBetween(o, violation: max(0.3 * violation, 0.1 * range), seed: UInt64(epoch))
        }
      }
    }
  }

  /// Sets the known scores, computed in double precision, for the current α and b₀.
  ///
  /// - Parameters:
  ///   - scores: the scores of all outputs of the problem, `[rows, width]`.
  mutating func settle(scores: [Double], width: Int) {
    for row in facts.indices {
      for (o, c) in outputs.enumerated() {
        coordinates[row * outputs.count + o].origin = scores[row * width + c]
      }
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
    for row in facts.indices where facts[row].bound > 0 {
      active[row] |= 1 << UInt16(o)
      progress[o].activeCount += 1
    }
  }

  /// Decides whether and how an output continues.
  private mutating func endEpoch(_ o: Int, _ violation: Double, mostVisits: Int) {
    progress[o].epochs += 1
    progress[o].left -= 1
    progress[o].untilMove -= 1
    let (largest, smallest) = (progress[o].largest, progress[o].smallest)
    var isOptimal = largest - smallest <= violation
    if isOptimal, progress[o].activeCount < weightedCount {
      // Checks every row once more.
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
    } else if isFree && (isOptimal || progress[o].untilMove <= 0) {
      moveBias(o)
    }
    if progress[o].left == 0 || progress[o].visits >= mostVisits { progress[o].isRunning = false }
  }

  /// Runs one epoch of every output that is running.
  private mutating func runEpoch(seed: UInt64) {
    var running: UInt16 = 0
    for o in progress.indices where progress[o].isRunning {
      running |= 1 << UInt16(o)
      (progress[o].largest, progress[o].smallest) = (-.infinity, .infinity)
      between[o].removeAll(keepingCapacity: true)
    }
    shuffle(seed: seed)
    let here = order.filter { active[Int($0)] & running != 0 }
    for place in here.indices {
      let row = Int(here[place])
      visit(row, next: Int(here[place + 1 < here.count ? place + 1 : place]), active[row] & running)
    }
  }

  /// Shuffles all rows by the seed alone, because every output takes its rows in this order.
  private mutating func shuffle(seed: UInt64) {
    var random = SeededGenerator(seed: 0x1234_5678_9ABC_DEF0 &+ seed)
    if order.isEmpty { order = [Int32](repeating: 0, count: facts.count) }
    for i in order.indices { order[i] = Int32(i) }
    for i in order.indices.reversed().dropLast() { order.swapAt(i, random.nextScaled(below: i + 1)) }
  }

  /// Updates the coordinates of one row.
  @inline(__always)
  private mutating func visit(_ row: Int, next: Int, _ mask: UInt16) {
    var (count, left) = (0, mask)
    while left != 0 {
      chosen[count] = UInt8(left.trailingZeroBitCount)
      left &= left - 1
      count += 1
    }
    rows.dots(row, next: next, weights, chosen: chosen, count: count, into: &dots, products)
    let facts = facts[row]
    let first = row * outputs.count
    var movedCount = 0
    var leaving: UInt16 = 0
    for i in 0..<count {
      let o = Int(chosen[i])
      let old = coordinates[first + o].alpha
      progress[o].visits += 1
      let gradient = gradient(facts, first + o, o, dot: dots[i])
      if (old == 0 && gradient > progress[o].upper) || (old == facts.bound && gradient < progress[o].lower) {
        leaving |= 1 << UInt16(o)
        progress[o].activeCount -= 1
        continue
      }
      let projected = projected(gradient, old, facts)
      progress[o].largest = max(progress[o].largest, projected)
      progress[o].smallest = min(progress[o].smallest, projected)
      if abs(projected) > 1e-12 {
        moved[movedCount] = UInt8(o)
        steps[movedCount] = move(facts, first + o, o, gradient)
        movedCount += 1
      }
      let new = coordinates[first + o].alpha
      if new > 0 && new < facts.bound { between[o].append(Int32(row)) }
    }
    if leaving != 0 { active[row] &= ~leaving }
    if movedCount > 0 {
      rows.add(row, factors: steps, chosen: moved, count: movedCount, to: &weights, products)
    }
  }

  /// Runs epochs of one output over the rows between their bounds, until their largest violation is at most
  /// `violation`.
  private mutating func goBetween(_ o: Int, violation: Double, seed: UInt64) {
    var here: [Int32] = []
    swap(&here, &between[o])
    var random = SeededGenerator(seed: 0x9ABC_DEF0_1234_5678 &+ seed)
    chosen[0] = UInt8(o)
    moved[0] = UInt8(o)
    for _ in 0..<Self.epochs.inner {
      var (largest, smallest) = (-Double.infinity, Double.infinity)
      for i in here.indices.reversed().dropLast() { here.swapAt(i, random.nextScaled(below: i + 1)) }
      for place in here.indices {
        let row = Int(here[place])
        let next = Int(here[place + 1 < here.count ? place + 1 : place])
        rows.dots(row, next: next, weights, chosen: chosen, count: 1, into: &dots, products)
        let facts = facts[row]
        let index = row * outputs.count + o
        let gradient = gradient(facts, index, o, dot: dots[0])
        let projected = projected(gradient, coordinates[index].alpha, facts)
        (largest, smallest) = (max(largest, projected), min(smallest, projected))
        guard abs(projected) > 1e-12 else { continue }
        steps[0] = move(facts, index, o, gradient)
        rows.add(row, factors: steps, chosen: moved, count: 1, to: &weights, products)
      }
      progress[o].visits += here.count
      progress[o].untilMove -= 1
      if isFree && progress[o].untilMove <= 0 { moveBias(o) }
      if largest - smallest <= violation { break }
    }
    swap(&here, &between[o])
  }

  private mutating func moveBias(_ o: Int) {
    progress[o].bias += feature * feature * progress[o].sum
    progress[o].untilMove = Self.epochs.proximal
  }

  /// The derivative dD/dα for a coordinate.
  @inline(__always)
  private func gradient(_ facts: RowFacts, _ index: Int, _ o: Int, dot: Float) -> Double {
    let score =
      coordinates[index].origin + Double(dot) - progress[o].shift
      + (progress[o].sum - progress[o].origin.sum) * facts.coupling
      + (progress[o].bias - progress[o].origin.bias)
    return classes.sign(of: facts.label, output: outputs.lowerBound + o) * score - 1
      + facts.diagonal * coordinates[index].alpha
  }

  /// The gradient, or 0 if α is at a bound and the gradient points beyond this bound.
  @inline(__always)
  private func projected(_ gradient: Double, _ alpha: Double, _ facts: RowFacts) -> Double {
    if alpha == 0 { return min(gradient, 0) }
    return alpha == facts.bound ? max(gradient, 0) : gradient
  }

  /// Moves a coordinate to its minimum. Returns the change times the sign y of the coordinate.
  @inline(__always)
  private mutating func move(_ facts: RowFacts, _ index: Int, _ o: Int, _ gradient: Double) -> Float {
    let old = coordinates[index].alpha
    let new = min(max(old - gradient / facts.curvature, 0), facts.bound)
    let step = (new - old) * classes.sign(of: facts.label, output: outputs.lowerBound + o)
    coordinates[index].alpha = new
    progress[o].sum += step
    progress[o].shift += step * facts.shift
    return Float(step)
  }
}
