// The nearest point of a simplex, which is what Crammer and Singer's loss comes down to: rounded off, and one row of its dual.

/// The threshold τ of some values v with Σ_c max(0, v_c - τ) = `total`: what is above it is the point nearest to v of the
/// simplex of that total.
///
/// It is kept as a distance below the largest value, which no rounding of large values spoils.
///
/// Source: Michelot, "A finite algorithm for finding the projection of a point onto the canonical simplex of Rⁿ" (1986): the τ
/// of a set of values, less those that are not above it, until none is.
struct SimplexThreshold {
  /// max_c v_c; NaN if any is.
  let top: Double
  /// top - τ, above 0 and at most `total`.
  private let depth: Double

  /// - Parameters:
  ///   - count: of values, at least 1.
  ///   - total: above 0.
  /// - Complexity: O(count) each time that the set shrinks, which is seldom more than thrice.
  @inline(__always)
  init(count: Int, total: Double, value: (Int) -> Double) {
    var top = value(0)
    // A NaN stays.
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
      // Rounding may bring back one that lies on τ.
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
    // A NaN stays.
    return excess <= 0 ? 0 : excess
  }
}
