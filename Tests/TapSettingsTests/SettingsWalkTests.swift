import TapFormats
import TapLinear
import TapSettings
import TestSupport
import Testing

/// The tests go through the declarations of all settings, so they cover new settings without a change.
@Suite struct SettingsWalkTests {
  @Test func everySettingTakesItsValuesAndSurvivesItsFile() throws {
    try walk(TrainingSettings.self)
    try walk(ExtractionSettings.self)
    try walk(ListSettings.self)
    try walk(DuplicateSettings.self)
  }

  private func walk<Group: SettingGroup>(_ group: Group.Type) throws {
    #expect(Set(Group.settings.map(\.name)).count == Group.settings.count)
    for setting in Group.settings {
      let base = try #require(
        Group.examples.first { setting.get($0) != nil }, "\(setting.name) has no example")
      var forms: Set<JSONValue> = []
      for value in SettingSamples.accepted(setting.values) {
        let accepted = try #require(setting.values.accepted(value), "\(setting.name): \(value)")
        #expect(setting.values.accepted(accepted) == accepted, "\(setting.name): \(value) has two forms")
        var changed = base
        setting.set(&changed, accepted)
        // Values that break a rule are tested below.
        guard changed.brokenRule == nil else { continue }
        #expect(setting.get(changed) == accepted, "\(setting.name): \(value)")
        #expect(try base.taking([setting.name: value]) == changed, "\(setting.name): \(value)")
        // The canonical form alone gives the same value and the same form again.
        let json = changed.json
        #expect(json[setting.name] == accepted, "\(setting.name) is not in the canonical form")
        let read = try Group(json: JSONValue.parse(json.canonical))
        #expect(read == changed && read.json == json, "\(setting.name): \(value)")
        forms.insert(json)
      }
      // Another value gives another form. Only a setting with a single value has a single form.
      #expect(forms.count > 1 || setting.name == "columns", "\(setting.name)")
      for value in SettingSamples.refused(setting.values) {
        let error = #expect(throws: SettingsError.self, "\(setting.name): \(value)") {
          try base.taking([setting.name: value])
        }
        #expect(error?.field == setting.name)
        let problem = error?.problem { $0 } ?? ""
        #expect(problem.hasPrefix("expected \(setting.values.expectation), found "), "\(problem)")
      }
    }
    let error = #expect(throws: SettingsError.self) { try Group.examples[0].taking(["fold": .integer(3)]) }
    #expect(error?.field == "fold")
  }

  /// The library refuses values that code sets directly with the same words as values that a user gives.
  @Test func valuesOutOfRangeAreRefused() throws {
    let wrong: [(field: String, change: (inout TrainingSettings) -> Void)] = [
      ("folds", { $0.folds = 1 }), ("folds", { $0.folds = 1001 }), ("repeats", { $0.repeats = 0 }),
      ("tolerance", { $0.tolerance = 0 }), ("tolerance", { $0.tolerance = .nan }),
      ("maximumIterations", { $0.maximumIterations = 0 }), ("c", { $0.c = .fixed(-1) }),
      ("c", { $0.c = .fixed(.infinity) }), ("c", { $0.c = .chosen(of: []) }),
      ("c", { $0.c = .chosen(of: [1, 1]) }),
      ("testFraction", { $0.testFraction = 1 }), ("validationFraction", { $0.validationFraction = 0 }),
      ("intercept", { $0.intercept = .penalized(scale: 0) }),
      ("classWeight", { $0.classWeights = .perClass([1, 0]) }),
      ("classWeight", { $0.classWeights = .perClass([]) }),
      ("pca", { $0.transform.components = PrincipalComponents(.components(0)) }),
      ("pca", { $0.transform.components = PrincipalComponents(.variance(1)) }),
      ("l1Ratio", { $0.model.penalty = .elasticNet(l1Ratio: 1.5) }),
    ]
    for (field, change) in wrong {
      var settings = TrainingSettings()
      change(&settings)
      let error = #expect(throws: SettingsError.self, "\(field)") { try settings.validate() }
      #expect(error?.field == field)
    }
    try TrainingSettings().validate()
  }

  @Test func contradictionsAreRefused() throws {
    let wrong: [(field: String, settings: TrainingSettings)] = [
      ("penalty", TrainingSettings(.svm(.init(penalty: .none)))),
      ("penalty", TrainingSettings(.svm(.init(loss: .hinge, penalty: .l1)))),
      ("penalty", TrainingSettings(.svm(.init(loss: .crammerSinger, penalty: .elasticNet(l1Ratio: 0.5))))),
      ("solver", TrainingSettings(.logistic(.init(penalty: .l1, solver: .lbfgs)))),
      ("solver", TrainingSettings(.logistic(.init(penalty: .elasticNet(l1Ratio: 0), solver: .newton)))),
    ]
    for (field, settings) in wrong {
      let error = #expect(throws: SettingsError.self, "\(settings)") { try settings.validate() }
      #expect(error?.field == field)
    }
    var settings = TrainingSettings()
    settings.calibration = .platt
    #expect(throws: SettingsError.self) { try settings.validate() }
    settings.model = .svm()
    try settings.validate()
    settings.calibration = .temperature
    try settings.validate()
    settings = TrainingSettings()
    (settings.isNested, settings.validationFraction) = (true, 0.2)
    #expect(throws: SettingsError.self) { try settings.validate() }
    for kind in [ClassifierKind.svm, .nearestMean] {
      settings = TrainingSettings(.init(kind))
      settings.criterion = .logLoss
      let error = #expect(throws: SettingsError.self) { try settings.validate() }
      #expect(error?.field == "selectBy")
      settings.criterion = .macroF1
      try settings.validate()
    }
  }

  /// A setting that has no meaning together with the others is an error. It is not ignored.
  @Test(arguments: [
    ("loss", "classifier", "logistic"), ("multiClass", "classifier", "svm"), ("solver", "classifier", "svm"),
    ("penalty", "classifier", "nearest-mean"), ("c", "classifier", "nearest-mean"),
    ("select", "classifier", "nearest-mean"), ("classWeight", "classifier", "nearest-mean"),
    ("intercept", "classifier", "nearest-mean"), ("tolerance", "classifier", "nearest-mean"),
    ("maximumIterations", "classifier", "nearest-mean"), ("l1Ratio", "penalty", "l1"),
    ("c", "penalty", "none"), ("exhaustive", "classifier", "nearest-mean"), ("exhaustive", "penalty", "none"),
    ("whiten", "pca", "none"),
  ])
  func settingsWithoutAMeaningAreRefused(name: String, other: String, word: String) throws {
    let setting = try #require(TrainingSettings.settings.first { $0.name == name })
    let value = SettingSamples.accepted(setting.values)[0]
    let error = #expect(throws: SettingsError.self) {
      try TrainingSettings().taking([name: value, other: .string(word)])
    }
    #expect(error?.field == name)
  }

  /// With one value of C, no search could be exhaustive.
  @Test func anExhaustiveSearchNeedsSeveralValues() throws {
    for c: JSONValue in [.number(1), .array([.number(1)])] {
      let error = #expect(throws: SettingsError.self) {
        try TrainingSettings().taking(["exhaustive": .bool(true), "c": c])
      }
      #expect(error?.field == "exhaustive")
    }
    for c: JSONValue in [.string("auto"), .array([.number(1), .number(2)])] {
      #expect(try TrainingSettings().taking(["exhaustive": .bool(true), "c": c]).isExhaustive)
    }
    // If several kinds are compared, the setting applies to the kinds that have a search.
    let kinds: JSONValue = .array([.string("nearest-mean"), .string("svm")])
    let read = try TrainingSettings.compared(["classifier": kinds, "exhaustive": .bool(true)])
    #expect(read.map { $0.json["exhaustive"] } == [nil, .bool(true)])
  }

  @Test func severalKindsAreReadAtOnce() throws {
    let kinds: JSONValue = .array([.string("logistic"), .string("svm"), .string("nearest-mean")])
    let read = try TrainingSettings.compared([
      "classifier": kinds, "loss": .string("hinge"), "solver": .string("lbfgs"), "c": .number(2),
      "folds": .integer(3),
    ])
    #expect(read.map(\.model) == [.logistic(.init(solver: .lbfgs)), .svm(.init(loss: .hinge)), .nearestMean])
    #expect(read.map(\.folds) == [3, 3, 3] && read.map(\.maximumIterations) == [200, 500, 1])
    #expect(throws: SettingsError.self) {
      try TrainingSettings.compared(["classifier": .array([.string("svm"), .string("svm")])])
    }
    #expect(throws: SettingsError.self) {
      try TrainingSettings.compared(["classifier": .array([.string("svm")]), "solver": .string("lbfgs")])
    }
  }

  @Test func neighborsStandBesideAnotherKind() throws {
    let both = try TrainingSettings.takingNeighbors(["classifier": .array([.string("k-nn"), .string("svm")])])
    #expect(both.comparesNeighbors && both.given == ["classifier": .array([.string("svm")])])
    #expect(try !TrainingSettings.takingNeighbors(["classifier": .string("svm")]).comparesNeighbors)
    #expect(throws: SettingsError.self) {
      try TrainingSettings.takingNeighbors(["classifier": .array([.string("k-nn")])])
    }
  }

  /// The whole canonical form of the usual settings, as a model file contains it.
  @Test func theCanonicalFormIsThis() throws {
    #expect(
      TrainingSettings().text
        == #"{"c":"auto","calibrate":"none","classWeight":"none","classifier":"logistic","exhaustive":false,"folds":5,"intercept":"free","#
        + #""maximumIterations":200,"multiClass":"multinomial","nested":false,"normalizeRows":false,"pca":null,"#
        + #""penalty":"l2","refit":true,"repeats":1,"seed":"0","select":"best","selectBy":"auto","solver":"auto","#
        + #""standardize":"auto","testFraction":null,"tolerance":1e-09,"validationFraction":null}"#)
    #expect(try TrainingSettings(text: "{}") == TrainingSettings())
    #expect(throws: SettingsError.self) { try TrainingSettings(text: "{") }
    #expect(throws: SettingsError.self) { try TrainingSettings(text: "[]") }
  }
}
