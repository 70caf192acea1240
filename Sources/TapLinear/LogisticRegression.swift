// The estimator: checks the data, scales the features, builds the objective, lets the solver work, and gives back a
// fitted model in the space of the raw features.

import TapKernels
import TapTensors

/// Logistic regression with an L2 penalty: multinomial, or one class against the rest.
///
/// ```
/// multinomial     minimise  ½ ‖W‖² + C Σ sᵢ (log Σ_c exp(zᵢ_c) - zᵢ_{yᵢ}),                 zᵢ = W x′ᵢ + b
/// one-vs-rest     minimise  ½ ‖W‖² + C Σ sᵢ Σ_c log(1 + exp(-yᵢ_c zᵢ_c)),      yᵢ_c = 1 for the class of the row, else -1
/// ```
/// over W: `[classes, dimensions]` and the intercept b, which is free unless ``intercept`` says otherwise, with x′ the
/// scaled features: the penalty acts in the scaled space. sᵢ is the sample weight times the weight of the row's class. C is
/// scikit-learn's: it multiplies a *sum* of losses, so the penalty weighs less as rows are added.
///
/// Two classes have one score, ½ ‖w‖² + C Σ sᵢ log(1 + exp(-yᵢ zᵢ)), whichever of the two is asked for. The fitted model
/// gives both classes a score, -z/2 and z/2, whose softmax are the probabilities.
///
/// The solver stops by a certificate: ``FittedLinearModel/gap`` bounds how far the objective is above its
/// minimum. Features are read as float32 and never copied; values and gradients are computed in double precision.
/// Results do not depend on the number of threads; they may differ in the last digits between machines.
public struct LogisticRegression: RegularizedEstimator, Hashable, Sendable {
  /// The inverse strength of the penalty, finite and above 0.
  public var c: Double
  /// How more than two classes are told apart.
  public var multiClass: MultiClass
  /// How features are scaled; the penalty acts in the scaled space.
  public var standardization: Standardization
  /// Whether there is one, and whether it is penalised.
  public var intercept: Intercept
  /// How much rows of each class count.
  public var classWeights: ClassWeights
  /// The relative duality gap at which a fit is done, above 0. Newton steps square it near the end, so that 1e-9 costs
  /// one step more than 1e-5 and makes comparisons between machines and libraries boring; about
  /// 1e-13 is the least that double precision can certify.
  public var tolerance: Double
  /// The most Newton steps, at least 1. Twenty are usual; a fit that needs more says ``StopReason/iterationLimit``.
  public var maximumIterations: Int
  /// At least 1.
  public var threads: Int
  /// What happens to features before they are scaled.
  public var transform: FeatureTransform
  package var product = MatrixProduct.openBLAS

  /// - Parameter threads: nil for as many as there are processors.
  public init(
    c: Double = 1, multiClass: MultiClass = .multinomial, standardization: Standardization = .automatic,
    intercept: Intercept = .free, classWeights: ClassWeights = .uniform, tolerance: Double = 1e-9,
    maximumIterations: Int = 200, threads: Int? = nil, transform: FeatureTransform = .none
  ) {
    self.c = c
    self.multiClass = multiClass
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
  ///   - rows: the rows to use, in any order; nil for all. Labels and weights of other rows are not looked at.
  ///   - labels: one a row of `features`, in `0..<classCount`. Every class needs a row among those used.
  ///   - classCount: at least 2.
  ///   - sampleWeights: one a row of `features`, finite and at least 0; nil for 1 each.
  /// - Throws: ``LinearModelError``; never for lack of convergence, which the result states.
  /// - Complexity: O(n d k) a Hessian product; memory beside the features O(n k + k d).
  public func fit(
    _ features: MatrixView, rows: [Int]? = nil, labels: [Int], classCount: Int, sampleWeights: [Double]? = nil
  ) throws(LinearModelError) -> FittedLinearModel {
    try fit(
      prepare(features, rows: rows, labels: labels, classCount: classCount, sampleWeights: sampleWeights))
  }

  package func fit(
    _ data: TrainingData, start: FittedLinearModel?
  ) throws(LinearModelError) -> FittedLinearModel {
    try checkSettings()
    if multiClass == .oneVersusRest || data.classCount == 2 {
      return fit(data, LogisticLoss(classCount: data.classCount), start)
    }
    return fit(data, SoftmaxLoss(classCount: data.classCount), start)
  }

  private func fit<Loss: CertifiableLoss>(
    _ data: TrainingData, _ loss: Loss, _ start: FittedLinearModel?
  ) -> FittedLinearModel {
    let problem = data.problem(loss, c: c, intercept: intercept, product: product)
    var objective = LinearObjective(problem, threads: threads)
    objective.start(
      at: start?.scaledParameters ?? [Double](repeating: 0, count: objective.parameterCount))
    let newton = TruncatedNewton(tolerance: tolerance, maximumIterations: maximumIterations)
    let inSpan = data.span.flatMap { objective.minimizeInSpan($0) { newton.minimize(&$0) } }
    var solution = newton.minimize(&objective, iterations: inSpan?.iterations ?? 0)
    solution.hessianProducts += inSpan?.hessianProducts ?? 0
    if !loss.isSeparable {
      // A number added to a weight of every class changes no probability; at the optimum each such sum is 0.
      let (classes, columns) = (data.classCount, problem.columns)
      for j in 0..<columns { solution.parameters.centre(from: j, by: columns, count: classes) }
      solution.parameters.centre(from: problem.weightCount, by: 1, count: classes)
    }
    return FittedLinearModel(
      kind: .logistic,
      multiClass: loss.isSeparable && data.classCount > 2 ? .oneVersusRest : .multinomial, solution,
      lossShare: objective.lossShare, c: c, intercept: intercept, data: data)
  }
}

extension [Double] {
  /// Subtracts the mean of `count` elements from each of them.
  fileprivate mutating func centre(from start: Int, by step: Int, count: Int) {
    var mean = 0.0
    for i in 0..<count { mean += self[start + i * step] }
    mean /= Double(count)
    for i in 0..<count { self[start + i * step] -= mean }
  }
}
