// The minimum of a penalized quadratic function by path following. The result is exact even for an ill-conditioned
// matrix.

import TapKernels

extension PenalizedQuadratic {
  /// Moves toward the minimum along the minima of intermediate functions.
  ///
  /// Let -h be the subgradient nearest 0 at the point x. (For coordinates at 0 that would leave 0, h is slightly
  /// larger.) With the gradient g + h instead of g, x is the minimum. The method shrinks h to 0. Meanwhile the minimum
  /// moves along a polygon, which bends when a coordinate becomes 0 or leaves 0. Q decreases all along the polygon, so
  /// every point of the polygon is a valid result.
  ///
  /// Source: Ferreau, Bock and Diehl, "An online active set strategy to overcome the limitations of explicit MPC"
  /// (2008).
  ///
  /// - Parameter bends: the maximum number of bends.
  package func follow(
    _ x: inout [Double], _ slopes: inout [Double], from start: [Double], _ gradient: [Double],
    bends limit: Int
  ) {
    let absolute = penalty.absolute
    var shift = [Double](repeating: 0, count: order)
    for j in 0..<order {
      if isFree[j] || x[j] != 0 {
        shift[j] = -(isFree[j] ? slopes[j] : penalty.subgradient(x[j], slope: slopes[j]))
      } else if abs(slopes[j]) > absolute {
        // The resulting slopes are strictly inside the bounds and differ from each other, so that the coordinates leave
        // 0 one after the other.
        shift[j] = absolute * absolute / slopes[j] - slopes[j]
      }
    }
    // The slopes along the path for coordinates at 0, and the signs of the other coordinates.
    var effective = zip(slopes, shift).map { $0 + $1 }
    var sides = x.map { $0 > 0 ? 1.0 : $0 < 0 ? -1 : 0 }
    var system: SupportFactor?
    var direction = [Double](repeating: 0, count: order)
    var rates = direction
    var left = 1.0
    var standing = 0
    for _ in 0..<limit {
      if system?.isFull != false {
        let support = (0..<order).filter { isFree[$0] || sides[$0] != 0 }
        guard support.count <= Self.largestSystem, let factor = SupportFactor(self, support) else { break }
        system = factor
      }
      system?.solve(shift, into: &direction)
      var length = left
      var bend: Int?
      for j in 0..<order where !isFree[j] {
        var reach = Double.infinity
        if sides[j] != 0 {
          if direction[j] * sides[j] < 0 { reach = -x[j] / direction[j] }
        } else {
          let rate = rowProduct(j, direction) - shift[j]
          rates[j] = rate
          if rate != 0 { reach = ((rate > 0 ? absolute : -absolute) - effective[j]) / rate }
        }
        if reach < length { (length, bend) = (max(0, reach), j) }
      }
      for j in 0..<order {
        if isFree[j] || sides[j] != 0 {
          x[j] += length * direction[j]
        } else {
          effective[j] += length * rates[j]
        }
      }
      left -= length
      guard let bend else { break }
      // Steps of length 0 come from ties, or from ties up to rounding.
      standing = length == 0 ? standing + 1 : 0
      if standing > 20 { break }
      if sides[bend] != 0 {
        effective[bend] = -absolute * sides[bend]
        (sides[bend], x[bend]) = (0, 0)
        system?.remove(bend)
      } else {
        sides[bend] = effective[bend] < 0 ? 1 : -1
        system?.insert(bend)
      }
    }
    let change = zip(x, start).map { $0 - $1 }
    for j in 0..<order { slopes[j] = gradient[j] + rowProduct(j, change) }
  }

  /// The element (B v)ⱼ.
  func rowProduct(_ j: Int, _ v: [Double]) -> Double {
    let matrix = matrix
    let elements = matrix.span
    let factors = v.span
    let first = j * order
    var sums = SIMD8<Double>()
    var i = 0
    while i + 8 <= order {
      var (left, right) = (SIMD8<Double>(), SIMD8<Double>())
      for lane in 0..<8 {
        left[lane] = elements[first + i + lane]
        right[lane] = factors[i + lane]
      }
      sums += left * right
      i += 8
    }
    var total = sums.sum()
    while i < order {
      total += elements[first + i] * factors[i]
      i += 1
    }
    return total
  }

  /// An element of the matrix, including the penalty's quadratic part.
  func element(_ i: Int, _ j: Int) -> Double {
    matrix[i * order + j] + (i == j && !isFree[i] ? penalty.quadratic : 0)
  }
}
