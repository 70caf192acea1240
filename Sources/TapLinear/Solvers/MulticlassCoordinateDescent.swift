// Coordinate descent on the dual of Crammer and Singer's SVM. One step takes one row, with all dual variables of the
// row at once.

import TapKernels
import TapTensors

/// Minimizes the following function over α, `[rows, classes]`:
/// ```
/// D(α) = ½ Σ_c (‖w_c‖² + B² s_c²) + Σᵢ Σ_{c ≠ yᵢ} αᵢ_c + Σ_c b_c s_c,      w_c = Σ αᵢ_c fᵢ,   s_c = Σ αᵢ_c
/// subject to  Σ_c αᵢ_c = 0,   αᵢ_c ≤ costᵢ for c = yᵢ, else ≤ 0
/// ```
/// Here B is the value of the appended feature, and b is an additional bias. The subproblem of one row, with all other
/// rows fixed, is a projection onto a simplex and is solved exactly. A class of a row is left out (shrinking) if its
/// variable is at its bound and its gradient points beyond the bound. A row with fewer than two remaining classes is
/// left out too. All rows and classes return before the end.
///
/// Weights are kept in single precision, as changes since scores were last computed in double precision. Smaller
/// changes have smaller rounding errors.
///
/// The descent uses one thread, because every row moves every class.
///
/// Source: Keerthi, Sundararajan, Chang, Hsieh and Lin, "A sequential dual method for large scale multi-class linear
/// SVMs" (2008); LIBLINEAR's solver 4.
struct MulticlassCoordinateDescent {
  /// The number of classes in one product of a row. The number is 256, because the index of a class is stored in a
  /// byte.
  private static let blockSize = 256

  /// The number of epochs between two moves of a free bias. The bias moves earlier if all rows are done earlier.
  private static let epochsPerMove = 8

  private let labels: [Int]
  private let costs: [Double]
  private let rows: DualRows
  private let feature: Double
  private let products: RowProducts
  private let classCount: Int
  /// The dual variables α, `[rows, classes]`.
  private(set) var alpha: [Double]
  /// The sums s_c.
  private(set) var sums: [Double]
  /// The biases b_c.
  private(set) var bias: [Double]
  private(set) var epochs = 0
  /// The state from which changes are counted: the scores of all rows, `[rows, classes]`, and s_c and b_c for these
  /// scores.
  private var origin: (scores: [Double], sums: [Double], bias: [Double])
  /// The changes of the sums Σ αᵢ_c pᵢ.
  private var shifts: [Double]
  /// The changes of Σ αᵢ_c xᵢ / scale² with the unscaled features xᵢ. Each block of classes has an array `[classes,
  /// columns]`.
  private var weights: [[Float]]
  /// The violation below which all rows return to the active rows.
  private var goal = 1.0
  private var random = SeededGenerator(seed: 0x1234_5678_9ABC_DEF0)
  /// A row's classes, with the remaining classes first. The next variable is the number of remaining classes of each
  /// row.
  private var order: [Int32]
  private var sizes: [Int32]
  /// The gradients ∂D/∂α of the current row.
  private var gradients: [Double]
  private var chosen = [UInt8](repeating: 0, count: blockSize)
  private var factors = [Float](repeating: 0, count: blockSize)

  /// - Parameter feature: the appended feature B.
  init(_ problem: LinearProblem<CrammerSingerLoss>, rows: DualRows, feature: Double) {
    let (count, k) = (problem.design.count, problem.outputs)
    labels = problem.labels
    costs = problem.costs
    self.rows = rows
    self.feature = feature
    products = .matching(problem.product)
    classCount = k
    alpha = [Double](repeating: 0, count: count * k)
    sums = [Double](repeating: 0, count: k)
    shifts = sums
    bias = sums
    gradients = sums
    origin = (alpha, sums, bias)
    weights = stride(from: 0, to: k, by: Self.blockSize).map {
      [Float](repeating: 0, count: min(Self.blockSize, k - $0) * problem.columns)
    }
    order = [Int32](repeating: 0, count: count * k)
    sizes = [Int32](repeating: 0, count: count)
  }

  /// The largest change of a bias in the next proximal step.
  private var largestMove: Double { feature * feature * sums.reduce(0) { max($0, abs($1)) } }

  /// The proximal step: b_c moves by B² s_c.
  private mutating func moveBias() {
    for c in 0..<classCount { bias[c] += feature * feature * sums[c] }
  }

  /// Sets the known scores, `[rows, classes]`, computed in double precision, for the current α and b.
  mutating func settle(scores: [Double]) {
    origin = (scores, sums, bias)
    for c in shifts.indices { shifts[c] = 0 }
    for block in weights.indices {
      for i in weights[block].indices { weights[block][i] = 0 }
    }
  }

  /// Iterates until gradients that agree at the minimum differ by at most `violation` in every row. Returns true if
  /// this state was reached within `maximumEpochs`.
  ///
  /// - Parameter isFree: whether the bias moves. The bias moves when all rows are done, and otherwise after some
  ///   epochs.
  mutating func work(violation: Double, maximumEpochs: Int, isFree: Bool) -> Bool {
    let all = costs.indices.filter { costs[$0] > 0 }
    var active = all
    activateAll()
    var isFromAll = true
    var untilMove = Self.epochsPerMove
    for _ in 0..<maximumEpochs where !Cancellation.isRequested {
      epochs += 1
      untilMove -= 1
      let largest = runEpoch(&active)
      if largest >= goal {
        isFromAll = false
      } else if isFromAll, largest < violation {
        guard isFree, largestMove > violation else { return true }
        untilMove = 0
        isFromAll = false
      } else {
        active = all
        activateAll()
        goal = max(goal / 2, violation)
        isFromAll = true
      }
      if isFree, untilMove <= 0 {
        moveBias()
        untilMove = Self.epochsPerMove
      }
    }
    return false
  }

  private mutating func activateAll() {
    for i in order.indices { order[i] = Int32(i % classCount) }
    for i in sizes.indices { sizes[i] = Int32(classCount) }
  }

  /// Runs one epoch over the active rows, and drops the rows that are done. Returns the largest violation.
  private mutating func runEpoch(_ active: inout [Int]) -> Double {
    for i in active.indices.reversed().dropLast() { active.swapAt(i, random.nextScaled(below: i + 1)) }
    var largest = -Double.infinity
    var place = 0
    while place < active.count {
      let row = active[place]
      findGradients(row, next: place + 1 < active.count ? active[place + 1] : row)
      let violation = shrink(row)
      guard sizes[row] > 1 else {
        active.swapAt(place, active.count - 1)
        active.removeLast()
        continue
      }
      place += 1
      guard violation > 1e-12 else { continue }
      largest = max(largest, violation)
      solve(row)
    }
    return largest
  }

  /// Computes ∂D/∂αᵢ_c for the remaining classes of a row.
  private mutating func findGradients(_ row: Int, next: Int) {
    let (shift, label) = (rows.shifts[row], labels[row])
    let square = rows.offsetNorm + feature * feature
    for block in weights.indices {
      let count = choose(row, block)
      rows.dots(row, next: next, weights[block], chosen: chosen, count: count, into: &factors, products)
      for i in 0..<count {
        let c = block * Self.blockSize + Int(chosen[i])
        gradients[c] =
          origin.scores[row * classCount + c] + Double(factors[i]) - shifts[c]
          + (sums[c] - origin.sums[c]) * (square - shift) + (bias[c] - origin.bias[c]) + (c == label ? 0 : 1)
      }
    }
  }

  /// Selects the remaining classes of a block. Returns their number.
  private mutating func choose(_ row: Int, _ block: Int) -> Int {
    var count = 0
    for place in (row * classCount)..<(row * classCount + Int(sizes[row])) {
      let c = Int(order[place]) - block * Self.blockSize
      guard 0 <= c && c < Self.blockSize else { continue }
      chosen[count] = UInt8(c)
      count += 1
    }
    return count
  }

  /// Drops classes whose variable is at its bound and whose gradient points beyond the bound. Returns the violation of
  /// optimality before the drop.
  private mutating func shrink(_ row: Int) -> Double {
    let base = row * classCount
    var (smallest, largest) = (Double.infinity, -Double.infinity)
    for place in base..<(base + Int(sizes[row])) {
      let c = Int(order[place])
      largest = max(largest, gradients[c])
      if alpha[base + c] < bound(row, c) { smallest = min(smallest, gradients[c]) }
    }
    var place = 0
    while place < sizes[row] {
      let c = Int(order[base + place])
      if alpha[base + c] == bound(row, c), gradients[c] < smallest {
        sizes[row] -= 1
        order.swapAt(base + place, base + Int(sizes[row]))
      } else {
        place += 1
      }
    }
    return largest - smallest
  }

  /// Minimizes over the variables of the remaining classes. The other variables are at their bounds. The minimum is
  /// ```
  /// αᵢ_c = bound_c - max(0, v_c - τ) / a,      v_c = ∂D/∂αᵢ_c + a (bound_c - αᵢ_c),      a = ‖fᵢ‖² + B²
  /// ```
  /// where τ is such that all αᵢ of the row sum to 0.
  private mutating func solve(_ row: Int) {
    let (base, cost, shift) = (row * classCount, costs[row], rows.shifts[row])
    let curvature = rows.squaredNorms[row] + feature * feature
    guard curvature > 0 else { return }
    func value(_ c: Int) -> Double { gradients[c] + curvature * (bound(row, c) - alpha[base + c]) }
    let threshold = SimplexThreshold(count: Int(sizes[row]), total: curvature * cost) {
      value(Int(order[base + $0]))
    }
    for block in weights.indices {
      var moved = 0
      for i in 0..<choose(row, block) {
        let c = block * Self.blockSize + Int(chosen[i])
        let new = bound(row, c) - threshold.excess(value(c)) / curvature
        let step = new - alpha[base + c]
        guard abs(step) > 1e-15 * cost else { continue }
        alpha[base + c] = new
        sums[c] += step
        shifts[c] += step * shift
        // Indices of classes that move are stored first.
        chosen[moved] = chosen[i]
        factors[moved] = Float(step)
        moved += 1
      }
      guard moved > 0 else { continue }
      rows.add(row, factors: factors, chosen: chosen, count: moved, to: &weights[block], products)
    }
  }

  private func bound(_ row: Int, _ c: Int) -> Double { c == labels[row] ? costs[row] : 0 }
}
