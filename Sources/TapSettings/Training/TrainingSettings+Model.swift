// The settings of the linear model.

import TapFormats
import TapLinear
import TapSelection

extension TrainingSettings {
  /// The settings of the kind of model, its loss, penalty and solver, and the end of a fit.
  static let modelSettings: [Setting<TrainingSettings>] = [
    Setting(
      "classifier", .words(of: ClassifierKind.self), valueName: "kind",
      topic: .model, isCommon: true,
      help: """
        Logistic regression, whose scores are probabilities; a linear SVM, whose scores are margins; or the \
        nearest class mean, the cheap baseline, whose scores are similarities.
        """,
      get: { .string($0.model.kind.rawValue) },
      set: { settings, value in
        if let kind = ClassifierKind(value) { settings = settings.of(kind) }
      }),
    Setting(
      "loss", .words(of: HingeLoss.self), valueName: "loss",
      topic: .model,
      help:
        "The loss of a linear SVM: a hinge of each class against the rest, or Crammer and Singer's of all classes together.",
      purpose: { _ in "it is for `classifier` svm; the others have one loss only" },
      get: { $0.svm.map { .string($0.loss.rawValue) } },
      set: { settings, value in
        guard var svm = settings.svm, let loss = HingeLoss(value) else { return }
        svm.loss = loss
        settings.model = .svm(svm)
      }),
    Setting(
      "multiClass", .words(of: MultiClass.self), valueName: "rule",
      topic: .model,
      help: """
        How a logistic regression tells more than two classes apart: by one model of all, or by one of each \
        class against the rest.
        """,
      purpose: { _ in "it is for `classifier` logistic" },
      get: { $0.logistic.map { .string($0.multiClass.rawValue) } },
      set: { settings, value in
        guard var logistic = settings.logistic, let rule = MultiClass(value) else { return }
        logistic.multiClass = rule
        settings.model = .logistic(logistic)
      }),
    Setting(
      "penalty", .words(["l2", "l1", "elastic-net", "none"]), valueName: "name",
      topic: .model,
      help: """
        The penalty on weights; l1 and elastic-net make many weights exactly 0. An SVM with the loss hinge or crammer-singer has l2 \
        only; without one, logistic regressions of separable classes have no minimum.
        """,
      purpose: { _ in "a nearest mean has no penalty: leave it out" },
      get: { $0.model.penalty.map { .string($0.name) } },
      set: { settings, value in
        switch value {
        case .string("l2"): settings.model.penalty = .l2
        case .string("l1"): settings.model.penalty = .l1
        case .string("none"): settings.model.penalty = Penalty.none
        case .string("elastic-net"):
          if settings.l1Ratio == nil { settings.model.penalty = .elasticNet(l1Ratio: 0.5) }
        default: break
        }
      }),
    Setting(
      "l1Ratio", .number(.unit), valueName: "r",
      topic: .model,
      help: "How much of the elastic net is l1.",
      purpose: { _ in "it is for `penalty` elastic-net" },
      get: { $0.l1Ratio.map { .number($0) } },
      set: { settings, value in
        guard settings.l1Ratio != nil, let ratio = value.doubleValue else { return }
        settings.model.penalty = .elasticNet(l1Ratio: ratio)
      }),
    Setting(
      "solver", .words(of: LogisticSolver.self), valueName: "name",
      topic: .model,
      help: "Who minimizes a logistic regression under l2 or no penalty.",
      purpose: { _ in "it is for `classifier` logistic" },
      get: { $0.logistic.map { .string($0.solver.rawValue) } },
      set: { settings, value in
        guard var logistic = settings.logistic, let solver = LogisticSolver(value) else { return }
        logistic.solver = solver
        settings.model = .logistic(logistic)
      }),
    Setting(
      "intercept", .either([.words(["free", "none"]), .number(.positive)]), valueName: "rule",
      topic: .model,
      help: """
        The intercept is free of the penalty, or left out, or, with a number, the penalized weight of an appended feature \
        of this value, as in LIBLINEAR.
        """,
      purpose: { _ in "a nearest mean has no intercept: leave it out" },
      get: { $0.model.kind.isRegularized ? $0.intercept.json : nil },
      set: { settings, value in if let intercept = Intercept(value) { settings.intercept = intercept } }),
    Setting(
      "tolerance", .number(.fraction), valueName: "gap",
      topic: .model,
      help: "The relative duality gap at which a fit is done.",
      purpose: { _ in "a nearest mean is exact: leave it out" },
      get: { $0.model.kind.isRegularized ? .number($0.tolerance) : nil },
      set: { settings, value in if let tolerance = value.doubleValue { settings.tolerance = tolerance } }),
    Setting(
      "maximumIterations", .integer(1...1_000_000), valueName: "n", defaultText: "200, of an SVM 500",
      topic: .model,
      help: "The most Newton steps of a fit; of L-BFGS fifty times as many.",
      purpose: { _ in "a nearest mean takes no steps: leave it out" },
      get: { $0.model.kind.isRegularized ? .integer($0.maximumIterations) : nil },
      set: { settings, value in if let count = value.intValue { settings.maximumIterations = count } }),
    Setting(
      "classWeight", .either([.words(["none", "balanced"]), .list(.number(.positive), isSet: false)]),
      valueName: "rule",
      topic: .model,
      help: """
        Whether rare classes count as much as frequent ones; or a weight for each class, in the order of the classes.
        """,
      purpose: { _ in "a nearest mean depends on no weights of classes: leave it out" },
      get: { $0.model.kind.isRegularized ? $0.classWeights.json : nil },
      set: { settings, value in if let weights = ClassWeights(value) { settings.classWeights = weights } }),
  ]

  fileprivate var logistic: Logistic? { if case .logistic(let logistic) = model { logistic } else { nil } }

  fileprivate var svm: SVM? { if case .svm(let svm) = model { svm } else { nil } }

  /// The share of L1 in the penalty of an elastic net; nil for another penalty.
  private var l1Ratio: Double? {
    if case .elasticNet(let ratio)? = model.penalty { ratio } else { nil }
  }
}

extension SettingValues {
  /// The raw values of an enumeration's cases, as values of a setting.
  static func words<Value: CaseIterable & RawRepresentable<String>>(of type: Value.Type) -> SettingValues {
    .words(type.allCases.map(\.rawValue))
  }
}

extension RawRepresentable<String> {
  /// The case that a JSON text names.
  init?(_ json: JSONValue) {
    guard let text = json.stringValue else { return nil }
    self.init(rawValue: text)
  }
}

extension Intercept {
  fileprivate var json: JSONValue {
    switch self {
    case .free: .string("free")
    case .none: .string("none")
    case .penalized(let scale): .number(scale)
    }
  }

  fileprivate init?(_ json: JSONValue) {
    switch json {
    case .string("free"): self = .free
    case .string("none"): self = .none
    default:
      guard let scale = json.doubleValue else { return nil }
      self = .penalized(scale: scale)
    }
  }
}

extension ClassWeights {
  fileprivate var json: JSONValue {
    switch self {
    case .uniform: .string("none")
    case .balanced: .string("balanced")
    case .perClass(let factors): .array(factors.map(JSONValue.number))
    }
  }

  fileprivate init?(_ json: JSONValue) {
    switch json {
    case .string("none"): self = .uniform
    case .string("balanced"): self = .balanced
    default:
      guard let factors = json.arrayValue else { return nil }
      self = .perClass(factors.compactMap(\.doubleValue))
    }
  }
}
