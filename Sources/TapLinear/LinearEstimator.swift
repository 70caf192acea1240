// The common parts of the estimators: settings, checks of data, and the scaler. Data are checked and scaled once.
// Models are then fitted to these data for many values of C.

import TapKernels
import TapTensors

/// Settings of a linear model that is fitted to labeled rows.
package protocol LinearEstimator: Sendable {
  var standardization: Standardization { get set }
  /// The transform of the features, which precedes the scaling.
  var transform: FeatureTransform { get set }
  var classWeights: ClassWeights { get }
  var threads: Int { get set }
  /// Whether a shift of the features does not change the result. The solver may then center the features.
  var ignoresShifts: Bool { get }

  /// Throws an error if a setting is out of range.
  func checkSettings() throws(LinearModelError)
  /// Fits a model with these settings to prepared data.
  ///
  /// - Parameter start: the first point of the solver. The result of a fit to the same data with a smaller C is a good
  ///   start.
  func fit(_ data: TrainingData, start: FitStart?) throws(LinearModelError) -> FittedLinearModel
  /// Fits a model whose only use is the evaluation of one value of C. The fit may stop once its predictions on held-out
  /// rows no longer change.
  func fit(
    _ data: TrainingData, start: FitStart?, until settled: PredictionStoppingRule
  ) throws(LinearModelError) -> FittedLinearModel
}

extension LinearEstimator {
  /// The default ignores `settled`: solvers other than Newton's method continue to the tolerance.
  package func fit(
    _ data: TrainingData, start: FitStart?, until settled: PredictionStoppingRule
  ) throws(LinearModelError) -> FittedLinearModel {
    try fit(data, start: start)
  }
}

/// Settings of a linear model whose solver minimizes a penalized sum of losses.
package protocol RegularizedEstimator: LinearEstimator {
  var c: Double { get set }
  var intercept: Intercept { get set }
  var tolerance: Double { get set }
  var maximumIterations: Int { get set }
  var product: MatrixProduct { get set }
}

/// Checked data with a fitted scaler. A model can be fitted to these data for any C.
package struct TrainingData: Sendable {
  package let design: DesignMatrix
  /// The requested scaling. The scaling of ``design`` may subtract another offset.
  package let scaler: FeatureScaler
  package let labels: [Int]
  package let sampleWeights: [Double]
  package let classCount: Int
  /// The length of a row before any projection.
  package let dimensions: Int
  /// The number of columns of denormal numbers. The inverse scale of such a column overflows single precision, so the
  /// column is treated as constant.
  let tinyColumns: Int
  /// Whether each row is divided by its norm.
  package let areRowsNormalized: Bool
  /// The projection of the features, which ``scaler`` does not contain.
  let projection: Projection?
  package let gram: GramMatrix?
  /// The coordinates of the rows in the space that the rows span; nil if there are many rows.
  package let rowSpace: RowSpace?
  /// The second moments of the columns.
  package let moments: ColumnMoments?
  package let squares: ColumnSquares
  /// The Hessian's diagonal blocks, one for each class.
  let classBlocks: ClassBlocks?
  /// The rows in the form that coordinate descent needs.
  let dualRows: SharedDualRows
  /// The Hessians of one-versus-rest SVMs.
  let outputHessians = SharedOutputHessians()
  /// The dual variables of the rows at the end of the last fit with a piecewise linear loss.
  let lastDual = LastDual()

  /// The problem of minimizing a loss in the scaled space.
  package func problem<Loss: PointwiseLoss>(
    _ loss: Loss, c: Double, intercept: Intercept, product: MatrixProduct
  ) -> LinearProblem<Loss> {
    LinearProblem(
      design: design, labels: labels, costs: sampleWeights.map { c * $0 }, loss: loss, intercept: intercept,
      product: product, gram: gram, moments: moments, squares: squares, classBlocks: classBlocks)
  }
}

extension TrainingData {
  /// Takes over the curvature (second derivatives of the loss) that was computed on another subset of the same rows.
  package func adoptCurvature(of other: TrainingData) { classBlocks?.adopt(other.classBlocks) }

  /// Makes this subset compute the curvature that `parts` subsets will use.
  package func leadCurvature(of parts: Int) { classBlocks?.lead(parts) }
}

extension LinearEstimator {
  package func fit(_ data: TrainingData) throws(LinearModelError) -> FittedLinearModel {
    try fit(data, start: nil)
  }

  /// The rows whose weight is not 0.
  private static func weighted(_ rows: [Int], _ sampleWeights: [Double]?) -> [Int] {
    guard let sampleWeights else { return rows }
    return rows.filter { sampleWeights[$0] != 0 }
  }

  /// Checks settings and data, then fits the transform, then fits the scaler.
  ///
  /// - Parameters:
  ///   - sampleWeights: rows of weight 0 are ignored.
  ///   - areNormalized: whether the rows of `features` already have the norm that the transform requires.
  package func prepare(
    _ features: MatrixView, rows: [Int]? = nil, labels: [Int], classCount: Int,
    sampleWeights: [Double]? = nil,
    areNormalized: Bool = false
  ) throws(LinearModelError) -> TrainingData {
    try checkSettings()
    guard classCount >= 2 else { throw .tooFewClasses(classCount: classCount) }
    guard labels.count == features.rows else {
      throw .labelCount(expected: features.rows, found: labels.count)
    }
    if let sampleWeights, sampleWeights.count != features.rows {
      throw .sampleWeightCount(expected: features.rows, found: sampleWeights.count)
    }
    guard features.columns > 0 else { throw .noColumns }
    for row in rows ?? [] where !(0..<features.rows).contains(row) {
      throw .rowOutOfRange(row: row, rows: features.rows)
    }
    guard rows?.isEmpty != true && features.rows > 0 else { throw .noRows }
    // The scaler and the principal components also ignore rows of weight 0.
    let used = Self.weighted(rows ?? Array(0..<features.rows), sampleWeights)
    let rows = used.count == rows?.count ?? features.rows ? rows : used
    for row in used where !(0..<classCount).contains(labels[row]) {
      throw .labelOutOfRange(row: row, label: labels[row], classCount: classCount)
    }
    let usedLabels = used.map { labels[$0] }
    let factors = try classWeights.factors(
      labels: usedLabels, sampleWeights: sampleWeights.map { weights in used.map { weights[$0] } },
      classCount: classCount)
    var weights = [Double](repeating: 1, count: used.count)
    var totals = [Double](repeating: 0, count: classCount)
    for (position, row) in used.enumerated() {
      let sample = sampleWeights?[row] ?? 1
      guard sample.isFinite && sample >= 0 else { throw .sampleWeight(row: row, value: sample) }
      weights[position] = sample * factors[labels[row]]
      totals[labels[row]] += weights[position]
    }
    let filled = totals.indices.filter { totals[$0] > 0 }
    if filled.count == 1 { throw .oneClass(label: filled[0]) }
    if let empty = totals.firstIndex(where: { $0 == 0 }) {
      throw .emptyClass(label: empty, classCount: classCount)
    }
    let transformed = try transform.fit(features, rows: rows, areNormalized: areNormalized, threads: threads)
    let (scaler, mean, isConstant, isTiny) = try FeatureScaler.fitted(
      standardization.resolved(after: transform), to: transformed.features, rows: transformed.rows)
    // A free intercept absorbs any shift of the features. So the solver may center the features, whichever scaling the
    // user requests. The objective stays the same, and its Hessian is better conditioned.
    let centered = ignoresShifts ? FeatureScaler(offset: mean, scale: scaler.scale) : scaler
    // A column with a single value is exactly 0 after centering. A column of denormal numbers is set to 0 too.
    let design = DesignMatrix(
      features: transformed.features, rows: transformed.rows, scaler: centered,
      zeroColumns: isConstant.indices.filter { isTiny[$0] || isConstant[$0] && centered.offset[$0] != 0 })
    let gram = GramMatrix(design)
    return TrainingData(
      design: design, scaler: scaler, labels: usedLabels, sampleWeights: weights, classCount: classCount,
      dimensions: features.columns, tinyColumns: isTiny.count { $0 },
      areRowsNormalized: transform.normalizesRows,
      projection: transformed.projection, gram: gram, rowSpace: RowSpace(design, gram),
      moments: ColumnMoments(design, weights: weights), squares: ColumnSquares(design, weights: weights),
      classBlocks: ClassBlocks(columns: design.columns, classCount: classCount),
      dualRows: SharedDualRows(design))
  }
}

extension RegularizedEstimator {
  package var ignoresShifts: Bool { intercept == .free }

  package func checkSettings() throws(LinearModelError) {
    guard c.isFinite && c > 0 else { throw .regularization(c: c) }
    guard tolerance.isFinite && tolerance > 0 else { throw .tolerance(tolerance) }
    guard maximumIterations >= 1 else { throw .iterationLimit(maximumIterations) }
    if case .penalized(let scale) = intercept, !(scale.isFinite && scale > 0) { throw .interceptScale(scale) }
  }
}
