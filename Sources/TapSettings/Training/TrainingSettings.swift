// All settings of a training, as one value: given by a command line or a pipeline file, kept in a model file, and part
// of the key of a cached choice.

import TapLinear
import TapSelection

/// The way a classifier is trained: the kind of model, the transforms of features, the choice of C and column, and the
/// images held back.
///
/// ``validate()`` reports values out of range and contradictions; training begins with it. `settings` declares each
/// field once, with its values, default and help.
public struct TrainingSettings: Hashable, Sendable {
  /// The kind of model with the settings of this kind only.
  public enum Model: Hashable, Sendable {
    /// Logistic regression.
    case logistic(Logistic = Logistic())
    /// A linear support vector machine.
    case svm(SVM = SVM())
    /// The nearest class mean, which has no settings of its own.
    case nearestMean
  }

  /// The settings of logistic regressions only.
  public struct Logistic: Hashable, Sendable {
    /// The penalty on weights.
    public var penalty: Penalty
    /// The rule for more than two classes.
    public var multiClass: MultiClass
    /// The solver; L1 and elastic net have a solver of their own.
    public var solver: LogisticSolver

    /// Creates settings, by default of a multinomial model under L2.
    public init(
      penalty: Penalty = .l2, multiClass: MultiClass = .multinomial, solver: LogisticSolver = .automatic
    ) {
      self.penalty = penalty
      self.multiClass = multiClass
      self.solver = solver
    }
  }

  /// The settings of linear SVMs only.
  public struct SVM: Hashable, Sendable {
    /// The loss of a violated margin.
    public var loss: HingeLoss
    /// The penalty on weights.
    public var penalty: Penalty

    /// Creates settings, by default of the squared hinge under L2.
    public init(loss: HingeLoss = .squaredHinge, penalty: Penalty = .l2) {
      self.loss = loss
      self.penalty = penalty
    }
  }

  /// The values of C that are fitted.
  public enum Regularization: Hashable, Sendable {
    /// This one; finite and above 0.
    case fixed(Double)
    /// The best of these, each finite and above 0; nil: of 10⁻⁵ to 10⁴, two values in each decade.
    case chosen(of: [Double]?)
  }

  /// The kind of model. Setting another kind leaves ``maximumIterations`` as it is; ``init(_:)`` takes the kind's own.
  public var model: Model
  /// The transforms of features before they are scaled; principal components are those of each fold's training rows.
  public var transform = FeatureTransform.none
  /// The scaling of features before training.
  public var standardization = Standardization.automatic
  /// The weights of the classes.
  public var classWeights = ClassWeights.uniform
  /// Whether there is an intercept, and whether it is penalized.
  public var intercept = Intercept.free
  /// The relative duality gap at which a fit is done, above 0 and below 1.
  public var tolerance = 1e-9
  /// The maximum number of Newton steps of a fit, at least 1.
  public var maximumIterations: Int
  /// C, or the values that it is chosen from. A nearest mean has no C, and a model without a penalty has none.
  public var c = Regularization.chosen(of: nil)
  /// Whether every value of C is tried; otherwise a search ends when larger ones bring no more improvement.
  public var isExhaustive = false
  /// The rule that picks one of the values of C.
  public var rule = SelectionRule.best
  /// The criterion for C and column; nil: the one for the numbers of training images
  /// (``SelectionCriterion/usual(classCounts:)``).
  public var criterion: SelectionCriterion?
  /// The number of folds of the cross-validation without a validation split, 2 to 1000; with fewer training images, one
  /// each.
  public var folds = 5
  /// The number of times training images are split into folds anew, 1 to 100.
  public var repeats = 1
  /// The part of every class of the training images that is drawn to choose by in place of cross-validation; nil draws
  /// none.
  public var validationFraction: Double?
  /// The part of every class that is held back for the final evaluation; nil draws none.
  public var testFraction: Double?
  /// Whether the accuracy is also estimated by nested cross-validation.
  public var isNested = false
  /// Whether the model chosen by a validation split is fitted again to training and validation data.
  public var refits = true
  /// Whether, and how, probabilities are calibrated.
  public var calibration = CalibrationMethod.none
  /// The seed of all random draws: folds, validation and test images.
  public var seed: UInt64 = 0

  /// Creates settings of this kind of model, everything else by default.
  public init(_ model: Model = .logistic()) {
    self.model = model
    maximumIterations = model.kind.usualIterations
  }

  /// Creates settings of this kind of model with this C, everything else by default.
  public init(_ model: Model = .logistic(), c: Double) {
    self.init(model)
    self.c = .fixed(c)
  }
}

extension TrainingSettings.Model {
  /// The kind with its default settings.
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

  /// The kind of scores, which determines the calibration.
  public var multiClass: MultiClass {
    if case .logistic(let logistic) = self { logistic.multiClass } else { kind.multiClass }
  }

  /// The penalty on weights; nil for a nearest mean.
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
  /// The default maximum number of Newton steps of a fit; a nearest mean takes none.
  fileprivate var usualIterations: Int {
    switch self {
    case .logistic: LogisticRegression().maximumIterations
    case .svm: LinearSVM().maximumIterations
    case .nearestMean: 1
    }
  }
}

extension TrainingSettings {
  /// The same settings with another kind of model: its default settings, and the penalty if it can have that.
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

  /// The settings of each fit; C is still to be set.
  ///
  /// - Parameter threads: nil for as many threads as there are processors.
  package func linearModel(threads: Int? = nil) -> LinearModel {
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

  /// The scaling that is used: the meaning of ``Standardization/automatic``.
  public var resolvedStandardization: Standardization { standardization.resolved(after: transform) }

  /// Whether several values of C are tried.
  public var searchesC: Bool {
    guard model.kind.isRegularized, model.penalty != Penalty.none, case .chosen = c else { return false }
    return true
  }
}
