// The dual of Crammer and Singer's SVM, one row at a time, with all dual variables of the row at once.

import TapKernels
import TapTensors

/// Minimizes over α `[rows, classes]`
/// ```
/// D(α) = ½ Σ_c (‖w_c‖² + B² s_c²) + Σᵢ Σ_{c ≠ yᵢ} αᵢ_c + Σ_c b_c s_c,      w_c = Σ αᵢ_c fᵢ,   s_c = Σ αᵢ_c
/// subject to  Σ_c αᵢ_c = 0,   αᵢ_c ≤ costᵢ for c = yᵢ, else ≤ 0
/// ```
/// with B the appended feature and b a bias in addition to it. The subproblem of one row, with all others fixed, is a
/// projection onto a simplex and is solved exactly. Classes of a row whose variables are at their bounds and whose
/// gradients point beyond are left out (shrinking), and so are rows with fewer than two classes left; all return before
/// the end.
///
/// Weights are kept in single precision, as changes since scores were last computed in double precision: smaller steps
/// have smaller rounding errors.
///
/// It uses one thread, because every row moves every class.
///
/// Source: Keerthi, Sundararajan, Chang, Hsieh and Lin, "A sequential dual method for large scale multi-class linear
/// SVMs" (2008); LIBLINEAR's solver 4.
struct MulticlassCoordinateDescent {
  /// The number of classes in one product of a row: their indices are stored in a byte.
  private static let blockSize = 256

  /// The epochs between moves of a free bias, if rows are not done before.
  private static let epochsPerMove = 8

  private let labels: [Int]
  private let costs: [Double]
  private let rows: DualRows
  private let feature: Double
  private let products: RowProducts
  private let classCount: Int
  /// `[rows, classes]`.
  private(set) var alpha: [Double]
  /// s_c.
  private(set) var sums: [Double]
  /// b_c.
  private(set) var bias: [Double]
  private(set) var epochs = 0
  /// The origin of changes: the scores of all rows, `[rows, classes]`, and their s_c and b_c.
  private var origin: (scores: [Double], sums: [Double], bias: [Double])
  /// Σ αᵢ_c pᵢ of the changes.
  private var shifts: [Double]
  /// Σ αᵢ_c xᵢ / scale² of the changes, of the unscaled features; of each block of classes `[classes, columns]`.
  private var weights: [[Float]]
  /// The violation below which all rows return.
  private var goal = 1.0
  private var random = SeededGenerator(seed: 0x1234_5678_9ABC_DEF0)
  /// A row's classes, the remaining ones first, and the number of these.
  private var order: [Int32]
  private var sizes: [Int32]
  /// ∂D/∂α of the current row.
  private var gradients: [Double]
  private var chosen = [UInt8](repeating: 0, count: blockSize)
  private var factors = [Float](repeating: 0, count: blockSize)

  /// - Parameter feature: B.
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

  /// The length of the next proximal step.
  private var largestMove: Double { feature * feature * sums.reduce(0) { max($0, abs($1)) } }

  /// The proximal step: b_c moves by B² s_c.
  private mutating func moveBias() {
    for c in 0..<classCount { bias[c] += feature * feature * sums[c] }
  }

  /// Sets the scores of α and b, computed in double precision, `[rows, classes]`.
  mutating func settle(scores: [Double]) {
    origin = (scores, sums, bias)
    for c in shifts.indices { shifts[c] = 0 }
    for block in weights.indices {
      for i in weights[block].indices { weights[block][i] = 0 }
    }
  }

  /// Iterates until no row's gradients differ by more than `violation` where they should agree; returns whether it got
  /// there.
  ///
  /// - Parameter isFree: whether the bias moves: when all rows are done, and otherwise after some epochs.
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

  /// One epoch over the active rows, which drops those that are done; returns the largest violation.
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

  /// ∂D/∂αᵢ_c for the remaining classes.
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

  /// Selects the remaining classes of a block; returns their number.
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

  /// Drops classes at their bounds that would go beyond; returns the violation of optimality before that.
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

  /// Minimizes over the variables of the remaining classes; the others are at their bounds:
  /// ```
  /// αᵢ_c = bound_c - max(0, v_c - τ) / a,      v_c = ∂D/∂αᵢ_c + a (bound_c - αᵢ_c),      a = ‖fᵢ‖² + B²
  /// ```
  /// with τ such that all αᵢ sum to 0.
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
        // Classes that move come first.
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
