// The rows of a design in the axes in which its moments are diagonal. In these axes, one factorization serves every
// strength of a ridge penalty.

import TapKernels
import TapLinear

/// The scaled rows F of a design in principal axes: Z = F V with ZᵀZ = diag(s), `Z: [count, rank]`.
///
/// V and s come from FᵀF, or from F Fᵀ if there are fewer rows than columns. Axes whose s is at most about 10⁻¹² times
/// the largest s are left out, because the rows do not span them.
struct PrincipalRows: Sendable {
  /// The largest order of the eigenvalue problem. A matrix of this order takes 300 MB.
  static let largestOrder = 6000

  /// The values s, `[rank]`, in decreasing order, each above 0.
  let values: [Double]
  /// The sum of all squares of F.
  let squares: Double
  let design: DesignMatrix
  /// The eigenvectors, `[rank, columns]` of FᵀF or `[rank, count]` of F Fᵀ.
  private let vectors: [Double]
  private let isOfRows: Bool
  private let product: MatrixProduct

  var rank: Int { values.count }

  /// - Throws: ``AuditError/tooWide(rows:columns:limit:)``.
  init(_ design: DesignMatrix, product: MatrixProduct, threads: Int) throws(AuditError) {
    let (count, columns) = (design.count, design.columns)
    let gram = count < columns ? GramMatrix(design) : nil
    let order = gram == nil ? columns : count
    guard order <= Self.largestOrder else {
      throw .tooWide(rows: count, columns: columns, limit: Self.largestOrder)
    }
    let matrix =
      gram?.elements(product: product, threads: threads) ?? design.moments(product: product, threads: threads)
    let eigen = SymmetricEigen(
      matrix, order: order,
      count: { values in values.count { $0 > 4 * Double(order) * 2.3e-16 * max(0, values.first ?? 0) } },
      threads: threads)
    values = Array(eigen.values.prefix(eigen.vectors.count / max(1, order)))
    squares = eigen.values.reduce(0) { $0 + max(0, $1) }
    vectors = eigen.vectors
    isOfRows = gram != nil
    self.design = design
    self.product = product
  }

  /// Writes the rows `range` of Z, `[range.count, rank]`.
  func fill(_ block: inout MutableSpan<Double>, rows range: Range<Int>) {
    guard !isOfRows else {
      for k in 0..<rank {
        let scale = values[k].squareRoot()
        let start = k * design.count + range.lowerBound
        for i in 0..<range.count { block[i * rank + k] = scale * vectors[start + i] }
      }
      return
    }
    var features = [Double](repeating: 0, count: range.count * design.columns)
    var span = features.mutableSpan
    design.fill(&span, rows: range)
    product.multiply(
      ProductShape(rows: range.count, columns: rank, depth: design.columns), features.span, vectors.span,
      transposeB: true, into: &block)
  }

  /// The matrix ZᵀY, `[rank, classCount]`, for the indicators Y of labels. The columns of Z have the mean 0, so the
  /// means of Y make no difference.
  func crossMoments(_ labels: [Int], classCount: Int) -> [Double] {
    var result = [Double](repeating: 0, count: rank * classCount)
    guard !isOfRows else {
      for k in 0..<rank {
        let scale = values[k].squareRoot()
        for i in labels.indices { result[k * classCount + labels[i]] += scale * vectors[k * design.count + i] }
      }
      return result
    }
    let columns = design.columns
    var sums = [Double](repeating: 0, count: classCount * columns)
    design.forEachBlock(rows: 0..<design.count) { block, rows in
      for i in rows {
        let (source, target) = ((i - rows.lowerBound) * columns, labels[i] * columns)
        for j in 0..<columns { sums[target + j] += block[source + j] }
      }
    }
    var span = result.mutableSpan
    product.multiply(
      ProductShape(rows: rank, columns: classCount, depth: columns), vectors.span, sums.span, transposeB: true,
      into: &span)
    return result
  }

  /// The weights V B of scaled features, `[columns, classCount]`, for weights B of Z, `[rank, classCount]`.
  func weights(_ inner: [Double], classCount: Int) -> [Double] {
    let columns = design.columns
    var result = [Double](repeating: 0, count: columns * classCount)
    var span = result.mutableSpan
    guard isOfRows else {
      product.multiply(
        ProductShape(rows: columns, columns: classCount, depth: rank), vectors.span, transposeA: true, inner.span,
        into: &span)
      return result
    }
    // V = Fᵀ U diag(s)^(-1/2), for the eigenvectors U of F Fᵀ.
    var scaled = inner
    for k in 0..<rank {
      let scale = 1 / values[k].squareRoot()
      for c in 0..<classCount { scaled[k * classCount + c] *= scale }
    }
    var factors = [Double](repeating: 0, count: design.count * classCount)
    var factorSpan = factors.mutableSpan
    product.multiply(
      ProductShape(rows: design.count, columns: classCount, depth: rank), vectors.span, transposeA: true,
      scaled.span, into: &factorSpan)
    var sums = result
    design.forEachBlock(rows: 0..<design.count) { block, rows in
      var target = sums.mutableSpan
      product.multiply(
        ProductShape(rows: columns, columns: classCount, depth: rows.count), block, transposeA: true,
        factors.span.extracting((rows.lowerBound * classCount)..<(rows.upperBound * classCount)),
        into: &target, adding: true)
    }
    return sums
  }
}
