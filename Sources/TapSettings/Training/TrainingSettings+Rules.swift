// All settings of a training, and the rules between the settings.

import TapFormats
import TapLinear

extension TrainingSettings: SettingGroup {
  package static let settings: [Setting<TrainingSettings>] = modelSettings + featureSettings + choiceSettings

  package static let examples: [TrainingSettings] = {
    var projected = TrainingSettings()
    projected.transform.components = PrincipalComponents(.components(8))
    return [
      TrainingSettings(), TrainingSettings(.svm()),
      TrainingSettings(.logistic(Logistic(penalty: .elasticNet(l1Ratio: 0.5)))), projected,
    ]
  }()

  package var brokenRule: SettingsError? {
    switch model {
    case .logistic(let logistic):
      if logistic.solver != .automatic,
        logistic.penalty.absolute > 0 || logistic.penalty.name == "elastic-net"
      {
        return .rule(
          field: "solver",
          "\(logistic.solver.rawValue) needs a smooth objective; l1 and elastic-net have a solver of their own, auto"
        )
      }
    case .svm(let svm):
      if svm.penalty == .none {
        return .rule(
          field: "penalty", "an SVM needs a penalty; only a logistic regression can do without")
      }
      if svm.penalty != .l2, svm.loss != .squaredHinge {
        return .rule(
          field: "penalty",
          "\(svm.penalty.name) is for logistic regressions and SVMs with `loss` squared-hinge")
      }
    case .nearestMean: break
    }
    if criterion == .logLoss, model.kind != .logistic {
      return .rule(
        field: "selectBy",
        "log-loss needs probabilities, and \(model.kind == .svm ? "an SVM has margins" : "a nearest mean has similarities"): give "
          + "auto, accuracy, balanced-accuracy or macro-f1")
    }
    if isNested, validationFraction != nil {
      return .rule(
        field: "nested",
        "nested cross-validation is for choices made by cross-validation, and `validationFraction` takes its place: leave one of the two out"
      )
    }
    if !calibration.fits(model.multiClass) {
      return .rule(
        field: "calibrate",
        "\(calibration.rawValue) is for `classifier` svm or `multiClass` one-vs-rest: give auto or temperature"
      )
    }
    return nil
  }

  /// The settings of each kind of model that `classifier` names: one kind, or a list of different kinds. A setting
  /// applies to the kinds for which it has a meaning.
  ///
  /// - Throws: the errors of ``taking(_:over:)``.
  package static func compared(_ given: [String: JSONValue]) throws(SettingsError) -> [TrainingSettings] {
    var given = given
    var kinds = [ClassifierKind.logistic]
    if let value = given.removeValue(forKey: "classifier") {
      guard let accepted = comparedKinds.accepted(value) else {
        throw .value(field: "classifier", found: value, expected: comparedKinds.expectation)
      }
      kinds = accepted.arrayValue?.compactMap { ClassifierKind($0) } ?? []
    }
    return try taking(given, over: kinds.map { TrainingSettings(Model($0)) })
  }

  /// The word of `classifier` for the k nearest neighbors, a baseline of comparisons that fits nothing.
  package static let neighbors = "k-nn"

  /// Takes the word ``neighbors`` out of the list `classifier`.
  ///
  /// - Returns: the other settings, and whether the word was there.
  /// - Throws: ``SettingsError`` if the list has no other word, or has the word twice.
  package static func takingNeighbors(
    _ given: [String: JSONValue]
  ) throws(SettingsError) -> (given: [String: JSONValue], comparesNeighbors: Bool) {
    guard let kinds = given["classifier"]?.arrayValue, kinds.contains(.string(neighbors)) else {
      return (given, false)
    }
    let others = kinds.filter { $0 != .string(neighbors) }
    guard others.count == kinds.count - 1 else {
      throw .value(field: "classifier", found: .array(kinds), expected: comparedWords.expectation)
    }
    guard !others.isEmpty else {
      throw .rule(field: "classifier", "\(neighbors) is a baseline that is never chosen: name another kind beside it")
    }
    return (given.merging(["classifier": .array(others)]) { $1 }, true)
  }

  /// The values of `classifier` if several kinds are compared.
  package static let comparedKinds = SettingValues.list(.words(of: ClassifierKind.self), isSet: true)

  /// The words of `classifier` in a comparison: ``comparedKinds`` and ``neighbors``.
  package static let comparedWords = SettingValues.list(
    .words(ClassifierKind.allCases.map(\.rawValue) + [neighbors]), isSet: true)

  /// The settings that the choice of the column and C depends on, in the canonical form.
  package var choiceJSON: JSONValue { json(of: \.isOfChoice) }
}

extension TrainingSettings {
  /// Throws an error for values out of range and settings that contradict each other.
  ///
  /// - Throws: ``SettingsError``, which names the field.
  public func validate() throws(SettingsError) { try checkSettings() }

  /// The canonical form: a JSON object with every setting that has a meaning for the kind of model. Keys are sorted by
  /// bytes.
  public var text: String { json.canonical }

  /// Reads a JSON object of settings. A missing setting has its default.
  ///
  /// - Throws: ``SettingsError``.
  public init(text: String) throws(SettingsError) {
    try self.init(parsing: text)
  }
}
