// The dual of a linear SVM, one row at a time: quick to the neighbourhood of the optimum, where most rows are told apart.

import TapKernels

/// Minimises the dual of one output of a linear SVM,
/// ```
/// D(α) = ½ ‖Σ αᵢ yᵢ fᵢ‖² + ½ B² (Σ αᵢ yᵢ)² + Σ (½ Dᵢ αᵢ² - αᵢ (1 - yᵢ b₀)),      0 ≤ αᵢ ≤ Uᵢ
/// ```
/// with Dᵢ = 0, Uᵢ = costᵢ for the hinge loss, and Dᵢ = 1 / 2 costᵢ, Uᵢ = ∞ for its square. B is the appended feature; b₀ a
/// bias that is added to it.
///
/// Givens: a design of features, signs, costs. Result: α, to a largest violation of `epsilon`. Rows at a bound whose
/// gradient points beyond are left out until the end (shrinking); the others go in a new random order each time.
///
/// Source: Hsieh, Chang, Lin, Keerthi and Sundararajan, "A dual coordinate descent method for large-scale linear SVM"
/// (2008), algorithms 1 and 3.
struct DualCoordinateDescent: Sendable {
  var isSquared: Bool
  var epsilon: Double
  var maximumEpochs: Int

  /// One output's variables, which go on from one call to the next.
  struct State: Sendable {
    var alpha: [Double]
    /// Σ αᵢ yᵢ xᵢ / scale², of the unscaled features.
    fileprivate var weights: [Float]
    /// Σ αᵢ yᵢ, and Σ αᵢ yᵢ pᵢ.
    private(set) var sum = 0.0
    fileprivate var shift = 0.0
    var epochs = 0

    init(rows: Int, columns: Int) {
      alpha = [Double](repeating: 0, count: rows)
      weights = [Float](repeating: 0, count: columns)
    }

    fileprivate mutating func change(_ row: Int, to value: Double, sign: Double, _ rows: DualRows) {
      let step = (value - alpha[row]) * sign
      alpha[row] = value
      sum += step
      shift += step * rows.shifts[row]
      var span = weights.mutableSpan
      rows.add(Float(step), row, to: &span)
    }
  }

  /// Works on `state`; whether the violation came below ``epsilon``.
  func minimize(
    _ state: inout State, rows: DualRows, signs: [Double], costs: [Double], bias: Double, feature: Double
  ) -> Bool {
    var random = SplitMix(state: 0x1234_5678_9ABC_DEF0 &+ UInt64(state.epochs))
    var active = costs.indices.filter { costs[$0] > 0 }
    let all = active.count
    var (upper, lower) = (Double.infinity, -Double.infinity)
    for _ in 0..<maximumEpochs {
      state.epochs += 1
      var (largest, smallest) = (-Double.infinity, Double.infinity)
      for i in active.indices.reversed().dropLast() { active.swapAt(i, random.below(i + 1)) }
      var place = 0
      while place < active.count {
        let row = active[place]
        let sign = signs[row]
        let diagonal = isSquared ? 0.5 / costs[row] : 0
        let bound = isSquared ? Double.infinity : costs[row]
        let alpha = state.alpha[row]
        let score =
          rows.score(row, state.weights, sum: state.sum, shift: state.shift) + feature * feature * state.sum
          + bias
        let gradient = sign * score - 1 + diagonal * alpha
        var projected = gradient
        if alpha == 0 {
          if gradient > upper {
            active.swapAt(place, active.count - 1)
            active.removeLast()
            continue
          }
          projected = min(gradient, 0)
        } else if alpha == bound {
          if gradient < lower {
            active.swapAt(place, active.count - 1)
            active.removeLast()
            continue
          }
          projected = max(gradient, 0)
        }
        largest = max(largest, projected)
        smallest = min(smallest, projected)
        if abs(projected) > 1e-12 {
          let curvature = rows.squaredNorms[row] + feature * feature + diagonal
          state.change(row, to: min(max(alpha - gradient / curvature, 0), bound), sign: sign, rows)
        }
        place += 1
      }
      if largest - smallest <= epsilon {
        if active.count == all { return true }
        // Once more with every row.
        active = costs.indices.filter { costs[$0] > 0 }
        (upper, lower) = (.infinity, -.infinity)
        continue
      }
      upper = largest <= 0 ? .infinity : largest
      lower = smallest >= 0 ? -.infinity : smallest
    }
    return false
  }
}

/// A design's rows for ``DualCoordinateDescent``: products with the unscaled features, from which those with the scaled ones
/// follow. With v = 1 / scale² and o the offset, fᵢ·fⱼ = Σ v xᵢ xⱼ - pᵢ - pⱼ + m for pᵢ = Σ v o xᵢ and m = Σ v o².
struct DualRows: Sendable {
  let design: DesignMatrix
  /// pᵢ.
  let shifts: [Double]
  /// ‖fᵢ‖².
  let squaredNorms: [Double]
  private let offsetNorm: Double
  /// v; empty where every scale is 1.
  private let inverseSquares: [Float]

  init(_ design: DesignMatrix) {
    self.design = design
    let scaler = design.scaler
    let inverse = scaler.scale.map { 1 / ($0 * $0) }
    inverseSquares = scaler.scale.allSatisfy { $0 == 1 } ? [] : inverse.map { Float($0) }
    let weighted = zip(inverse, scaler.offset).map { $0 * $1 }
    offsetNorm = zip(weighted, scaler.offset).reduce(0) { $0 + $1.0 * $1.1 }
    var shifts = [Double](repeating: 0, count: design.count)
    var norms = shifts
    let isShifted = scaler.offset.contains { $0 != 0 }
    var row = [Double](repeating: 0, count: design.columns)
    for position in 0..<design.count {
      var span = row.mutableSpan
      design.fill(&span, row: position, at: 0)
      norms[position] = dot(row, row)
      guard isShifted else { continue }
      design.withFeatures(position) { values in
        var sum = 0.0
        for j in values.indices { sum += weighted[j] * Double(values[j]) }
        shifts[position] = sum
      }
    }
    self.shifts = shifts
    squaredNorms = norms
  }

  /// (Σ αⱼ yⱼ fⱼ)·fᵢ.
  @inline(__always)
  fileprivate func score(_ row: Int, _ weights: [Float], sum: Double, shift: Double) -> Double {
    let product = design.withFeatures(row) { VectorKernels.dot(weights.span, $0) }
    return Double(product) - sum * shifts[row] - shift + sum * offsetNorm
  }

  /// weights += step v xᵢ.
  @inline(__always)
  fileprivate func add(_ step: Float, _ row: Int, to weights: inout MutableSpan<Float>) {
    if inverseSquares.isEmpty {
      design.withFeatures(row) { VectorKernels.add(step, $0, to: &weights) }
    } else {
      design.withFeatures(row) { values in
        for j in values.indices { weights[j] += step * inverseSquares[j] * values[j] }
      }
    }
  }
}

/// Steele, Lea and Flood's generator (2014): enough for an order of rows.
private struct SplitMix {
  var state: UInt64

  mutating func below(_ bound: Int) -> Int {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z &>> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z &>> 27)) &* 0x94D0_49BB_1331_11EB
    return Int(truncatingIfNeeded: (z ^ (z &>> 31)).multipliedFullWidth(by: UInt64(bound)).high)
  }
}
