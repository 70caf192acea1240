// The settings of a linear model of either kind, for those who choose, store or search over models.

import TapTensors

/// Settings of a linear model.
public enum LinearModel: Hashable, Sendable {
  /// Multinomial logistic regression; scores become probabilities.
  case logistic(LogisticRegression)
  /// A linear support vector machine; scores are margins.
  case svm(LinearSVM)

  /// Which of the two it is.
  public var kind: ClassifierKind {
    switch self {
    case .logistic: .logistic
    case .svm: .svm
    }
  }

  /// What is minimised beside the penalty: `cross-entropy`, `squared-hinge` or `hinge`.
  public var lossName: String {
    switch self {
    case .logistic: "cross-entropy"
    case .svm(let model): model.loss.rawValue
    }
  }

  /// `truncated-newton` or `augmented-lagrangian`.
  public var solverName: String {
    if case .svm(let model) = self, model.loss == .hinge {
      "augmented-lagrangian"
    } else {
      "truncated-newton"
    }
  }

  /// The inverse strength of the penalty.
  public var c: Double {
    get { estimator.c }
    set { change { $0.c = newValue } }
  }

  /// The relative duality gap at which a fit is done.
  public var tolerance: Double {
    get { estimator.tolerance }
    set { change { $0.tolerance = newValue } }
  }

  /// At least 1.
  public var threads: Int {
    get { estimator.threads }
    set { change { $0.threads = newValue } }
  }

  /// Fits to rows of a feature matrix: see
  /// ``LogisticRegression/fit(_:rows:labels:classCount:sampleWeights:)`` and
  /// ``LinearSVM/fit(_:rows:labels:classCount:sampleWeights:)``.
  public func fit(
    _ features: MatrixView, rows: [Int]? = nil, labels: [Int], classCount: Int, sampleWeights: [Double]? = nil
  ) throws(LinearModelError) -> FittedLinearModel {
    let data = try estimator.prepare(
      features, rows: rows, labels: labels, classCount: classCount, sampleWeights: sampleWeights)
    return try estimator.fit(data)
  }

  package var estimator: any LinearEstimator {
    switch self {
    case .logistic(let model): model
    case .svm(let model): model
    }
  }

  private mutating func change(_ body: (inout any LinearEstimator) -> Void) {
    var estimator = estimator
    body(&estimator)
    switch estimator {
    case let model as LogisticRegression: self = .logistic(model)
    case let model as LinearSVM: self = .svm(model)
    default: preconditionFailure("\(estimator)")
    }
  }
}
