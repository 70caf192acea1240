// The Cholesky factor of a submatrix. It is updated when the submatrix gains or loses a row and a column.

import TapKernels

/// The factor R with RᵀR = B for some coordinates. R is upper triangular and row-major. Coordinates are in the order in
/// which they were added.
///
/// Source: Golub and Van Loan, "Matrix Computations", 4th edition, section 6.5.
package struct SupportFactor {
  package private(set) var members: [Int]
  private var elements: [Double]
  /// The number of elements from one row to the next.
  private let stride: Int
  private let quadratic: PenalizedQuadratic

  /// Creates the factor for the coordinates `members`. Returns nil if there is no factor in double precision.
  package init?(_ quadratic: PenalizedQuadratic, _ members: [Int]) {
    guard let factor = quadratic.factor(of: members) else { return nil }
    self.quadratic = quadratic
    self.members = members
    stride = min(quadratic.order, members.count + 128)
    elements = [Double](repeating: 0, count: stride * stride)
    let lower = factor.lower
    let count = members.count
    for i in 0..<count {
      for j in 0...i { elements[j * stride + i] = lower[i * count + j] }
    }
  }

  /// Whether there is no space for another coordinate.
  var isFull: Bool { members.count == stride }

  package mutating func insert(_ coordinate: Int) {
    let count = members.count
    var column = members.map { quadratic.element(coordinate, $0) }
    forward(&column)
    let own = quadratic.element(coordinate, coordinate)
    // If the column depends on the other columns, the difference is 0 or only rounding error.
    let rest = max(own - dot(column, column), 1e-14 * own)
    for i in 0..<count { elements[i * stride + count] = column[i] }
    elements[count * stride + count] = rest.squareRoot()
    members.append(coordinate)
  }

  package mutating func remove(_ coordinate: Int) {
    guard let place = members.firstIndex(of: coordinate) else { return }
    let count = members.count
    let stride = stride
    var r = elements.mutableSpan
    // Without the removed column, each later row has an element below the diagonal. Rotations of pairs of rows remove
    // these elements.
    for i in 0..<count {
      for j in max(place, i - 1)..<(count - 1) where i <= j + 1 {
        r[i * stride + j] = r[i * stride + j + 1]
      }
    }
    for k in place..<(count - 1) {
      let (upper, lower) = (k * stride, (k + 1) * stride)
      let (a, b) = (r[upper + k], r[lower + k])
      let length = (a * a + b * b).squareRoot()
      guard length > 0 else { continue }
      let (cosine, sine) = (a / length, b / length)
      r[upper + k] = length
      r[lower + k] = 0
      for j in (k + 1)..<max(k + 1, count - 1) {
        let (x, y) = (r[upper + j], r[lower + j])
        r[upper + j] = cosine * x + sine * y
        r[lower + j] = cosine * y - sine * x
      }
    }
    members.remove(at: place)
  }

  /// Sets `result` to B⁻¹ times the members' part of a vector. The other elements become 0.
  package func solve(_ right: [Double], into result: inout [Double]) {
    var x = members.map { right[$0] }
    forward(&x)
    let count = x.count
    let stride = stride
    let r = elements.span
    var span = x.mutableSpan
    for i in Swift.stride(from: count - 1, through: 0, by: -1) {
      var sums = SIMD4<Double>()
      var j = i + 1
      while j + 4 <= count {
        let at = i * stride + j
        let row = SIMD4(r[at], r[at + 1], r[at + 2], r[at + 3])
        sums += row * SIMD4(span[j], span[j + 1], span[j + 2], span[j + 3])
        j += 4
      }
      var sum = span[i] - sums.sum()
      while j < count {
        sum -= r[i * stride + j] * span[j]
        j += 1
      }
      span[i] = sum / r[i * stride + i]
    }
    for j in result.indices { result[j] = 0 }
    for (place, j) in members.enumerated() { result[j] = span[place] }
  }

  /// Replaces x by R⁻ᵀ x.
  private func forward(_ x: inout [Double]) {
    let count = x.count
    let stride = stride
    let r = elements.span
    var span = x.mutableSpan
    for i in 0..<count {
      let value = span[i] / r[i * stride + i]
      span[i] = value
      for j in (i + 1)..<max(i + 1, count) { span[j] -= r[i * stride + j] * value }
    }
  }
}
