// The estimator: checks the data, scales the features, builds the objective, lets the solver work, and gives back a
// fitted model in the space of the raw features.

import TapKernels
import TapTensors

/// Multinomial logistic regression with an L2 penalty.
///
/// ```
/// minimise  ½ ‖W‖² + C Σ sᵢ (log Σ_c exp(zᵢ_c) - zᵢ_{yᵢ}),      zᵢ = W x′ᵢ + b
/// ```
/// over W: `[classes, dimensions]` and the intercept b, which is free unless ``intercept`` says otherwise, with x′ the
/// scaled features: the penalty acts in the scaled space. sᵢ is the sample weight times the weight of the row's class.
///
/// C is scikit-learn's: it multiplies a *sum* of losses, so the penalty weighs less as rows are added. Two classes go
/// the same way as ten, with rows of weights w₀ = -w₁; but there scikit-learn's C belongs to the model of one score,
/// ½ ‖w‖² + C Σ sᵢ log(1 + exp(-yᵢ zᵢ)) with w = w₁ - w₀. As ½ ‖W‖² = ¼ ‖w‖², that is twice the objective above at
/// C/2, and for two classes C, ``FittedLogisticRegression/objective`` and its gap are those of the one-score model.
///
/// The solver stops by a certificate: ``FittedLogisticRegression/gap`` bounds how far the objective is above its
/// minimum. Features are read as float32 and never copied; values and gradients are computed in double precision.
/// Results do not depend on the number of threads; they may differ in the last digits between machines.
public struct LogisticRegression: Hashable, Sendable {
  /// The inverse strength of the penalty, finite and above 0.
  public var c: Double
  public var standardization: Standardization
  public var intercept: Intercept
  public var classWeights: ClassWeights
  /// The relative duality gap at which a fit is done, above 0. Newton steps square it near the end, so that 1e-9 costs
  /// one step more than 1e-5 and makes comparisons between machines and libraries boring; about
  /// 1e-13 is the least that double precision can certify.
  public var tolerance: Double
  /// The most Newton steps, at least 1. Twenty are usual; a fit that needs more says ``StopReason/iterationLimit``.
  public var maximumIterations: Int
  /// At least 1.
  public var threads: Int
  package var product = MatrixProduct.openBLAS

  /// - Parameter threads: nil for as many as there are processors.
  public init(
    c: Double = 1, standardization: Standardization = .automatic, intercept: Intercept = .free,
    classWeights: ClassWeights = .uniform, tolerance: Double = 1e-9, maximumIterations: Int = 200,
    threads: Int? = nil
  ) {
    self.c = c
    self.standardization = standardization
    self.intercept = intercept
    self.classWeights = classWeights
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
    self.threads = max(1, threads ?? Threads.available)
  }

  /// Fits to rows of a feature matrix.
  ///
  /// - Parameters:
  ///   - features: `[n, d]`. Every value in a row that is used must be finite. Constant columns are fine.
  ///   - rows: the rows to use, in any order; nil for all. Labels and weights of other rows are not looked at.
  ///   - labels: one a row of `features`, in `0..<classCount`. Every class needs a row among those used.
  ///   - classCount: at least 2.
  ///   - sampleWeights: one a row of `features`, finite and at least 0; nil for 1 each.
  /// - Throws: ``LinearModelError``; never for lack of convergence, which the result states.
  /// - Complexity: O(n d k) a Hessian product; memory beside the features O(n k + k d).
  public func fit(
    _ features: MatrixView, rows: [Int]? = nil, labels: [Int], classCount: Int, sampleWeights: [Double]? = nil
  ) throws(LinearModelError) -> FittedLogisticRegression {
    try prepare(features, rows: rows, labels: labels, classCount: classCount, sampleWeights: sampleWeights)
      .fit(c: c, settings: self)
  }

  /// Checks settings and data, and fits the scaler. What comes back can be fitted for many C without doing so again.
  package func prepare(
    _ features: MatrixView, rows: [Int]? = nil, labels: [Int], classCount: Int, sampleWeights: [Double]? = nil
  ) throws(LinearModelError) -> PreparedLogisticRegression {
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
    let used = rows ?? Array(0..<features.rows)
    guard !used.isEmpty else { throw .noRows }
    for row in used where !(0..<classCount).contains(labels[row]) {
      throw .labelOutOfRange(row: row, label: labels[row], classCount: classCount)
    }
    let usedLabels = used.map { labels[$0] }
    let factors = try classWeights.factors(labels: usedLabels, classCount: classCount)
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
    let (scaler, mean) = try FeatureScaler.fitted(standardization, to: features, rows: rows)
    // A free intercept takes up any shift of the features, so the solver may have them centred whatever the user
    // chose: the objective is the same, its Hessian better conditioned.
    let centred = intercept == .free ? FeatureScaler(offset: mean, scale: scaler.scale) : scaler
    return PreparedLogisticRegression(
      design: DesignMatrix(features: features, rows: rows, scaler: centred), scaler: scaler,
      labels: usedLabels,
      sampleWeights: weights, classCount: classCount)
  }

  private func checkSettings() throws(LinearModelError) {
    guard c.isFinite && c > 0 else { throw .regularization(c: c) }
    guard tolerance.isFinite && tolerance > 0 else { throw .tolerance(tolerance) }
    guard maximumIterations >= 1 else { throw .iterationLimit(maximumIterations) }
    if case .penalised(let scale) = intercept, !(scale.isFinite && scale > 0) { throw .interceptScale(scale) }
  }
}

/// Checked data with a fitted scaler, ready for any C.
package struct PreparedLogisticRegression: Sendable {
  package let design: DesignMatrix
  /// The scaling that was asked for; that of the design may differ by a shift.
  package let scaler: FeatureScaler
  package let labels: [Int]
  package let sampleWeights: [Double]
  package let classCount: Int

  /// What the multinomial objective is multiplied by to be the one that is reported: 2 for the one-score model of two
  /// classes, with C/2 in the multinomial objective.
  package var objectiveFactor: Double { classCount == 2 ? 2 : 1 }

  /// The problem in the scaled space.
  package func problem(
    c: Double, intercept: Intercept, product: MatrixProduct
  ) -> LinearProblem<SoftmaxLoss> {
    let factor = c / objectiveFactor
    return LinearProblem(
      design: design, labels: labels, costs: sampleWeights.map { factor * $0 },
      loss: SoftmaxLoss(classCount: classCount), intercept: intercept, product: product)
  }

  /// Fits for one C; `settings.c` is not looked at.
  ///
  /// - Parameter start: where to begin; a fit of the same prepared data for a smaller C is a good place.
  package func fit(
    c: Double, settings: LogisticRegression, start: FittedLogisticRegression? = nil,
    observe: (TruncatedNewton.Iterate, [Double]) -> Void = { _, _ in }
  ) throws(LinearModelError) -> FittedLogisticRegression {
    guard c.isFinite && c > 0 else { throw .regularization(c: c) }
    var objective = LinearObjective(
      problem(c: c, intercept: settings.intercept, product: settings.product), threads: settings.threads)
    objective.start(
      at: start?.scaledParameters ?? [Double](repeating: 0, count: objective.parameterCount))
    let solver = TruncatedNewton(
      tolerance: settings.tolerance, maximumIterations: settings.maximumIterations)
    let solution = solver.minimize(&objective, observe: observe)
    return FittedLogisticRegression(
      solution: solution, factor: objectiveFactor, totalCost: objective.problem.costs.reduce(0, +), c: c,
      intercept: settings.intercept, scaler: scaler,
      solverScaler: design.scaler, classCount: classCount)
  }
}
