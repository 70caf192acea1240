// The projection onto a simplex, used by Crammer and Singer's smoothed loss and by the dual problem of one row.

/// The threshold τ of some values v with Σ_c max(0, v_c - τ) = `total`: the values max(0, v_c - τ) are the projection
/// of v onto the simplex of that total.
///
/// It is stored as a distance below the largest value, so that large values cost no precision.
///
/// Source: Michelot, "A finite algorithm for finding the projection of a point onto the canonical simplex of Rⁿ"
/// (1986): computes τ of a set of values, drops the values that are not above it, and repeats until none is dropped.
struct SimplexThreshold {
  /// max_c v_c; NaN if any is.
  let top: Double
  /// top - τ, above 0 and at most `total`.
  private let depth: Double

  /// - Parameters:
  ///   - count: the number of values, at least 1.
  ///   - total: above 0.
  /// - Complexity: O(count) each time that the set shrinks, which is rarely more than three times.
  @inline(__always)
  init(count: Int, total: Double, value: (Int) -> Double) {
    var top = value(0)
    // A NaN stays NaN.
    for c in 1..<max(1, count) where !(value(c) <= top) { top = value(c) }
    var depth = total
    var known = count + 1
    while true {
      var sum = 0.0
      var above = 0
      for c in 0..<count {
        let distance = top - value(c)
        if distance < depth {
          sum += distance
          above += 1
        }
      }
      // Rounding may bring back a value that lies on τ.
      if above >= known { break }
      known = above
      depth = (total + sum) / Double(above)
    }
    self.top = top
    self.depth = top.isNaN ? .nan : depth
  }

  /// max(0, v - τ).
  @inline(__always)
  func excess(_ value: Double) -> Double {
    let excess = depth - (top - value)
    // A NaN stays NaN.
    return excess <= 0 ? 0 : excess
  }
}
