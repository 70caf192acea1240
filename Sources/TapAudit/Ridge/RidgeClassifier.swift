// A ridge regression of class indicators, with its exact leave-one-out scores.

import Glibc
import Synchronization
import TapKernels
import TapLinear
import TapTensors

/// A linear classifier by ridge regression, and the scores that each row gets from a classifier fitted without the row.
///
/// Givens: features X `[n, d]`, a class for each row. With F, the columns of X minus their means, and the indicators Y
/// `[n, classes]` (1 in the column of the row's class, otherwise 0), the weights minimize
/// ```
/// ‖F W + 1 bᵀ - Y‖² + λ ‖W‖²          b is not penalized
/// ```
/// Let H = 1/n 11ᵀ + F (FᵀF + λ)⁻¹ Fᵀ and f = H Y. A fit without row i, with the same λ, gives row i the scores
/// ```
/// (fᵢ - hᵢ yᵢ) / (1 - hᵢ),              hᵢ = Hᵢᵢ
/// ```
/// exactly. λ is a value of ``penalties`` times ‖F‖² / d: the value with the smallest mean squared leave-one-out error.
/// If values tie, the largest of them is chosen. Columns are not scaled, because scaling makes the noise of weak
/// columns as large as the signal of strong ones.
///
/// The result does not depend on the number of threads. Source: Golub, Heath and Wahba, "Generalized cross-validation
/// as a method for choosing a good ridge parameter" (1979), section 1.
///
/// - Complexity: 2 n d² + 2 n d · classes · 21 operations, one eigenvalue problem of order min(n, d), and
///   n (classes / 2 + 21) · 8 bytes.
package struct RidgeClassifier: Sendable {
  /// The tried values of λ d / ‖F‖².
  package static let penalties: [Double] = (-12...8).map { pow(10, Double($0) / 4) }

  package let classCount: Int
  /// The chosen value of λ d / ‖F‖².
  package let penalty: Double
  /// The leave-one-out scores, `[n, classCount]`.
  package let leaveOneOutScores: [Float]
  private let scaler: FeatureScaler
  private let zeroColumns: [Int]
  private let weights: [Double]
  private let means: [Double]
  private let product: MatrixProduct

  /// - Parameters:
  ///   - rows: the rows to fit; nil for all rows.
  ///   - labels: the class of each row to fit, in `0..<classCount`, in the order of `rows`.
  ///   - penalties: the values of λ d / ‖F‖² to try, in increasing order.
  /// - Throws: ``AuditError``: a feature is not finite, or there are too many columns.
  /// - Precondition: there are at least 2 rows.
  package init(
    _ features: MatrixView, rows: [Int]? = nil, labels: [Int], classCount: Int,
    penalties: [Double] = RidgeClassifier.penalties, threads: Int, product: MatrixProduct = .openBLAS
  ) throws(AuditError) {
    precondition(labels.count == rows?.count ?? features.rows && labels.count > 1, "\(labels.count) labels")
    precondition(!penalties.isEmpty)
    let fitted: (scaler: FeatureScaler, mean: [Double], isConstant: [Bool], isTiny: [Bool])
    do { fitted = try FeatureScaler.fitted(.none, to: features, rows: rows) } catch {
      throw .model(error)
    }
    scaler = FeatureScaler(offset: fitted.mean, scale: fitted.scaler.scale)
    zeroColumns = fitted.isConstant.indices.filter { fitted.isConstant[$0] }
    let design = DesignMatrix(features: features, rows: rows, scaler: scaler, zeroColumns: zeroColumns)
    let basis = try PrincipalRows(design, product: product, threads: threads)
    let problem = Problem(
      basis: basis, moments: basis.crossMoments(labels, classCount: classCount), labels: labels,
      means: Self.shares(labels, classCount: classCount), product: product)
    let unit = basis.squares / Double(features.columns)
    let (errors, leverages) = problem.search(penalties.map { $0 * unit }, threads: threads)
    let best = errors.indices.reversed().min { errors[$0] < errors[$1] } ?? 0
    penalty = penalties[best]
    weights = basis.weights(problem.weights(penalty * unit), classCount: classCount)
    leaveOneOutScores = problem.leaveOneOut(weights, leverages[best], threads: threads)
    means = problem.means
    self.classCount = classCount
    self.product = product
  }

  private static func shares(_ labels: [Int], classCount: Int) -> [Double] {
    var counts = [Double](repeating: 0, count: classCount)
    for label in labels { counts[label] += 1 }
    return counts.map { $0 / Double(labels.count) }
  }

  /// The scores of other rows with the same columns, `[rows.count, classCount]`.
  package func scores(_ features: MatrixView, rows: [Int]) -> [Float] {
    let design = DesignMatrix(features: features, rows: rows, scaler: scaler, zeroColumns: zeroColumns)
    var result: [Float] = []
    result.reserveCapacity(rows.count * classCount)
    var block = [Double](repeating: 0, count: DesignMatrix.momentRows * classCount)
    design.forEachBlock(rows: 0..<rows.count) { features, range in
      var span = block.mutableSpan
      product.multiply(
        ProductShape(rows: range.count, columns: classCount, depth: design.columns), features, weights.span,
        into: &span)
      for i in 0..<range.count {
        for c in 0..<classCount { result.append(Float(span[i * classCount + c] + means[c])) }
      }
    }
    return result
  }

  /// The class with the largest score, for other rows with the same columns. If scores tie, the first class is taken.
  package func predictions(_ features: MatrixView, rows: [Int]) -> [Int] {
    let scores = scores(features, rows: rows)
    return rows.indices.map { i in
      var best = i * classCount
      for place in best..<(best + classCount) where scores[place] > scores[best] { best = place }
      return best - i * classCount
    }
  }
}

/// The regression for every λ.
private struct Problem: Sendable {
  let basis: PrincipalRows
  /// ZᵀY, `[rank, classes]`.
  let moments: [Double]
  let labels: [Int]
  /// The mean of each column of Y.
  let means: [Double]
  let product: MatrixProduct

  private var classCount: Int { means.count }
  private var starts: [Int] { Array(stride(from: 0, to: labels.count, by: DesignMatrix.momentRows)) }

  private func rows(at start: Int) -> Range<Int> {
    start..<min(start + DesignMatrix.momentRows, labels.count)
  }

  /// The weights of Z, `[rank, classes]`.
  func weights(_ penalty: Double) -> [Double] {
    var weights = moments
    for k in 0..<basis.rank {
      let scale = 1 / (basis.values[k] + penalty)
      for c in 0..<classCount { weights[k * classCount + c] *= scale }
    }
    return weights
  }

  /// The sum of squared leave-one-out errors and the leverages of all rows, for each penalty.
  func search(_ penalties: [Double], threads: Int) -> (errors: [Double], leverages: [[Double]]) {
    let starts = starts
    let inverses = penalties.map { penalty in basis.values.map { 1 / ($0 + penalty) } }
    let found = Mutex<[Int: (errors: [Double], leverages: [[Double]])]>([:])
    Threads.concurrentForEach(count: starts.count, threads: threads) { index in
      let block = search(rows(at: starts[index]), inverses)
      found.withLock { $0[index] = block }
    }
    var errors = [Double](repeating: 0, count: penalties.count)
    var leverages = [[Double]](repeating: [], count: penalties.count)
    found.withLock { found in
      for index in starts.indices {
        guard let block = found[index] else { continue }
        for p in penalties.indices {
          errors[p] += block.errors[p]
          leverages[p] += block.leverages[p]
        }
      }
    }
    return (errors, leverages)
  }

  private func search(_ rows: Range<Int>, _ inverses: [[Double]]) -> (errors: [Double], leverages: [[Double]]) {
    let rank = basis.rank
    var z = [Double](repeating: 0, count: rows.count * rank)
    var span = z.mutableSpan
    basis.fill(&span, rows: rows)
    var scaled = z
    var fits = [Double](repeating: 0, count: rows.count * classCount)
    var errors: [Double] = []
    var leverages: [[Double]] = []
    for inverse in inverses {
      var own = [Double](repeating: 0, count: rows.count)
      for i in 0..<rows.count {
        var leverage = 0.0
        for k in 0..<rank {
          let value = z[i * rank + k]
          scaled[i * rank + k] = value * inverse[k]
          leverage += value * value * inverse[k]
        }
        own[i] = leverage + 1 / Double(labels.count)
      }
      var target = fits.mutableSpan
      product.multiply(
        ProductShape(rows: rows.count, columns: classCount, depth: rank), scaled.span, moments.span, into: &target)
      var error = 0.0
      for i in 0..<rows.count {
        let label = labels[rows.lowerBound + i]
        let factor = 1 / (1 - own[i])
        for c in 0..<classCount {
          let residual = (fits[i * classCount + c] + means[c] - (c == label ? 1 : 0)) * factor
          error += residual * residual
        }
      }
      errors.append(error)
      leverages.append(own)
    }
    return (errors, leverages)
  }

  /// The leave-one-out scores, `[count, classes]`, for weights of scaled features.
  func leaveOneOut(_ weights: [Double], _ leverages: [Double], threads: Int) -> [Float] {
    let starts = starts
    let found = Mutex<[Int: [Float]]>([:])
    Threads.concurrentForEach(count: starts.count, threads: threads) { index in
      let rows = self.rows(at: starts[index])
      var scores: [Float] = []
      scores.reserveCapacity(rows.count * classCount)
      var fits = [Double](repeating: 0, count: rows.count * classCount)
      basis.design.forEachBlock(rows: rows) { block, _ in
        var target = fits.mutableSpan
        product.multiply(
          ProductShape(rows: rows.count, columns: classCount, depth: basis.design.columns), block, weights.span,
          into: &target)
      }
      for i in 0..<rows.count {
        let leverage = leverages[rows.lowerBound + i]
        for c in 0..<classCount {
          let indicator = c == labels[rows.lowerBound + i] ? 1.0 : 0
          scores.append(
            Float((fits[i * classCount + c] + means[c] - leverage * indicator) / (1 - leverage)))
        }
      }
      let finished = scores
      found.withLock { $0[index] = finished }
    }
    return found.withLock { found in starts.indices.flatMap { found[$0] ?? [] } }
  }
}
