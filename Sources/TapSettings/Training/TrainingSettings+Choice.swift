// The settings for choosing the column and C, for holding back images, and for random draws.

import TapFormats
import TapLinear
import TapSelection

extension TrainingSettings {
  /// The settings of C, folds, held-out parts, calibration and the seed.
  static let choiceSettings: [Setting<TrainingSettings>] = [
    Setting(
      "c",
      .either([.words(["auto"]), .number(.positive), .list(.number(.positive), isSet: true)]), valueName: "c",
      topic: .choice, isCommon: true,
      help: """
        scikit-learn's C, which multiplies the sum of losses: 'auto', a number, or a list of numbers to choose from.
        """,
      purpose: {
        $0.model.kind.isRegularized
          ? "without a penalty C has no meaning: leave it out" : "a nearest mean has no C: leave it out"
      },
      get: { $0.hasC ? $0.c.json : nil },
      set: { settings, value in if let c = Regularization(value) { settings.c = c } }),
    Setting(
      "exhaustive", .flag,
      topic: .choice,
      help: "Try every value of C; otherwise a search ends where larger ones bring nothing better.",
      purpose: {
        $0.hasC
          ? "one value of C is given, so that nothing is searched for: leave it out, or give `c` several values"
          : "this model has no C to search for: leave it out"
      },
      get: { $0.hasSeveralC ? .bool($0.isExhaustive) : nil },
      set: { settings, value in settings.isExhaustive = value == .bool(true) }),
    Setting(
      "testFraction", .optional(.number(.fraction), word: "none"), valueName: "f", isOfChoice: false,
      topic: .evaluation, isCommon: true,
      help: "Hold back this part of every class for the final evaluation.",
      get: { $0.testFraction.map(JSONValue.number) ?? .null },
      set: { settings, value in settings.testFraction = value.doubleValue }),
    Setting(
      "validationFraction", .optional(.number(.fraction), word: "none"), valueName: "f",
      topic: .choice,
      help:
        "Choose by this part of every class of the training images instead of cross-validation, then fit to all.",
      get: { $0.validationFraction.map(JSONValue.number) ?? .null },
      set: { settings, value in settings.validationFraction = value.doubleValue }),
    Setting(
      "folds", .integer(2...1000), valueName: "k",
      topic: .choice,
      help: "Folds of the cross-validation; with fewer images, one each.",
      purpose: { _ in crossValidationOnly },
      get: { $0.validationFraction == nil ? .integer($0.folds) : nil },
      set: { settings, value in if let folds = value.intValue { settings.folds = folds } }),
    Setting(
      "repeats", .integer(1...100), valueName: "n",
      topic: .choice,
      help: "Deal the training images into folds so many times, and judge by all.",
      purpose: { _ in crossValidationOnly },
      get: { $0.validationFraction == nil ? .integer($0.repeats) : nil },
      set: { settings, value in if let repeats = value.intValue { settings.repeats = repeats } }),
    Setting(
      "select", .words(of: SelectionRule.self), valueName: "rule",
      topic: .choice,
      help: """
        Which C is taken: the best, or the smallest within one standard error of it, which is simpler and \
        cannot be told from it.
        """,
      purpose: { _ in "a nearest mean has no C to choose: leave it out" },
      get: { $0.model.kind.isRegularized ? .string($0.rule.rawValue) : nil },
      set: { settings, value in if let rule = SelectionRule(value) { settings.rule = rule } }),
    Setting(
      "selectBy", .words(["auto"] + SelectionCriterion.allCases.map(\.rawValue)), valueName: "measure",
      topic: .choice,
      help: """
        The criterion for the best C and layer; ties go to the smallest log loss. 'auto' is accuracy, and balanced accuracy where \
        the largest class has more than \(SelectionCriterion.imbalance) times the images of the smallest; log-loss is for logistic regressions.
        """,
      get: { .string($0.criterion?.rawValue ?? "auto") },
      set: { settings, value in settings.criterion = SelectionCriterion(value) }),
    Setting(
      "nested", .flag, isOfChoice: false,
      topic: .evaluation,
      help: """
        Also estimate the accuracy by nested cross-validation: everything is chosen anew without each fold. \
        Costs as many trainings as there are folds.
        """,
      get: { .bool($0.isNested) },
      set: { settings, value in settings.isNested = value == .bool(true) }),
    Setting(
      "refit", .flag, isOfChoice: false,
      topic: .choice,
      help: "After choosing by validation images, fit again to these and the training images.",
      offHelp: "Keep the model of the training images alone after choosing by val/ images.",
      get: { .bool($0.refits) },
      set: { settings, value in settings.refits = value == .bool(true) }),
    Setting(
      "calibrate", .words(of: CalibrationMethod.self), valueName: "method", isOfChoice: false,
      topic: .model,
      help: """
        Make probabilities fit how often they are right, on training images held out: 'platt' by a sigmoid for each class of an SVM \
        or of one-vs-rest, 'temperature' by one number for all scores; 'auto' is the better of the two on images that it was \
        not fitted on, or none if that is better still.
        """,
      get: { .string($0.calibration.rawValue) },
      set: { settings, value in if let method = CalibrationMethod(value) { settings.calibration = method } }),
    Setting(
      "seed", .seed, valueName: "n",
      topic: .choice,
      help: "Decides whatever is drawn: folds, validation and test images. The same seed, the same result.",
      get: { .string(String($0.seed)) },
      set: { settings, value in if let seed = value.seedValue { settings.seed = seed } }),
  ]

  private static let crossValidationOnly =
    "it is for cross-validation, and `validationFraction` takes its place"

  /// Whether the model has a C. A nearest mean has no C, and a model without a penalty has no C.
  private var hasC: Bool { model.penalty.map { $0 != .none } ?? false }

  /// Whether several values of C are tried.
  private var hasSeveralC: Bool {
    guard searchesC, case .chosen(let values) = c else { return false }
    return values.map { $0.count > 1 } ?? true
  }
}

extension TrainingSettings.Regularization {
  fileprivate var json: JSONValue {
    switch self {
    case .fixed(let c): .number(c)
    case .chosen(of: nil): .string("auto")
    case .chosen(of: let candidates?): .array(candidates.map(JSONValue.number))
    }
  }

  fileprivate init?(_ json: JSONValue) {
    if json == .string("auto") {
      self = .chosen(of: nil)
    } else if let c = json.doubleValue {
      self = .fixed(c)
    } else if let candidates = json.arrayValue {
      self = .chosen(of: candidates.compactMap(\.doubleValue))
    } else {
      return nil
    }
  }
}
