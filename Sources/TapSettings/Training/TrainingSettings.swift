// All settings of a training, as one value. A command line or a pipeline file gives the settings, and a model file
// keeps them. The settings are also part of the key of a cached choice.

import TapLinear
import TapSelection

/// The settings of a training: the kind of model, the transforms of features, the choice of column and C, and the
/// held-back images.
///
/// ``validate()`` reports values out of range and contradictions. Every training calls it first. `settings` declares
/// each field once, with its values, default and help.
public struct TrainingSettings: Hashable, Sendable {
  /// The kind of model, with the settings that only this kind has.
  public enum Model: Hashable, Sendable {
    /// Logistic regression.
    case logistic(Logistic = Logistic())
    /// A linear support vector machine.
    case svm(SVM = SVM())
    /// The nearest class mean, which has no settings of its own.
    case nearestMean
  }

  /// The settings that only logistic regressions have.
  public struct Logistic: Hashable, Sendable {
    /// The penalty on weights.
    public var penalty: Penalty
    /// The method for more than two classes.
    public var multiClass: MultiClass
    /// The solver. For L1 and elastic net, another solver is used, and this setting has no effect.
    public var solver: LogisticSolver

    /// Creates settings, by default those of a multinomial model with an L2 penalty.
    public init(
      penalty: Penalty = .l2, multiClass: MultiClass = .multinomial, solver: LogisticSolver = .automatic
    ) {
      self.penalty = penalty
      self.multiClass = multiClass
      self.solver = solver
    }
  }

  /// The settings that only linear SVMs have.
  public struct SVM: Hashable, Sendable {
    /// The loss of a row that violates the margin.
    public var loss: HingeLoss
    /// The penalty on weights.
    public var penalty: Penalty

    /// Creates settings, by default with the squared hinge loss and an L2 penalty.
    public init(loss: HingeLoss = .squaredHinge, penalty: Penalty = .l2) {
      self.loss = loss
      self.penalty = penalty
    }
  }

  /// The values of C that are fitted.
  public enum Regularization: Hashable, Sendable {
    /// This value of C, finite and above 0.
    case fixed(Double)
    /// The best of these values of C, each finite and above 0. Nil means the values from 10⁻⁵ to 10⁴, two in each
    /// decade.
    case chosen(of: [Double]?)
  }

  /// The kind of model. If another kind is set here, ``maximumIterations`` does not change. ``init(_:)`` sets the
  /// maximum that is usual for the kind.
  public var model: Model
  /// The transforms of features before scaling. Principal components are computed from each fold's training rows.
  public var transform = FeatureTransform.none
  /// The scaling of features before training.
  public var standardization = Standardization.automatic
  /// The weights of the classes.
  public var classWeights = ClassWeights.uniform
  /// Whether the model has an intercept, and whether the intercept is penalized.
  public var intercept = Intercept.free
  /// The relative duality gap at which a fit ends, above 0 and below 1.
  public var tolerance = 1e-9
  /// The maximum number of Newton steps of a fit, at least 1.
  public var maximumIterations: Int
  /// C, or the values that C is chosen from. A nearest mean has no C, and a model without a penalty has no C.
  public var c = Regularization.chosen(of: nil)
  /// Whether every value of C is tried. Otherwise the search ends when larger values bring no more improvement.
  public var isExhaustive = false
  /// The rule that chooses one of the values of C.
  public var rule = SelectionRule.best
  /// The criterion for choosing the column and C. Nil means the usual criterion for the numbers of training images of
  /// the classes (``SelectionCriterion/usual(classCounts:)``).
  public var criterion: SelectionCriterion?
  /// The number of folds of the cross-validation that chooses without a validation split, 2 to 1000. If the training
  /// images are fewer than the folds, each fold has one image.
  public var folds = 5
  /// The number of times that the training images are split into new folds, 1 to 100.
  public var repeats = 1
  /// The part of each class's training images that is drawn as a validation split, which replaces cross-validation.
  /// With nil, no images are drawn.
  public var validationFraction: Double?
  /// The part of each class that is held back for the final evaluation. With nil, no images are held back.
  public var testFraction: Double?
  /// Whether nested cross-validation also estimates the accuracy.
  public var isNested = false
  /// Whether the model that a validation split chose is fitted again to the training and validation images together.
  public var refits = true
  /// The method that calibrates probabilities, or `none`.
  public var calibration = CalibrationMethod.none
  /// The seed of all random draws: folds, validation and test images.
  public var seed: UInt64 = 0

  /// Creates settings of this kind of model. All other settings have their defaults.
  public init(_ model: Model = .logistic()) {
    self.model = model
    maximumIterations = model.kind.usualIterations
  }

  /// Creates settings of this kind of model with this C. All other settings have their defaults.
  public init(_ model: Model = .logistic(), c: Double) {
    self.init(model)
    self.c = .fixed(c)
  }
}

extension TrainingSettings.Model {
  /// Creates the default settings of a kind of model.
  public init(_ kind: ClassifierKind) {
    switch kind {
    case .logistic: self = .logistic()
    case .svm: self = .svm()
    case .nearestMean: self = .nearestMean
    }
  }

  /// The kind of model, without its settings.
  public var kind: ClassifierKind {
    switch self {
    case .logistic: .logistic
    case .svm: .svm
    case .nearestMean: .nearestMean
    }
  }

  /// The kind of scores, which determines how they are calibrated.
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
  /// The default maximum number of Newton steps of a fit. A nearest mean takes no steps.
  fileprivate var usualIterations: Int {
    switch self {
    case .logistic: LogisticRegression().maximumIterations
    case .svm: LinearSVM().maximumIterations
    case .nearestMean: 1
    }
  }
}

extension TrainingSettings {
  /// These settings with another kind of model. The settings of the new kind have their defaults. The penalty is kept
  /// if the new kind can have it.
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

  /// The settings of each fit. C is not yet set.
  ///
  /// - Parameter threads: the number of threads; nil means the number of processors.
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

  /// The scaling that is used, after ``Standardization/automatic`` is resolved.
  public var resolvedStandardization: Standardization { standardization.resolved(after: transform) }

  /// Whether several values of C are tried.
  public var searchesC: Bool {
    guard model.kind.isRegularized, model.penalty != Penalty.none, case .chosen = c else { return false }
    return true
  }
}
