// All settings of a training, as one value: what a command line or a pipeline file says, what a model file keeps, and what the
// key of a cached choice is made of.

import TapLinear
import TapSelection

/// How a classifier is trained: the kind of model, what happens to features before it, how C and column are chosen, and what
/// is held back.
///
/// ``validate()`` says what is out of range or contradicts itself; training begins with it. ``settings`` declares each field
/// once, with its values, default and help.
public struct TrainingSettings: Hashable, Sendable {
  /// The kind of model with what only this kind has.
  public enum Model: Hashable, Sendable {
    /// Logistic regression.
    case logistic(Logistic = Logistic())
    /// A linear support vector machine.
    case svm(SVM = SVM())
    /// The nearest class mean, which has no settings of its own.
    case nearestMean
  }

  /// What only logistic regressions have.
  public struct Logistic: Hashable, Sendable {
    /// What keeps weights small.
    public var penalty: Penalty
    /// How more than two classes are told apart.
    public var multiClass: MultiClass
    /// Who minimizes; L1 and elastic net have a solver of their own.
    public var solver: LogisticSolver

    /// A multinomial model under L2 unless told otherwise.
    public init(
      penalty: Penalty = .l2, multiClass: MultiClass = .multinomial, solver: LogisticSolver = .automatic
    ) {
      self.penalty = penalty
      self.multiClass = multiClass
      self.solver = solver
    }
  }

  /// What only linear SVMs have.
  public struct SVM: Hashable, Sendable {
    /// What a violated margin costs.
    public var loss: HingeLoss
    /// What keeps weights small.
    public var penalty: Penalty

    /// The squared hinge under L2 unless told otherwise.
    public init(loss: HingeLoss = .squaredHinge, penalty: Penalty = .l2) {
      self.loss = loss
      self.penalty = penalty
    }
  }

  /// Which values of C are fitted.
  public enum Regularization: Hashable, Sendable {
    /// This one; finite and above 0.
    case fixed(Double)
    /// The best of these, each finite and above 0; nil: of ``RegularizationSearch/automaticCandidates``.
    case chosen(of: [Double]?)
  }

  /// The kind of model. Setting another kind leaves ``maximumIterations`` as it is; ``init(_:)`` takes the kind's own.
  public var model: Model
  /// What happens to features before they are scaled; principal components are those of each fold's training rows.
  public var transform = FeatureTransform.none
  /// How features are scaled before training.
  public var standardization = Standardization.automatic
  /// How much a class counts.
  public var classWeights = ClassWeights.uniform
  /// Whether there is an intercept, and whether it is penalized.
  public var intercept = Intercept.free
  /// The relative duality gap at which a fit is done, above 0 and below 1.
  public var tolerance = 1e-9
  /// The most Newton steps of a fit, at least 1.
  public var maximumIterations: Int
  /// C, or what it is chosen of. A nearest mean has none, nor a model without a penalty.
  public var c = Regularization.chosen(of: nil)
  /// Whether every value of C is tried; otherwise a search ends where larger ones bring nothing better
  /// (``RegularizationSearch/patience``).
  public var isExhaustive = false
  /// Which of the values of C is taken.
  public var rule = SelectionRule.best
  /// What C and column are best by; nil: what the numbers of training images call for (``SelectionCriterion/usual(classCounts:)``).
  public var criterion: SelectionCriterion?
  /// Folds of the cross-validation where there is no validation split, 2 to 1000; with fewer training images, one each.
  public var folds = 5
  /// How many times training images are dealt into folds anew, 1 to 100.
  public var repeats = 1
  /// The part of every class of the training images that is drawn to choose by in place of cross-validation; nil draws none.
  public var validationFraction: Double?
  /// The part of every class that is held back for the final evaluation; nil draws none.
  public var testFraction: Double?
  /// Whether the accuracy is also estimated by nested cross-validation.
  public var isNested = false
  /// Whether the model chosen by a validation split is fitted again to training and validation data.
  public var refits = true
  /// Whether, and how, probabilities are calibrated.
  public var calibration = CalibrationMethod.none
  /// Decides whatever is drawn: folds, validation and test images.
  public var seed: UInt64 = 0

  /// Settings of this kind of model, everything else as usual.
  public init(_ model: Model = .logistic()) {
    self.model = model
    maximumIterations = model.kind.usualIterations
  }

  /// Settings of this kind of model with this C, everything else as usual.
  public init(_ model: Model = .logistic(), c: Double) {
    self.init(model)
    self.c = .fixed(c)
  }
}

extension TrainingSettings.Model {
  /// The kind with its usual settings.
  public init(_ kind: ClassifierKind) {
    switch kind {
    case .logistic: self = .logistic()
    case .svm: self = .svm()
    case .nearestMean: self = .nearestMean
    }
  }

  /// Which of them it is.
  public var kind: ClassifierKind {
    switch self {
    case .logistic: .logistic
    case .svm: .svm
    case .nearestMean: .nearestMean
    }
  }

  /// How scores tell classes apart, and so what calibrates them.
  public var multiClass: MultiClass {
    if case .logistic(let logistic) = self { logistic.multiClass } else { kind.multiClass }
  }

  /// What keeps weights small; nil for a nearest mean.
  public var penalty: Penalty? {
    get {
      switch self {
      case .logistic(let logistic): logistic.penalty
      case .svm(let svm): svm.penalty
      case .nearestMean: nil
      }
    }
    set {
      guard let newValue else { return }
      switch self {
      case .logistic(var logistic):
        logistic.penalty = newValue
        self = .logistic(logistic)
      case .svm(var svm):
        svm.penalty = newValue
        self = .svm(svm)
      case .nearestMean: break
      }
    }
  }
}

extension ClassifierKind {
  /// The most Newton steps of a fit unless settings say otherwise; a nearest mean takes none.
  fileprivate var usualIterations: Int {
    switch self {
    case .logistic: LogisticRegression().maximumIterations
    case .svm: LinearSVM().maximumIterations
    case .nearestMean: 1
    }
  }
}

extension TrainingSettings {
  /// The same settings with another kind of model: its usual settings, and the penalty where it can have that.
  public func of(_ kind: ClassifierKind) -> TrainingSettings {
    guard kind != model.kind else { return self }
    var result = self
    result.model = Model(kind)
    result.maximumIterations = kind.usualIterations
    let penalty = result.model.penalty
    result.model.penalty = model.penalty
    if result.brokenRule != nil { result.model.penalty = penalty }
    return result
  }

  /// The settings of each fit, for C still to be filled in.
  ///
  /// - Parameter threads: nil for as many as there are processors.
  public func linearModel(threads: Int? = nil) -> LinearModel {
    switch model {
    case .logistic(let logistic):
      .logistic(
        LogisticRegression(
          multiClass: logistic.multiClass, penalty: logistic.penalty, solver: logistic.solver,
          standardization: standardization, intercept: intercept, classWeights: classWeights,
          tolerance: tolerance, maximumIterations: maximumIterations, threads: threads, transform: transform))
    case .svm(let svm):
      .svm(
        LinearSVM(
          loss: svm.loss, penalty: svm.penalty, standardization: standardization, intercept: intercept,
          classWeights: classWeights, tolerance: tolerance, maximumIterations: maximumIterations,
          threads: threads, transform: transform))
    case .nearestMean:
      .nearestMean(NearestMean(standardization: standardization, threads: threads, transform: transform))
    }
  }

  /// The scaling that is used: what ``Standardization/automatic`` stands for.
  public var resolvedStandardization: Standardization { standardization.resolved(after: transform) }

  /// Whether several values of C are tried.
  public var searchesC: Bool {
    guard model.kind.isRegularized, model.penalty != Penalty.none, case .chosen = c else { return false }
    return true
  }
}
