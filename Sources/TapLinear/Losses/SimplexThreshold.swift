// The projection onto a simplex. Crammer and Singer's smoothed loss and the dual problem of one row use this
// projection.

/// The threshold τ for values v: the number for which Σ_c max(0, v_c - τ) = `total`. The values max(0, v_c - τ) are the
/// projection of v onto the simplex whose points have the sum `total`.
///
/// The threshold is stored as its distance from the largest value, so that large values cost no precision.
///
/// Source: Michelot, "A finite algorithm for finding the projection of a point onto the canonical simplex of Rⁿ"
/// (1986). The algorithm computes τ for a set of values and drops the values at or below τ. It repeats both steps until
/// it drops none.
struct SimplexThreshold {
  /// max_c v_c; NaN if any value is NaN.
  let top: Double
  /// top - τ: above 0 and at most `total`.
  private let depth: Double

  /// - Parameters:
  ///   - count: the number of values, at least 1.
  ///   - total: the sum of the projection's values, above 0.
  /// - Complexity: O(count) for each time that the set of remaining values shrinks. It rarely shrinks more than three
  ///   times.
  @inline(__always)
  init(count: Int, total: Double, value: (Int) -> Double) {
    var top = value(0)
    // The condition is negated so that a NaN stays NaN.
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
      // Through rounding, a dropped value that equals τ may come back into the set of remaining values.
      if above >= known { break }
      known = above
      depth = (total + sum) / Double(above)
    }
    self.top = top
    self.depth = top.isNaN ? .nan : depth
  }

  /// The projection max(0, v - τ) of a value v.
  @inline(__always)
  func excess(_ value: Double) -> Double {
    let excess = depth - (top - value)
    // The comparison keeps a NaN as NaN.
    return excess <= 0 ? 0 : excess
  }
}
