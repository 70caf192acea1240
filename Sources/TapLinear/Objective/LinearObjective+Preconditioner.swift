// The preconditioners of conjugate gradient: the Hessian's diagonal, which costs almost nothing, or the Hessian with
// one curvature for all rows of an output, which costs a matrix product and a factorization, and saves steps on hard
// problems.

import Synchronization
import TapKernels
import TapTensors

/// M⁻¹ for the Newton equation, one block for each output: Mₒ = I + h G for the weights, with G the columns' second
/// moments and h the mean curvature of the output's rows, rounded to a power of 4; the diagonal for the appended
/// feature.
///
/// Rows with curvature are a sample of all rows, so M⁻¹H has its eigenvalues around 1, whatever the spectrum of the
/// features. On 5,000 rows of 1,280 features, ten classes, C = 1, a fit takes 217 products instead of 348, and a fit of
/// the squared hinge from W = 0 takes 1,476 instead of 3,877.
struct MomentsPreconditioner {
  /// M⁻¹ `[columns, columns]` for each exponent of 2 in use.
  private var inverses: [Int: MatrixView] = [:]
  private let columns: Int

  init(columns: Int) { self.columns = columns }

  /// The exponent for a mean curvature: an even one, so that few inverses serve a fit.
  static func exponent(_ curvature: Double) -> Int? {
    guard curvature > 0 && curvature.isFinite else { return nil }
    let exponent = Int(curvature.exponent)
    return exponent.isMultiple(of: 2) ? exponent : exponent + 1
  }

  /// Prepares the inverses for these mean curvatures, or none if those are too different.
  mutating func prepare(
    _ curvatures: [Double], _ moments: ColumnMoments, _ product: MatrixProduct, threads: Int
  ) {
    let wanted = Set(curvatures.compactMap(Self.exponent))
    guard wanted.count <= 6 else { return }
    inverses = moments.inverses(exponents: wanted, product: product, threads: threads)
  }

  /// M⁻¹ r, `[outputs, columns]` and then the appended feature's; by the diagonal if there is no inverse.
  func apply(
    _ residual: [Double], curvatures: [Double], diagonal: [Double], product: MatrixProduct, threads: Int
  ) -> [Double] {
    var result = residual
    for i in result.indices { result[i] /= diagonal[i] }
    let products = RowProducts.matching(product)
    for (exponent, inverse) in inverses {
      let outputs = curvatures.indices.filter { Self.exponent(curvatures[$0]) == exponent }
      guard !outputs.isEmpty else { continue }
      let (k, columns) = (outputs.count, columns)
      let right = outputs.flatMap { output in
        residual[(output * columns)..<((output + 1) * columns)].map { Float($0) }
      }
      // M⁻¹ is symmetric: its rows are multiplied by r. A piece of rows fits the second-level cache.
      let pieces = (columns + 63) / 64
      let images = Mutex<[[Float]]>([[Float]](repeating: [], count: pieces))
      Threads.concurrentForEach(count: pieces, threads: threads) { piece in
        let rows = (columns * piece / pieces)..<(columns * (piece + 1) / pieces)
        var image = [Float](repeating: 0, count: rows.count * k)
        var span = image.mutableSpan
        products.scores(
          FeatureRows(inverse, indices: nil, range: rows), right.span, outputs: k, into: &span)
        let finished = image
        images.withLock { $0[piece] = finished }
      }
      let image = images.withLock { $0.flatMap { $0 } }
      for (place, output) in outputs.enumerated() {
        for j in 0..<columns { result[output * columns + j] = Double(image[j * k + place]) }
      }
    }
    return result
  }
}

extension LinearObjective {
  /// Prepares the preconditioner for the current point. Returns the mean curvatures that it is for; none while the
  /// diagonal suffices.
  ///
  /// With fewer than three times as many rows as columns, the inverses save fewer products than their application
  /// costs. Otherwise they are used if another fit has them, or once the products taken without them have cost as much
  /// as the moments and three inverses: `columns / (4 outputs)` Hessian products and `3 columns² / (rows · outputs)`.
  mutating func preparePreconditioner(_ curvatures: [Double]) -> [Double] {
    let (rows, columns) = (problem.design.count, problem.columns)
    guard let moments = problem.moments, rows >= 3 * columns,
      moments.isKnown || products * 4 * rows * problem.outputs >= columns * (rows + 12 * columns)
    else { return [] }
    preconditioner.prepare(curvatures, moments, problem.product, threads: threads)
    return curvatures
  }

  /// The mean curvature of each output over rows, weighted by the sample weights.
  package func meanCurvatures() -> [Double] {
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
