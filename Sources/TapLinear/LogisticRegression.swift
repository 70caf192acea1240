// The estimator of logistic regression. The estimator checks the data, scales the features, builds the objective and
// runs the solver. The result is a fitted model for raw features.

import TapKernels
import TapTensors

/// Logistic regression: multinomial or one-versus-rest.
///
/// ```
/// multinomial     minimize  R(W) + C Σ sᵢ (log Σ_c exp(zᵢ_c) - zᵢ_{yᵢ}),                 zᵢ = W x′ᵢ + b
/// one-vs-rest     minimize  R(W) + C Σ sᵢ Σ_c log(1 + exp(-yᵢ_c zᵢ_c)),   yᵢ_c = 1 for the class of the row, else -1
/// ```
/// The variables are W, `[classes, dimensions]`, and the intercept b, which is free unless ``intercept`` says
/// otherwise. R is the ``penalty``, ½ ‖W‖² by default. x′ are the scaled features, and the penalty acts in the scaled
/// space. sᵢ is the sample weight times the class weight of the row. C has the meaning of scikit-learn's C: it
/// multiplies a *sum* of losses, so the penalty weighs less as rows are added.
///
/// Two classes have one score z with the objective R(w) + C Σ sᵢ log(1 + exp(-yᵢ zᵢ)), for both formulas. The fitted
/// model gives the classes the scores -z/2 and z/2. The softmax of these scores gives the probabilities.
///
/// The solver stops by a certificate: ``FittedLinearModel/gap`` bounds how far the objective is above its minimum.
/// Features are read as float32 and never copied. Values and gradients are computed in double precision. Results do not
/// depend on the number of threads. Results of different machines may differ in the last digits.
package struct LogisticRegression: RegularizedEstimator, Hashable, Sendable {
  /// The inverse strength of the penalty, finite and above 0.
  package var c: Double
  /// The rule for more than two classes.
  package var multiClass: MultiClass
  /// The penalty of the weights. L1 and elastic net make some weights exactly 0.
  package var penalty: Penalty
  /// The solver; L1 and elastic net require ``LogisticSolver/automatic``.
  package var solver: LogisticSolver
  /// The scaling of features; the penalty acts in the scaled space.
  package var standardization: Standardization
  /// Whether the model has an intercept, and whether the intercept is penalized.
  package var intercept: Intercept
  /// The weights of the classes.
  package var classWeights: ClassWeights
  /// The relative duality gap at which a fit stops, above 0. Near the end each Newton step squares the relative gap. So
  /// 1e-9 costs one step more than 1e-5, and makes the results of different machines and libraries agree. The smallest
  /// gap that double precision can certify is about 1e-13.
  package var tolerance: Double
  /// The maximum number of Newton steps, at least 1. L-BFGS, whose steps are cheap, may take fifty times as many steps.
  /// Twenty Newton steps are usual. A fit that reaches the maximum reports ``StopReason/iterationLimit``.
  package var maximumIterations: Int
  /// The number of threads, at least 1.
  package var threads: Int
  /// The transform of the features, which precedes the scaling.
  package var transform: FeatureTransform
  package var product = MatrixProduct.openBLAS

  /// - Parameter threads: the number of threads; nil for one thread per processor.
  package init(
    c: Double = 1, multiClass: MultiClass = .multinomial, penalty: Penalty = .l2,
    solver: LogisticSolver = .automatic, standardization: Standardization = .automatic,
    intercept: Intercept = .free, classWeights: ClassWeights = .uniform, tolerance: Double = 1e-9,
    maximumIterations: Int = 200, threads: Int? = nil, transform: FeatureTransform = .none
  ) {
    self.c = c
    self.multiClass = multiClass
    self.penalty = penalty
    self.solver = solver
    self.standardization = standardization
    self.intercept = intercept
    self.classWeights = classWeights
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
    self.threads = max(1, threads ?? Threads.available)
    self.transform = transform
  }

  /// Fits the model to rows of a feature matrix.
  ///
  /// - Parameters:
  ///   - features: `[n, d]`. Every value in a row that is used must be finite. Constant columns are allowed.
  ///   - rows: the rows to use, in any order; nil for all rows. Labels and weights of other rows are ignored.
  ///   - labels: one label for each row of `features`, in `0..<classCount`. Every class needs at least one used row.
  ///   - classCount: the number of classes, at least 2.
  ///   - sampleWeights: one weight for each row of `features`, finite and at least 0; nil gives every row weight 1.
  ///     Rows of weight 0 are ignored.
  /// - Throws: ``LinearModelError``. A fit that does not converge throws no error; see
  ///   ``FittedLinearModel/stopReason``.
  /// - Complexity: O(n d k) for a Hessian product. The memory besides the features is O(n k + k d).
  package func fit(
    _ features: MatrixView, rows: [Int]? = nil, labels: [Int], classCount: Int, sampleWeights: [Double]? = nil
  ) throws(LinearModelError) -> FittedLinearModel {
    try fit(
      prepare(features, rows: rows, labels: labels, classCount: classCount, sampleWeights: sampleWeights))
  }

  package func fit(
    _ data: TrainingData, start: FitStart?
  ) throws(LinearModelError) -> FittedLinearModel {
    try fit(data, start, nil)
  }

  package func fit(
    _ data: TrainingData, start: FitStart?, until settled: PredictionStoppingRule
  ) throws(LinearModelError) -> FittedLinearModel {
    try fit(data, start, settled)
  }

  private func fit(
    _ data: TrainingData, _ start: FitStart?, _ settled: PredictionStoppingRule?
  ) throws(LinearModelError) -> FittedLinearModel {
    try checkSettings()
    try checkPenalty()
    if multiClass == .oneVersusRest || data.classCount == 2 {
      return fit(data, LogisticLoss(classCount: data.classCount), start, settled)
    }
    return fit(data, SoftmaxLoss(classCount: data.classCount), start, settled)
  }

  private func checkPenalty() throws(LinearModelError) {
    try penalty.checkRatio()
    if penalty.absolute > 0, solver != .automatic {
      throw .solverForPenalty(solver: solver.rawValue, penalty: penalty.name)
    }
  }

  private func fit<Loss: CertifiableLoss>(
    _ data: TrainingData, _ loss: Loss, _ start: FitStart?, _ settled: PredictionStoppingRule?
  ) -> FittedLinearModel {
    let problem = data.problem(loss, c: c, intercept: intercept, product: product)
    let first = start?.parameters ?? [Double](repeating: 0, count: problem.parameterCount)
    func model(_ solution: SolverResult, _ lossShare: Double) -> FittedLinearModel {
      var solution = solution
      if !loss.isSeparable {
        // No probability changes if one constant is added to the same weight of every class. Under L2 the sum of each
        // weight over the classes is 0 at the optimum.
        if penalty.quadratic == 1 {
          solution.center(classCount: data.classCount, intercept: intercept)
        } else if intercept.penalty == 0 {
          solution.centerIntercepts(classCount: data.classCount)
        }
      }
      return FittedLinearModel(
        kind: .logistic,
        multiClass: loss.isSeparable && data.classCount > 2 ? .oneVersusRest : .multinomial, solution,
        by: penalty.absolute > 0 ? .proximalNewton : solver == .lbfgs ? .lbfgs : .truncatedNewton,
        lossShare: lossShare, c: c, intercept: intercept, data: data)
    }
    let allowance = settled.map { settled in
      { (solution: SolverResult) in settled.allowance(at: model(solution, .nan)) }
    }
    let (solution, lossShare) =
      penalty.quadratic == 1
      ? minimizeRidge(problem, data.rowSpace, first, along: start?.direction, allowance)
      : minimizeOther(problem, first)
    return model(solution, lossShare)
  }

  private func minimizeRidge<Loss: CertifiableLoss>(
    _ problem: LinearProblem<Loss>, _ rowSpace: RowSpace?, _ start: [Double], along direction: [Double]?,
    _ allowance: ((SolverResult) -> Double)?
  ) -> (SolverResult, lossShare: Double) {
    var objective = LinearObjective(problem, threads: threads)
    if objective.startLow(at: start), let direction { objective.descend(along: direction) }
    if solver == .lbfgs {
      let descent = LBFGS(tolerance: tolerance, maximumIterations: 50 * maximumIterations)
      return (descent.minimize(&objective), objective.lossShare)
    }
    let newton = TruncatedNewton(tolerance: tolerance, maximumIterations: maximumIterations)
    let inSpan = rowSpace.flatMap { objective.minimizeInSpan($0) { newton.minimize(&$0) } }
    var solution = newton.minimize(
      &objective, iterations: inSpan?.iterations ?? 0, allowance: inSpan == nil ? allowance : nil)
    solution.hessianProducts += inSpan?.hessianProducts ?? 0
    return (solution, objective.lossShare)
  }

  private func minimizeOther<Loss: CertifiableLoss>(
    _ problem: LinearProblem<Loss>, _ start: [Double]
  ) -> (SolverResult, lossShare: Double) {
    var objective = PenalizedObjective(problem, penalty: penalty, threads: threads)
    objective.startLow(at: start)
    let solution =
      if penalty.absolute > 0 {
        ProximalNewton(tolerance: tolerance, maximumIterations: maximumIterations).minimize(&objective)
      } else if solver == .lbfgs {
        LBFGS(tolerance: tolerance, maximumIterations: 50 * maximumIterations).minimize(&objective)
      } else {
        TruncatedNewton(tolerance: tolerance, maximumIterations: maximumIterations).minimize(&objective)
      }
    return (solution, objective.lossShare)
  }
}
