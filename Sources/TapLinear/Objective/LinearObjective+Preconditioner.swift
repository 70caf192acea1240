// What conjugate gradient is preconditioned by: the Hessian's diagonal, which costs next to nothing, or the Hessian as if
// all rows of an output curved alike, which costs a product of matrices and a factorisation, and saves steps on hard problems.

import TapKernels

/// M⁻¹ for the Newton equation: block by block of outputs, Mₒ = I + h G for the weights, with G the columns' second moments
/// and h the mean curvature of the output's rows to the nearest power of 2; the diagonal for the appended feature.
///
/// Rows that curve are a sample of all rows, so that M⁻¹H has its eigenvalues around 1, whatever the spectrum of the
/// features: on 5,000 rows of 1,280 features, ten classes, C = 1, a fit takes 217 products instead of 348, and one of the squared
/// hinge from W = 0 1,476 instead of 3,877.
struct MomentsPreconditioner {
  /// M⁻¹ `[columns, columns]` for each exponent of 2 in use.
  private var inverses: [Int: [Float]] = [:]
  private let columns: Int

  init(columns: Int) { self.columns = columns }

  /// The exponent that stands for a mean curvature.
  private static func exponent(_ curvature: Double) -> Int? {
    curvature > 0 && curvature.isFinite
      ? Int(Double(curvature.exponent) + (curvature.significand > 1.414 ? 1 : 0)) : nil
  }

  /// Factors what is missing for these mean curvatures.
  mutating func prepare(
    _ curvatures: [Double], _ moments: ColumnMoments, _ product: MatrixProduct, threads: Int
  ) {
    let wanted = Set(curvatures.compactMap(Self.exponent))
    guard wanted.count <= 6 else { return }
    inverses = inverses.filter { wanted.contains($0.key) }
    for exponent in wanted where inverses[exponent] == nil {
      let elements = moments.elements(product: product, threads: threads)
      let h = Double(sign: .plus, exponent: exponent, significand: 1)
      let columns = columns
      let factor = CholeskyFactor(order: columns, product: product) { row, first, width, span, target in
        for j in 0..<width { span[target + j] = h * Double(elements[row * columns + first + j]) }
        if row >= first && row < first + width { span[target + row - first] += 1 }
      }
      inverses[exponent] = factor?.inverse(product: product)
    }
  }

  /// M⁻¹ r, `[outputs, columns]` and then the appended feature's, by the diagonal where there is nothing better.
  func apply(_ residual: [Double], curvatures: [Double], diagonal: [Double], product: MatrixProduct)
    -> [Double]
  {
    var result = residual
    for i in result.indices { result[i] /= diagonal[i] }
    for (exponent, inverse) in inverses {
      let outputs = curvatures.indices.filter { Self.exponent(curvatures[$0]) == exponent }
      guard !outputs.isEmpty else { continue }
      var left = [Float](repeating: 0, count: outputs.count * columns)
      for (place, output) in outputs.enumerated() {
        for j in 0..<columns { left[place * columns + j] = Float(residual[output * columns + j]) }
      }
      var image = [Float](repeating: 0, count: left.count)
      var span = image.mutableSpan
      product.multiply(
        ProductShape(rows: outputs.count, columns: columns, depth: columns), left.span, inverse.span,
        into: &span)
      for (place, output) in outputs.enumerated() {
        for j in 0..<columns { result[output * columns + j] = Double(image[place * columns + j]) }
      }
    }
    return result
  }
}

extension LinearObjective {
  /// Has the preconditioner ready for the point where the objective stands; the mean curvatures that it is for, none while
  /// the diagonal does.
  ///
  /// The moments cost as much arithmetic as `columns / (2 outputs)` Hessian products and run about three times as fast, being
  /// products of large matrices. They are taken up once that much has been spent without them.
  mutating func preparePreconditioner() -> [Double] {
    guard let moments = problem.moments, products * 6 * problem.outputs >= problem.columns,
      problem.design.count > problem.columns / 2
    else { return [] }
    let curvatures = meanCurvatures()
    preconditioner.prepare(curvatures, moments, problem.product, threads: threads)
    return curvatures
  }

  /// The mean over rows, by their sample weights, of each output's curvature.
  func meanCurvatures() -> [Double] {
    let k = problem.outputs
    let count = Double(problem.design.count)
    forEachShard { shard in
      let values = shard.curvatures()
      var sums = [Double](repeating: 0, count: k)
      for i in 0..<shard.range.count {
        for c in 0..<k { sums[c] += Double(values[i * k + c]) }
      }
      shard.partial = sums
    }
    return reduce(count: k) { $0.partial }.map { $0 / count }
  }
}
