// A quadratic function with an L1 or elastic net penalty, and with an explicit matrix.

import TapKernels

/// Minimizes the following function over x:
/// ```
/// Q(x) = gᵀ(x - y) + ½ (x - y)ᵀ B (x - y) + Σ R(xⱼ)
/// ```
/// Here B is symmetric and positive semidefinite, and R is the penalty of a coordinate, or 0 for a free coordinate.
///
/// Sweeps of coordinate descent find the coordinates that are 0. Between sweeps, the equations of the other coordinates
/// are solved exactly, and x moves toward the solution until a sign would change. If the signs do not settle soon, path
/// following finds the minimum instead. So correlated columns cost little more than other columns.
///
/// Source: coordinate descent as in Friedman, Hastie and Tibshirani, "Regularization paths for generalized linear
/// models via coordinate descent" (2010).
///
/// The last factorization is kept for the next problem with the same matrix. Only one thread at a time may use the
/// object.
package final class PenalizedQuadratic: @unchecked Sendable {
  /// The matrix B, `[order, order]`.
  package let matrix: [Double]
  package let order: Int
  package let penalty: Penalty
  /// Whether a coordinate has no penalty, for each coordinate.
  package let isFree: [Bool]
  private let product: MatrixProduct
  private var solved: (support: [Int], factor: CholeskyFactor)?
  /// After this many sweeps, the coordinates probably depend on each other, and path following takes over.
  private static let easySweeps = 6
  /// The largest number of coordinates whose equations are solved exactly.
  static let largestSystem = 1500

  package init(matrix: [Double], order: Int, penalty: Penalty, isFree: [Bool], product: MatrixProduct) {
    precondition(matrix.count == order * order && isFree.count == order)
    self.matrix = matrix
    self.order = order
    self.penalty = penalty
    self.isFree = isFree
    self.product = product
  }

  /// Minimizes from `start` = y, in at most 400 sweeps.
  ///
  /// - Parameters:
  ///   - gradient: the gradient g at `start`.
  ///   - tolerance: the sweeps stop once no element of the subgradient nearest 0 exceeds this value.
  ///   - reduction: the sweeps also stop once no element exceeds this share of the largest initial element.
  package func minimize(from start: [Double], gradient: [Double], tolerance: Double, reduction: Double)
    -> [Double]
  {
    var x = start
    var slopes = gradient
    let target = max(tolerance, reduction * violation(x, slopes))
    for sweep in 1...400 {
      descend(&x, &slopes)
      if violation(x, slopes) <= target { break }
      guard sweep % 3 == 0 else { continue }
      if sweep <= Self.easySweeps {
        solveSupport(&x, &slopes, from: start, gradient)
      } else {
        follow(&x, &slopes, from: start, gradient, bends: 2 * order + 100)
        if violation(x, slopes) <= target { break }
      }
    }
    return x
  }

  /// The largest absolute element of the subgradient nearest 0.
  private func violation(_ x: [Double], _ slopes: [Double]) -> Double {
    var largest = 0.0
    for j in 0..<order {
      largest = max(largest, abs(isFree[j] ? slopes[j] : penalty.subgradient(x[j], slope: slopes[j])))
    }
    return largest
  }

  /// Runs one sweep of coordinate descent.
  private func descend(_ x: inout [Double], _ slopes: inout [Double]) {
    var slopes = slopes.mutableSpan
    let matrix = matrix
    let elements = matrix.span
    for j in 0..<order {
      let own = elements[j * order + j]
      let quadratic = isFree[j] ? 0 : penalty.quadratic
      let curvature = own + quadratic
      guard curvature > 0 else { continue }
      let target = own * x[j] - slopes[j]
      let absolute = isFree[j] ? 0 : penalty.absolute
      let new = abs(target) <= absolute ? 0 : (target - (target > 0 ? absolute : -absolute)) / curvature
      let change = new - x[j]
      guard change != 0 else { continue }
      x[j] = new
      let row = elements.extracting((j * order)..<((j + 1) * order))
      for i in 0..<order { slopes[i] += change * row[i] }
    }
  }

  /// The Cholesky factor of the part of B with the rows and columns `support`, plus the penalty's quadratic part; nil
  /// if this part is not positive definite in double precision.
  func factor(of support: [Int]) -> CholeskyFactor? {
    CholeskyFactor(order: support.count, product: product) { row, first, count, elements, target in
      let source = support[row] * order
      for k in 0..<count { elements[target + k] = matrix[source + support[first + k]] }
      if row >= first && row < first + count && !isFree[support[row]] {
        elements[target + row - first] += penalty.quadratic
      }
    }
  }

  /// Moves toward the minimum over the coordinates that are not 0, and keeps their signs.
  private func solveSupport(
    _ x: inout [Double], _ slopes: inout [Double], from start: [Double], _ gradient: [Double]
  ) {
    let support = x.indices.filter { isFree[$0] || x[$0] != 0 }
    guard !support.isEmpty, support.count <= Self.largestSystem else { return }
    let known = solved?.support == support ? solved?.factor : nil
    let factor = known ?? factor(of: support)
    guard let factor else { return }
    solved = (support, factor)
    let step = factor.solve(
      support.map { -(isFree[$0] ? slopes[$0] : penalty.subgradient(x[$0], slope: slopes[$0])) })
    // The step stops before a sign would change. The alternative is the whole step, with 0 for each coordinate whose
    // sign would change. The alternative is taken if Q is lower there.
    var length = 1.0
    for (k, j) in support.enumerated() where !isFree[j] && (x[j] + step[k]) * x[j] < 0 {
      length = min(length, -x[j] / step[k])
    }
    func moved(_ length: Double) -> (x: [Double], slopes: [Double]) {
      var (new, slopes) = (x, slopes)
      for (k, j) in support.enumerated() {
        let value = x[j] + length * step[k]
        new[j] = isFree[j] || value * x[j] > 0 ? value : 0
        let change = new[j] - x[j]
        if change != 0 { for i in 0..<order { slopes[i] += change * matrix[j * order + i] } }
      }
      return (new, slopes)
    }
    var best = moved(length)
    if length < 1 {
      let projected = moved(1)
      if value(projected.x, projected.slopes, start, gradient) < value(best.x, best.slopes, start, gradient) {
        best = projected
      }
    }
    if value(best.x, best.slopes, start, gradient) <= value(x, slopes, start, gradient) { (x, slopes) = best }
  }

  /// Q(x), where `slopes` is g + B (x - y).
  private func value(_ x: [Double], _ slopes: [Double], _ start: [Double], _ gradient: [Double]) -> Double {
    var total = 0.0
    for j in 0..<order {
      total += 0.5 * (gradient[j] + slopes[j]) * (x[j] - start[j])
      if !isFree[j] { total += penalty.value(x[j]) }
    }
    return total
  }
}
