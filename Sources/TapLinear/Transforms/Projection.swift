// Principal components: a projection is fitted to rows, applied to these rows, and folded into the weights of a model
// that was trained on projected rows.

import TapKernels
import TapTensors

/// A fitted projection x̃ = A (x - m).
///
/// Let F be the centered rows, and λ, v the eigenpairs of FᵀF in decreasing order of λ. The rows of A are the vectors
/// v, or v √((n - 1) / λ) with whitening. The element of v with the largest magnitude is positive (in a tie, the
/// first), as in scikit-learn's `PCA(svd_solver="full")`. The explained variance is λ / (n - 1). With fewer rows than
/// columns, the pairs come from F Fᵀ u = λ u, v = Fᵀu / √λ.
///
/// All computations are in double precision. Directions with λ ≤ about 10⁻¹² times the largest λ are not components,
/// because the rows do not span them. Squaring F costs half of the digits of components with small λ. A singular value
/// decomposition would keep these digits, but takes several times the work.
struct Projection: Sendable {
  /// The mean m, `[columns]`.
  let mean: [Double]
  /// The matrix A, `[components, columns]`.
  let axes: [Double]
  let summary: ProjectionSummary

  var count: Int { summary.count }
  private var columns: Int { mean.count }

  /// The largest order of an eigenvalue problem. A matrix of that order takes 300 MB.
  static let largestOrder = 6000

  /// - Parameter design: the rows as a design, whose scaler subtracts the mean and does not scale.
  init(
    _ design: DesignMatrix, _ settings: PrincipalComponents, product: MatrixProduct, threads: Int
  ) throws(LinearModelError) {
    let (count, columns) = (design.count, design.columns)
    let gram = count < columns ? GramMatrix(design) : nil
    let order = gram == nil ? columns : count
    guard order <= Self.largestOrder else {
      throw .projectionTooLarge(rows: count, columns: columns, limit: Self.largestOrder)
    }
    let matrix =
      gram?.elements(product: product, threads: threads) ?? design.moments(product: product, threads: threads)
    let eigen = SymmetricEigen(
      matrix, order: order, count: { Self.componentCount(settings.count, values: $0) }, threads: threads)
    var axes = eigen.vectors
    if gram != nil { axes = Self.axes(ofRows: eigen.vectors, design, product) }
    let kept = axes.count / columns
    let total = eigen.values.reduce(0) { $0 + max(0, $1) }
    for component in 0..<kept {
      let range = (component * columns)..<((component + 1) * columns)
      let deviation = (eigen.values[component] / Double(max(1, count - 1))).squareRoot()
      let scale = settings.whitens && deviation > 0 ? 1 / deviation : 1
      var largest = 0.0
      var square = 0.0
      for j in range {
        if abs(axes[j]) > abs(largest) { largest = axes[j] }
        square += axes[j] * axes[j]
      }
      let factor = square > 0 ? (largest < 0 ? -scale : scale) / square.squareRoot() : 0
      for j in range { axes[j] *= factor }
    }
    mean = design.scaler.offset
    self.axes = axes
    summary = ProjectionSummary(
      explainedVarianceRatios: eigen.values.prefix(kept).map { total > 0 ? max(0, $0) / total : 0 },
      whitens: settings.whitens)
  }

  /// The number of components to keep, given their variances. It is at least 1.
  private static func componentCount(_ count: PrincipalComponents.Count, values: [Double]) -> Int {
    let largest = values.first ?? 0
    let rank = values.count { $0 > 4 * Double(values.count) * 2.3e-16 * largest }
    switch count {
    case .components(let wanted): return max(1, min(wanted, rank))
    case .variance(let share):
      let total = values.reduce(0) { $0 + max(0, $1) }
      var sum = 0.0
      for (index, value) in values.prefix(rank).enumerated() {
        sum += value
        if sum / total > share { return index + 1 }
      }
      return max(1, rank)
    }
  }

  /// The axes Fᵀu, `[components, columns]`, for eigenvectors u of F Fᵀ, `[components, count]`.
  private static func axes(ofRows vectors: [Double], _ design: DesignMatrix, _ product: MatrixProduct)
    -> [Double]
  {
    let (count, columns) = (design.count, design.columns)
    let components = vectors.count / count
    var axes = [Double](repeating: 0, count: components * columns)
    design.forEachBlock(rows: 0..<count) { block, rows in
      var part: [Double] = []
      part.reserveCapacity(components * rows.count)
      for component in 0..<components {
        part += vectors[(component * count + rows.lowerBound)..<(component * count + rows.upperBound)]
      }
      var target = axes.mutableSpan
      product.multiply(
        ProductShape(rows: components, columns: columns, depth: rows.count), part.span, block, into: &target,
        adding: true)
    }
    return axes
  }

  /// Projects the rows to which the projection was fitted. The result is in single precision: `[count, components]`.
  func projected(_ design: DesignMatrix, product: MatrixProduct) -> MatrixView {
    let components = count
    return MatrixView(rows: design.count, columns: components) { elements in
      var values = [Double](repeating: 0, count: DesignMatrix.momentRows * components)
      design.forEachBlock(rows: 0..<design.count) { block, rows in
        var span = values.mutableSpan
        product.multiply(
          ProductShape(rows: rows.count, columns: components, depth: columns), block, axes.span,
          transposeB: true, into: &span)
        for i in 0..<(rows.count * components) {
          elements[rows.lowerBound * components + i] = Float(span[i])
        }
      }
    }
  }

  /// Converts weights `[outputs, components]` and biases for x̃ to weights `[outputs, columns]` and biases for x.
  func folded(weights: [Double], bias: [Double], product: MatrixProduct = .openBLAS) -> (
    weights: [Double], bias: [Double]
  ) {
    var folded = [Double](repeating: 0, count: bias.count * columns)
    var span = folded.mutableSpan
    product.multiply(
      ProductShape(rows: bias.count, columns: columns, depth: count), weights.span, axes.span, into: &span)
    var shifted = bias
    for c in bias.indices {
      for j in 0..<columns { shifted[c] -= folded[c * columns + j] * mean[j] }
    }
    return (folded, shifted)
  }
}

/// Rows of features after a transform, and the fitted projection.
struct TransformedRows {
  var features: MatrixView
  /// The rows of ``features`` to use, in training order; nil means all rows.
  var rows: [Int]?
  var projection: Projection?
}

extension FeatureTransform {
  /// Fits the transform to rows and applies it to these rows. Features are copied if they are normalized here or
  /// projected.
  ///
  /// - Parameter areNormalized: whether the rows are normalized already.
  func fit(
    _ features: MatrixView, rows: [Int]?, areNormalized: Bool, threads: Int,
    product: MatrixProduct = .openBLAS
  ) throws(LinearModelError) -> TransformedRows {
    var result = TransformedRows(features: features, rows: rows)
    if normalizesRows, !areNormalized {
      result.features = try features.normalized(rows: rows, keepsPlaces: false)
      result.rows = nil
    }
    guard let components else { return result }
    switch components.count {
    case .components(let count) where count < 1: throw .componentCount(Double(count))
    case .variance(let share) where !(share > 0 && share < 1): throw .componentCount(share)
    default: break
    }
    let mean = try FeatureScaler.fitted(.none, to: result.features, rows: result.rows).mean
    let design = DesignMatrix(
      features: result.features, rows: result.rows,
      scaler: FeatureScaler(offset: mean, scale: [Double](repeating: 1, count: mean.count)))
    let projection = try Projection(design, components, product: product, threads: threads)
    result.features = projection.projected(design, product: product)
    result.rows = nil
    result.projection = projection
    return result
  }
}
