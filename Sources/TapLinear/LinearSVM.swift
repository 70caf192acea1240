// The estimator of linear support vector machines. The estimator computes a fitted model for raw features from data and
// settings.

import TapKernels
import TapTensors

/// Linear support vector machine. The hinge losses fit one class against all others. With Crammer and Singer's loss all
/// classes are fitted together.
///
/// ```
/// hinges            minimize  Σ_c R(w_c) + C Σ sᵢ Σ_c ℓ(y_ic z_ic),      ℓ(m) = max(0, 1 - m)²  or  max(0, 1 - m)
/// crammer-singer    minimize  Σ_c R(w_c) + C Σ sᵢ max(0, 1 + max_{c ≠ yᵢ} z_ic - z_iyᵢ),      z_ic = w_c · x′ᵢ + b_c
/// ```
/// R is the ``penalty``, ½ ‖w‖² by default. y_ic is 1 for rows of class c and -1 for all other rows. x′ are the scaled
/// features, and the penalty acts in the scaled space. sᵢ is the sample weight times the class weight of the row. The
/// intercept b is free unless ``intercept`` says otherwise.
///
/// C has the meaning of scikit-learn's and LIBLINEAR's C, but both libraries penalize the intercept by default. With
/// the hinges, two classes have one score, and the reported objective is that of this score. With the hinges and more
/// classes, the reported objective is the sum over classes. With Crammer and Singer's loss, two classes have two scores
/// whose sum is 0.
///
/// The solver stops by a certificate: ``FittedLinearModel/gap`` bounds how far the objective is above its minimum.
/// Features are read as float32 and never copied. Values and gradients are computed in double precision. Results do not
/// depend on the number of threads. Results of different machines may differ in the last digits, within the certified
/// gap.
package struct LinearSVM: RegularizedEstimator, Hashable, Sendable {
  /// The inverse strength of the penalty, finite and above 0.
  package var c: Double
  /// The loss of a violated margin.
  package var loss: HingeLoss
  /// The penalty of the weights. L1 and elastic net require the squared hinge.
  package var penalty: Penalty
  /// The scaling of features; the penalty acts in the scaled space.
  package var standardization: Standardization
  /// Whether the model has an intercept, and whether the intercept is penalized.
  package var intercept: Intercept
  /// The weights of the classes.
  package var classWeights: ClassWeights
  /// The relative duality gap at which a fit stops, above 0.
  package var tolerance: Double
  /// The maximum number of Newton steps, at least 1. The preceding epochs of coordinate descent do not count.
  package var maximumIterations: Int
  /// The number of threads, at least 1.
  package var threads: Int
  /// The transform of the features, which precedes the scaling.
  package var transform: FeatureTransform
  package var product = MatrixProduct.openBLAS

  /// - Parameter threads: the number of threads; nil for one thread per processor.
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

  /// Fits the model to prepared data. A `start` is dropped if its objective is higher than the objective at 0.
  ///
  /// The squared hinge with L2 uses a start as follows. If the start is an earlier model, truncated Newton begins at
  /// `start`, and coordinate descent is skipped. Example: a fifteenth of 3,000 rows was added after the earlier fit.
  /// For one output, the refit took 31 Hessian products instead of 414 epochs of coordinate descent. If the start is
  /// the last fit on a path of C and many rows violate the margin (see ``DualDescent``), truncated Newton also begins
  /// at `start`. Otherwise coordinate descent runs from 0 first. Truncated Newton then begins at the better point: the
  /// result of descent or `start`. If there are few columns, Newton steps begin without descent, and the Hessians are
  /// kept (``OutputHessians``).
  ///
  /// Penalties with an L1 part use every start that is not dropped. The hinge and Crammer and Singer's loss use a
  /// `start` only if columns are few, the start is a fit for another C, and descent did not suffice in that fit. The
  /// multipliers of that fit are then used too (``LastDual``). In measurements, starting coordinate descent from the
  /// multipliers of `start`, scaled by C, saved almost nothing.
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

  /// Whether factored matrices solve the Newton equations.
  private func isNarrow<Loss>(_ data: TrainingData, _ objective: LinearObjective<Loss>) -> Bool {
    OutputHessians.fit(
      rows: data.design.count, columns: data.design.columns, outputs: objective.problem.outputs)
  }

  /// Runs `body` with a function that computes exact Newton directions from the matrices kept with the data.
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
      // If the scores are large, a fixed width smooths the kinks of the loss too little. So the width grows with the
      // scores, and few exact steps suffice.
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
    // If descent takes long at one C, descent also takes long at the next C. So the next fit begins with these dual
    // rows instead of descent.
    if isNarrow && wasLong { data.lastDual.keep(objective.shards.flatMap(\.dual), of: loss) }
    // The loss does not change if one constant is added to the same weight of every class. At the optimum the sum of
    // each weight over the classes is 0.
    solution.center(classCount: data.classCount, intercept: intercept)
    return FittedLinearModel(
      kind: .svm, solution, by: isDone ? .dualDescent : .augmentedLagrangian,
      lossShare: objective.lossShare, c: c, intercept: intercept, data: data)
  }

  private func objective<Loss: CertifiableLoss>(_ data: TrainingData, _ loss: Loss) -> LinearObjective<Loss> {
    LinearObjective(data.problem(loss, c: c, intercept: intercept, product: product), threads: threads)
  }

  /// The result of coordinate descent if its gap is small enough; otherwise the result of `minimize`, which continues
  /// from the result of coordinate descent.
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
