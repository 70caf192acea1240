// A preconditioner of conjugate gradient for coupled outputs and hard equations. Each class has a block: the Hessian
// with respect to the weights of this class, with all other weights fixed.

import Synchronization
import TapKernels
import TapTensors

/// The inverses Bᵧ⁻¹ of the blocks Bᵧ = I + Σ costᵢ qᵢᵧ (1 - qᵢᵧ) fᵢ fᵢᵀ, one for each class. The last row and column
/// of a block belong to the appended feature. Blocks are kept for other values of C on the same data.
///
/// The classes of a softmax are coupled, but the loss does not change if one constant is added to the same weight of
/// every class. Along such directions only the penalty has curvature, and no block represents this curvature. So M⁻¹
/// leaves the part of a residual in these directions unchanged, and applies the blocks to the remaining part:
/// ```
/// M⁻¹ = P B⁻¹ P + (I - P),      P subtracts the mean over classes
/// ```
/// Example: 788 rows of 80 features, ten classes, C = 31.6. A Newton equation takes 6 products to reduce the residual
/// to a tenth, and 16 products to reduce the residual to a thousandth. Without P, the equation takes 6 and 133
/// products. It takes 41 and 305 products with second moments as preconditioner, and 132 and 321 products with the
/// diagonal as preconditioner.
package final class ClassBlocks: Sendable {
  /// The maximum number of elements of all blocks together (64 MB). No blocks are built for larger problems.
  package static let largestCount = 1 << 24
  private static let blockRows = 512

  /// Inverses up to this order are in double precision. Single precision would lose a small curvature beside a large
  /// curvature.
  private static let largestDouble = 130

  /// The inverse Bᵧ⁻¹ of one class.
  enum Inverse: Sendable {
    case single(MatrixView)
    case double([Double], order: Int)

    var order: Int {
      switch self {
      case .single(let view): view.columns
      case .double(_, let order): order
      }
    }
  }

  private let kept = Mutex<[Inverse]?>(nil)
  private let worthOfSpent = Mutex<Double>(1)

  /// Returns nil if the blocks would have more than ``largestCount`` elements.
  package init?(columns: Int, classCount: Int) {
    guard classCount > 2, classCount * (columns + 1) * (columns + 1) <= Self.largestCount else { return nil }
  }

  /// The bytes of all blocks; 0 if no blocks are built.
  package static func bytes(columns: Int, classCount: Int) -> Double {
    guard ClassBlocks(columns: columns, classCount: classCount) != nil else { return 0 }
    let order = Double(columns + 1)
    return Double(classCount) * order * order * (columns + 1 <= largestDouble ? 8 : 4)
  }

  /// The inverses at an earlier point; nil if no inverses were built yet.
  var inverses: [Inverse]? { kept.withLock { $0 } }

  func keep(_ inverses: [Inverse]) { kept.withLock { $0 = inverses } }

  /// The allowed cost of the blocks, divided by the cost of the Hessian products so far.
  var worth: Double { worthOfSpent.withLock { $0 } }

  /// Makes this subset build its blocks sooner, because `parts` subsets of the same rows will use these blocks.
  func lead(_ parts: Int) { worthOfSpent.withLock { $0 = Double(parts) } }

  /// Takes the blocks of another subset, and lets this subset build its own blocks later. Subsets share most rows.
  func adopt(_ other: ClassBlocks?) {
    guard let inverses = other?.inverses else { return }
    keep(inverses)
    worthOfSpent.withLock { $0 = 0.25 }
  }

  /// The approximate number of multiplications that build the blocks. `share` is the fraction of all pairs of row and
  /// class that have curvature.
  static func operations(rows: Int, columns: Int, classes: Int, share: Double) -> Double {
    let order = Double(columns + 1)
    // Each operation of the factorization and of the inverse, in double precision, counts as three operations.
    return Double(classes) * order * order * (share * Double(rows) + 3 * order)
  }

  /// The inverses Bᵧ⁻¹ for the curvatures of rows, `[rows, classes]`. The curvatures include the costs. Returns nil if
  /// a Cholesky factor does not exist in double precision.
  ///
  /// - Parameter appended: the value of the appended feature, and the term added to its curvature.
  static func inverses(
    _ design: DesignMatrix, _ curvatures: [Float], classes: Int, appended: (value: Double, ridge: Double),
    _ product: MatrixProduct, threads: Int
  ) -> [Inverse]? {
    let found = Mutex<[Int: Inverse]>([:])
    // The number of groups is a constant, so that no block depends on the number of threads.
    let groups = min(classes, 8)
    Threads.concurrentForEach(count: groups, threads: threads) { group in
      let range = (classes * group / groups)..<(classes * (group + 1) / groups)
      let sums = sums(design, curvatures, classes: classes, range, feature: Float(appended.value), product)
      let order = design.columns + 1
      for (place, output) in range.enumerated() {
        let factor = CholeskyFactor(order: order, product: product) { row, first, width, span, target in
          let source = row * order + first
          for j in 0..<width { span[target + j] = Double(sums[place][source + j]) }
          if row >= first && row < first + width {
            span[target + row - first] += row == order - 1 ? max(appended.ridge, 1e-10) : 1
          }
        }
        guard let factor else { continue }
        let inverse: Inverse
        if order <= largestDouble {
          inverse = .double(factor.inverse(product: product), order: order)
        } else {
          let elements: [Float] = factor.inverse(product: product)
          guard isAccurate(elements, of: sums[place], order: order) else { continue }
          inverse = .single(MatrixView(rows: order, columns: order, elements: elements))
        }
        found.withLock { $0[output] = inverse }
      }
    }
    let inverses = found.withLock { found in (0..<classes).compactMap { found[$0] } }
    return inverses.count == classes ? inverses : nil
  }

  /// Whether single precision holds the inverse accurately. If rows span too few directions, the small part of the
  /// inverse is rounding error.
  private static func isAccurate(_ inverse: [Float], of sum: [Float], order: Int) -> Bool {
    var (largest, largestInverse) = (Float(1), Float(0))
    for j in 0..<order {
      largest = max(largest, sum[j * order + j])
      largestInverse = max(largestInverse, inverse[j * order + j])
    }
    return largest * largestInverse < 1e5
  }

  /// The sums Σ curvatureᵢ fᵢ fᵢᵀ over the rows with curvature, `[order, order]` for each class of a range.
  private static func sums(
    _ design: DesignMatrix, _ curvatures: [Float], classes: Int, _ range: Range<Int>, feature: Float,
    _ product: MatrixProduct
  ) -> [[Float]] {
    let (count, d) = (design.count, design.columns)
    let order = d + 1
    // Terms with a curvature of at most `least` are omitted. The sum of these terms is smaller than the part of the
    // penalty.
    let least = 1 / (Float(count) * Float(order))
    var sums = [[Float]](repeating: [Float](repeating: 0, count: order * order), count: range.count)
    var block = [Float](repeating: 0, count: blockRows * d)
    var weighted = [Float](repeating: 0, count: blockRows * order)
    for start in stride(from: 0, to: count, by: blockRows) {
      let end = min(start + blockRows, count)
      var rows = block.mutableSpan
      design.fill(&rows, rows: start..<end)
      for (place, output) in range.enumerated() {
        var used = 0
        var target = weighted.mutableSpan
        for row in start..<end {
          let curvature = curvatures[row * classes + output]
          guard curvature > least else { continue }
          let root = curvature.squareRoot()
          let (source, first) = ((row - start) * d, used * order)
          for j in 0..<d { target[first + j] = root * rows[source + j] }
          target[first + d] = root * feature
          used += 1
        }
        guard used > 0 else { continue }
        // Moving the array out of `sums` avoids a copy.
        var sum: [Float] = []
        swap(&sum, &sums[place])
        var result = sum.mutableSpan
        product.multiply(
          ProductShape(rows: order, columns: order, depth: used), weighted.span, transposeA: true,
          weighted.span, into: &result, adding: true)
        sums[place] = sum
      }
    }
    return sums
  }

  /// M⁻¹ r for a residual r: `[classes, columns]`, followed by the elements of the appended feature.
  ///
  /// - Parameter ridge: the penalty of the appended feature. If the penalty is 0, the mean of this feature's elements
  ///   over the classes is 0 in the result, because the objective does not depend on the mean.
  static func apply(
    _ inverses: [Inverse], to residual: [Double], ridge: Double, _ product: MatrixProduct
  ) -> [Double] {
    let k = inverses.count
    let order = inverses[0].order
    let d = order - 1
    let split = k * d
    var means = [Double](repeating: 0, count: order)
    for c in 0..<k {
      for j in 0..<d { means[j] += residual[c * d + j] }
      means[d] += residual[split + c]
    }
    for j in means.indices { means[j] /= Double(k) }
    let products = RowProducts.matching(product)
    var result = [Double](repeating: 0, count: residual.count)
    var sums = [Double](repeating: 0, count: order)
    var part = [Double](repeating: 0, count: order)
    for c in 0..<k {
      for j in 0..<d { part[j] = residual[c * d + j] - means[j] }
      part[d] = residual[split + c] - means[d]
      let image = inverses[c].multiply(part, products)
      for j in 0..<order {
        result[j < d ? c * d + j : split + c] = image[j]
        sums[j] += image[j]
      }
    }
    for j in sums.indices { sums[j] /= Double(k) }
    for c in 0..<k {
      for j in 0..<d { result[c * d + j] += means[j] - sums[j] }
      result[split + c] += (ridge > 0 ? means[d] / ridge : 0) - sums[d]
    }
    return result
  }
}

extension ClassBlocks.Inverse {
  /// The product of the inverse with x.
  fileprivate func multiply(_ x: [Double], _ products: RowProducts) -> [Double] {
    switch self {
    case .single(let view):
      var image = [Float](repeating: 0, count: x.count)
      var span = image.mutableSpan
      let rows = FeatureRows(view, indices: nil, range: 0..<x.count)
      let right = x.map { Float($0) }
      products.scores(rows, right.span, outputs: 1, into: &span)
      return image.map { Double($0) }
    case .double(let elements, let order):
      var image = [Double](repeating: 0, count: order)
      let all = elements.span
      // The matrix is symmetric, so its rows equal its columns. Sums over rows read memory in order.
      for j in 0..<order {
        let row = all.extracting((j * order)..<((j + 1) * order))
        let factor = x[j]
        var target = image.mutableSpan
        for i in 0..<order { target[i] += factor * row[i] }
      }
      return image
    }
  }
}
