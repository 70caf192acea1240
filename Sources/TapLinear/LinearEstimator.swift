// What the estimators have in common: their settings, the checks of data, the scaler. What comes of it can be fitted for
// many C without checking and scaling again.

import TapKernels
import TapTensors

/// Settings of a linear model that is fitted to labelled rows.
package protocol LinearEstimator: Sendable {
  var standardization: Standardization { get set }
  /// What happens to features before they are scaled.
  var transform: FeatureTransform { get set }
  var classWeights: ClassWeights { get }
  var threads: Int { get set }
  /// Whether a shift of the features changes nothing, so that the solver may have them centred.
  var ignoresShifts: Bool { get }

  /// Throws for settings out of range.
  func checkSettings() throws(LinearModelError)
  /// Fits to prepared data for these settings.
  ///
  /// - Parameter start: where to begin; a fit of the same data for a smaller C is a good place.
  func fit(_ data: TrainingData, start: FitStart?) throws(LinearModelError) -> FittedLinearModel
  /// The same for a fit that only judges: it may stop once its predictions are settled.
  func fit(
    _ data: TrainingData, start: FitStart?, until settled: SettledPredictions
  ) throws(LinearModelError) -> FittedLinearModel
}

extension LinearEstimator {
  /// Solvers other than Newton's method go on to the tolerance.
  package func fit(
    _ data: TrainingData, start: FitStart?, until settled: SettledPredictions
  ) throws(LinearModelError) -> FittedLinearModel {
    try fit(data, start: start)
  }
}

/// Settings of a linear model that a solver finds: a penalised sum of losses is minimised.
package protocol RegularizedEstimator: LinearEstimator {
  var c: Double { get set }
  var intercept: Intercept { get set }
  var tolerance: Double { get set }
  var maximumIterations: Int { get set }
  var product: MatrixProduct { get set }
}

/// Checked data with a fitted scaler, ready for any C.
package struct TrainingData: Sendable {
  package let design: DesignMatrix
  /// The scaling that was asked for; that of the design may differ by a shift.
  package let scaler: FeatureScaler
  package let labels: [Int]
  package let sampleWeights: [Double]
  package let classCount: Int
  /// The length of a row before any projection.
  package let dimensions: Int
  /// Columns that count as constant because single precision does not hold the inverse of their scale.
  let tinyColumns: Int
  /// Whether rows were divided by their norms.
  package let areRowsNormalized: Bool
  /// What the features were projected by; it is not part of ``scaler``.
  let projection: Projection?
  package let gram: GramMatrix?
  /// The coordinates of few rows.
  package let span: RowSpan?
  /// The second moments of columns.
  package let moments: ColumnMoments?
  package let squares: ColumnSquares
  /// The Hessian's blocks of classes.
  let classBlocks: ClassBlocks?
  /// The norms of rows, for coordinate descent.
  let dualRows: SharedDualRows
  /// Second derivatives of one-versus-rest SVMs.
  let outputHessians = SharedOutputHessians()
  /// Where the last fit of a piecewise linear loss ended.
  let lastDual = LastDual()

  /// The problem of a loss in the scaled space.
  package func problem<Loss: PointwiseLoss>(
    _ loss: Loss, c: Double, intercept: Intercept, product: MatrixProduct
  ) -> LinearProblem<Loss> {
    LinearProblem(
      design: design, labels: labels, costs: sampleWeights.map { c * $0 }, loss: loss, intercept: intercept,
      product: product, gram: gram, moments: moments, squares: squares, classBlocks: classBlocks)
  }
}

extension TrainingData {
  /// Takes over what another part of the same rows has found out about the Hessian.
  package func adoptCurvature(of other: TrainingData) { classBlocks?.adopt(other.classBlocks) }

  /// Lets this part find it out for so many parts.
  package func leadCurvature(of parts: Int) { classBlocks?.lead(parts) }
}

extension LinearEstimator {
  package func fit(_ data: TrainingData) throws(LinearModelError) -> FittedLinearModel {
    try fit(data, start: nil)
  }

  /// Rows without those of weight 0.
  private static func weighted(_ rows: [Int], _ sampleWeights: [Double]?) -> [Int] {
    guard let sampleWeights else { return rows }
    return rows.filter { sampleWeights[$0] != 0 }
  }

  /// Checks settings and data, fits the transform and then the scaler.
  ///
  /// - Parameters:
  ///   - sampleWeights: rows of weight 0 are not looked at.
  ///   - areNormalized: whether the rows of `features` have been normalised, as the transform asks for.
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
    // A row of weight 0 is as if it were not there, for scalers and components too.
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
    // A free intercept takes up any shift of the features, so the solver may have them centred whatever the user
    // chose: the objective is the same, its Hessian better conditioned.
    let centred = ignoresShifts ? FeatureScaler(offset: mean, scale: scaler.scale) : scaler
    // A column of one value, centred, is exactly 0; one of denormal numbers counts as such.
    let design = DesignMatrix(
      features: transformed.features, rows: transformed.rows, scaler: centred,
      zeroColumns: isConstant.indices.filter { isTiny[$0] || isConstant[$0] && centred.offset[$0] != 0 })
    let gram = GramMatrix(design)
    return TrainingData(
      design: design, scaler: scaler, labels: usedLabels, sampleWeights: weights, classCount: classCount,
      dimensions: features.columns, tinyColumns: isTiny.count { $0 },
      areRowsNormalized: transform.normalizesRows,
      projection: transformed.projection, gram: gram, span: RowSpan(design, gram),
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
    if case .penalised(let scale) = intercept, !(scale.isFinite && scale > 0) { throw .interceptScale(scale) }
  }
}
