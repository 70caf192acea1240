// The estimator of linear support vector machines: takes data and settings, and returns a fitted model in the space of
// the raw features.

import TapKernels
import TapTensors

/// Linear support vector machine: one-versus-rest or, with Crammer and Singer's loss, all classes together.
///
/// ```
/// hinges            minimize  Σ_c R(w_c) + C Σ sᵢ Σ_c ℓ(y_ic z_ic),      ℓ(m) = max(0, 1 - m)²  or  max(0, 1 - m)
/// crammer-singer    minimize  Σ_c R(w_c) + C Σ sᵢ max(0, 1 + max_{c ≠ yᵢ} z_ic - z_iyᵢ),      z_ic = w_c · x′ᵢ + b_c
/// ```
/// with R the ``penalty``, ½ ‖w‖² by default; y_ic = 1 for rows of class c and -1 for all others; x′ the scaled
/// features (the penalty acts in the scaled space); sᵢ the sample weight times the weight of the row's class; and b
/// free unless ``intercept`` says otherwise. C is scikit-learn's and LIBLINEAR's, but both penalize the intercept by
/// default. With the hinges two classes have one score, whose objective is reported; for more classes it is the sum
/// over classes. With Crammer and Singer's loss two classes have two scores of sum 0.
///
/// The solver stops by a certificate: ``FittedLinearModel/gap`` bounds how far the objective is above its minimum.
/// Features are read as float32 and never copied; values and gradients are computed in double precision. Results do not
/// depend on the number of threads. Between machines they differ in the last digits, within the certificate.
package struct LinearSVM: RegularizedEstimator, Hashable, Sendable {
  /// The inverse strength of the penalty, finite and above 0.
  package var c: Double
  /// The loss of a violated margin.
  package var loss: HingeLoss
  /// The penalty of the weights; L1 and elastic net only with the squared hinge.
  package var penalty: Penalty
  /// How features are scaled; the penalty acts in the scaled space.
  package var standardization: Standardization
  /// Whether there is an intercept, and whether it is penalized.
  package var intercept: Intercept
  /// The weights of the classes.
  package var classWeights: ClassWeights
  /// The relative duality gap at which a fit stops, above 0.
  package var tolerance: Double
  /// The maximum number of Newton steps, at least 1; epochs of coordinate descent before them do not count.
  package var maximumIterations: Int
  /// The number of threads, at least 1.
  package var threads: Int
  /// The transform of features before they are scaled.
  package var transform: FeatureTransform
  package var product = MatrixProduct.openBLAS

  /// - Parameter threads: nil for as many as there are processors.
  package init(
    c: Double = 1, loss: HingeLoss = .squaredHinge, penalty: Penalty = .l2,
    standardization: Standardization = .automatic,
    intercept: Intercept = .free, classWeights: ClassWeights = .uniform, tolerance: Double = 1e-9,
    maximumIterations: Int = 500, threads: Int? = nil, transform: FeatureTransform = .none
  ) {
    self.c = c
    self.loss = loss
    self.penalty = penalty
    self.standardization = standardization
    self.intercept = intercept
    self.classWeights = classWeights
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
    self.threads = max(1, threads ?? Threads.available)
    self.transform = transform
  }

  /// Fits to rows of a feature matrix.
  ///
  /// - Parameters:
  ///   - features: `[n, d]`. Every value in a row that is used must be finite. Constant columns are fine.
  ///   - rows: the rows to use, in any order; nil for all. Labels and weights of other rows are ignored.
  ///   - labels: one for each row of `features`, in `0..<classCount`. Every class needs a row among those used.
  ///   - classCount: at least 2.
  ///   - sampleWeights: one for each row of `features`, finite and at least 0; nil for 1 each. Rows of weight 0 are
  ///     ignored.
  /// - Throws: ``LinearModelError``; never for lack of convergence, which the result reports.
  /// - Complexity: O(n d k) for a Hessian product; memory in addition to the features O(n k + k d).
  package func fit(
    _ features: MatrixView, rows: [Int]? = nil, labels: [Int], classCount: Int, sampleWeights: [Double]? = nil
  ) throws(LinearModelError) -> FittedLinearModel {
    try fit(
      prepare(features, rows: rows, labels: labels, classCount: classCount, sampleWeights: sampleWeights))
  }

  /// A start whose objective is higher than that at 0 is dropped. From an earlier model, truncated Newton begins at
  /// `start`, without coordinate descent before it: after a fifteenth of 3,000 rows was added, a refit took 31 Hessian
  /// products instead of 414 epochs of one output. From the last fit on a path of C it does the same if many rows
  /// violate the margin (see ``DualDescent``); otherwise descent from 0 runs first, and Newton begins at the better of
  /// its result and `start`. This holds for the squared hinge with L2; penalties with an L1 part use every start that
  /// is not dropped. If columns are few, the squared hinge begins with Newton steps, whose matrices are kept
  /// (``OutputHessians``). The hinge and Crammer and Singer's loss use a `start` only in that case, if it is from
  /// another C and descent did not suffice there: its multipliers are then used too (``LastDual``). Coordinate descent
  /// from the start's α, scaled by C, saved almost nothing.
  package func fit(
    _ data: TrainingData, start: FitStart?
  ) throws(LinearModelError) -> FittedLinearModel {
    try checkSettings()
    try penalty.checkRatio()
    if penalty.quadratic != 1 {
      guard loss == .squaredHinge, penalty.absolute > 0 else {
        throw .penaltyForLoss(penalty: penalty.name, loss: loss.rawValue)
      }
      return fitSparse(data, start)
    }
    switch loss {
    case .squaredHinge:
      return fit(data, SquaredHingeLoss(classCount: data.classCount), start) { objective in
        let newton = TruncatedNewton(tolerance: tolerance, maximumIterations: maximumIterations)
        guard isNarrow(data, objective) else { return newton.minimize(&objective) }
        return withHessians(data, objective) { solve in
          var exact = ExactObjective(objective: objective, solve: solve)
          let solution = newton.minimize(&exact)
          objective = exact.objective
          return solution
        }
      }
    case .hinge:
      return fit(data, SmoothedHingeLoss(classCount: data.classCount, width: 1), start) { objective in
        let lagrangian = AugmentedLagrangian(tolerance: tolerance, maximumIterations: maximumIterations)
        guard isNarrow(data, objective) else {
          objective.takeMultipliers(width: 0.05)
          return lagrangian.minimize(&objective)
        }
        objective.takeMultipliers(width: 0.05)
        let solution = withHessians(data, objective) { lagrangian.minimize(&objective, exactly: $0) }
        data.lastDual.keep(objective.shards.flatMap(\.dual), of: loss)
        return solution
      }
    case .crammerSinger:
      return fitTogether(data, start)
    }
  }

  /// Whether Newton equations are solved by factored matrices.
  private func isNarrow<Loss>(_ data: TrainingData, _ objective: LinearObjective<Loss>) -> Bool {
    OutputHessians.fit(
      rows: data.design.count, columns: data.design.columns, outputs: objective.problem.outputs)
  }

  /// Exact Newton directions by the matrices kept with the data.
  private func withHessians<Loss: KinkedLoss>(
    _ data: TrainingData, _ objective: LinearObjective<Loss>,
    _ body: (@escaping (LinearObjective<Loss>, [Double], Double) -> [Double]?) -> SolverResult
  ) -> SolverResult {
    let hessians = data.outputHessians.take(outputs: objective.problem.outputs, weights: data.sampleWeights)
    defer { data.outputHessians.giveBack(hessians) }
    let c = c
    return body { $0.exactDirection($1, tolerance: $2, by: hessians, c: c) }
  }

  private func fitSparse(_ data: TrainingData, _ start: FitStart?) -> FittedLinearModel {
    let problem = data.problem(
      SquaredHingeLoss(classCount: data.classCount), c: c, intercept: intercept, product: product)
    var objective = PenalizedObjective(problem, penalty: penalty, threads: threads)
    objective.startLow(at: start?.parameters ?? [Double](repeating: 0, count: objective.parameterCount))
    let solution = ProximalNewton(tolerance: tolerance, maximumIterations: maximumIterations)
      .minimize(&objective)
    return FittedLinearModel(
      kind: .svm, solution, by: .proximalNewton, lossShare: objective.lossShare, c: c, intercept: intercept,
      data: data)
  }

  private func fit<Loss: CertifiableLoss>(
    _ data: TrainingData, _ loss: Loss, _ start: FitStart?,
    _ minimize: (inout LinearObjective<Loss>) -> SolverResult
  ) -> FittedLinearModel {
    var objective = objective(data, loss)
    let solution: SolverResult
    var solver = self.loss == .squaredHinge ? Solver.truncatedNewton : .augmentedLagrangian
    var start = start
    if let parameters = start?.parameters, !objective.startLow(at: parameters) { start = nil }
    if start == nil { objective.start(at: [Double](repeating: 0, count: objective.parameterCount)) }
    let startValue = objective.value
    let isNewtonBetter =
      self.loss == .squaredHinge
      && (start.map { !$0.isOfAnotherC || DualDescent.isCrowded(objective) } ?? false)
      || self.loss == .hinge && start?.isOfAnotherC == true && isNarrow(data, objective)
        && data.lastDual.give(to: &objective, of: self.loss)
      || self.loss == .squaredHinge
        && (DualDescent.isTame(objective, rows: data.dualRows.rows) || isNarrow(data, objective))
    if isNewtonBetter {
      solution = minimize(&objective)
    } else {
      let descent = DualDescent(
        isSquared: self.loss == .squaredHinge, tolerance: tolerance, threads: threads)
      let found = descent.minimize(&objective, rows: data.dualRows.rows)
      if !found.isDone, self.loss == .squaredHinge, let start, startValue < objective.value {
        objective.start(at: start.parameters)
      }
      solution = minimized(&objective, after: found, minimize)
      if found.isDone { solver = .dualDescent }
    }
    return FittedLinearModel(
      kind: .svm, solution, by: solver, lossShare: objective.lossShare, c: c, intercept: intercept,
      data: data)
  }

  private func fitTogether(_ data: TrainingData, _ start: FitStart?) -> FittedLinearModel {
    var objective = objective(data, CrammerSingerLoss(classCount: data.classCount, width: 1))
    let lagrangian = AugmentedLagrangian(tolerance: tolerance, maximumIterations: maximumIterations)
    let isNarrow = CoupledHessian.fits(
      rows: data.design.count, columns: data.design.columns, classCount: data.classCount)
    var solution: SolverResult
    var (isDone, wasLong) = (false, false)
    func finish(_ objective: inout LinearObjective<CrammerSingerLoss>) -> SolverResult {
      guard isNarrow else {
        objective.takeMultipliers(width: 0.05)
        return lagrangian.minimize(&objective)
      }
      // The width smooths enough for few exact steps: kinks are sharp relative to large scores.
      let scores = objective.ownScores
      objective.takeMultipliers(width: max(1, (dot(scores, scores) / Double(scores.count)).squareRoot()))
      return lagrangian.minimize(
        &objective,
        exactly: { objective, gradient, _ in
          CoupledHessian(objective)?.solve(
            gradient, penalty: objective.problem.intercept.penalty + objective.interceptDamping,
            product: objective.problem.product)
        })
    }
    if isNarrow, let start, start.isOfAnotherC, objective.startLow(at: start.parameters),
      data.lastDual.give(to: &objective, of: self.loss)
    {
      wasLong = true
      solution = finish(&objective)
    } else {
      let found = MulticlassDescent(tolerance: tolerance, isShort: isNarrow).minimize(
        &objective, rows: data.dualRows.rows)
      (isDone, wasLong) = (found.isDone, found.wasLong)
      solution = minimized(&objective, after: (found.iterate, found.epochs, found.isDone), finish)
    }
    // If descent takes long at one C, it takes long at the next one too.
    if isNarrow && wasLong { data.lastDual.keep(objective.shards.flatMap(\.dual), of: loss) }
    // A constant added to a weight of every class changes no loss; at the optimum each such sum is 0.
    solution.center(classCount: data.classCount, intercept: intercept)
    return FittedLinearModel(
      kind: .svm, solution, by: isDone ? .dualDescent : .augmentedLagrangian,
      lossShare: objective.lossShare, c: c, intercept: intercept, data: data)
  }

  private func objective<Loss: CertifiableLoss>(_ data: TrainingData, _ loss: Loss) -> LinearObjective<Loss> {
    LinearObjective(data.problem(loss, c: c, intercept: intercept, product: product), threads: threads)
  }

  /// The result of coordinate descent if it suffices; otherwise the result of the method that continues from it.
  private func minimized<Loss: CertifiableLoss>(
    _ objective: inout LinearObjective<Loss>,
    after found: (iterate: SolverState, epochs: Int, isDone: Bool),
    _ minimize: (inout LinearObjective<Loss>) -> SolverResult
  ) -> SolverResult {
    guard !found.isDone else {
      return SolverResult(
        parameters: objective.parameters, last: found.iterate, iterations: found.epochs, hessianProducts: 0,
        stopReason: .converged)
    }
    var solution = minimize(&objective)
    solution.iterations += found.epochs
    return solution
  }
}
