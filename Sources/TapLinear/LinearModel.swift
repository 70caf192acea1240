// The settings of a linear model of any kind, for code that chooses, stores or searches models.

import TapTensors

/// Settings of a linear model.
package enum LinearModel: Hashable, Sendable {
  /// Logistic regression; scores become probabilities.
  case logistic(LogisticRegression)
  /// A linear support vector machine; scores are margins.
  case svm(LinearSVM)
  /// The nearest class mean; scores are similarities.
  case nearestMean(NearestMean)

  /// The kind of the model.
  package var kind: ClassifierKind {
    switch self {
    case .logistic: .logistic
    case .svm: .svm
    case .nearestMean: .nearestMean
    }
  }

  /// The name of the loss that is minimized together with the penalty: `cross-entropy`, `squared-hinge`, `hinge`,
  /// `crammer-singer` or `squared-distance`.
  package var lossName: String {
    switch self {
    case .logistic: "cross-entropy"
    case .svm(let model): model.loss.rawValue
    case .nearestMean: "squared-distance"
    }
  }

  /// The inverse strength of the penalty; nil for a nearest mean, which has no penalty. Setting C of a nearest mean has
  /// no effect. Setting nil has no effect.
  package var c: Double? {
    get { (estimator as? any RegularizedEstimator)?.c }
    set {
      if let newValue { changeRegularized { $0.c = newValue } }
    }
  }

  /// The relative duality gap at which a fit stops; 0 for a nearest mean, which is exact. A nearest mean ignores a new
  /// value.
  package var tolerance: Double {
    get { (estimator as? any RegularizedEstimator)?.tolerance ?? 0 }
    set { changeRegularized { $0.tolerance = newValue } }
  }

  /// The transform of the features, which precedes the scaling.
  package var transform: FeatureTransform {
    get { estimator.transform }
    set { change { $0.transform = newValue } }
  }

  /// The number of threads, at least 1.
  package var threads: Int {
    get { estimator.threads }
    set { change { $0.threads = newValue } }
  }

  /// Fits the model to rows of a feature matrix: see
  /// ``LogisticRegression/fit(_:rows:labels:classCount:sampleWeights:)``,
  /// ``LinearSVM/fit(_:rows:labels:classCount:sampleWeights:)`` and
  /// ``NearestMean/fit(_:rows:labels:classCount:sampleWeights:)``.
  package func fit(
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
    case .nearestMean(let model): model
    }
  }

  private mutating func changeRegularized(_ body: (inout any RegularizedEstimator) -> Void) {
    change { estimator in
      guard var regularized = estimator as? any RegularizedEstimator else { return }
      body(&regularized)
      estimator = regularized
    }
  }

  private mutating func change(_ body: (inout any LinearEstimator) -> Void) {
    var estimator = estimator
    body(&estimator)
    switch estimator {
    case let model as LogisticRegression: self = .logistic(model)
    case let model as LinearSVM: self = .svm(model)
    case let model as NearestMean: self = .nearestMean(model)
    default: preconditionFailure("\(estimator)")
    }
  }
}
