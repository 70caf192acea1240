import TapCommands
import TapFileSystem
import TapFormats
import TapLinear
import TapRun
import TapSettings
import TestSupport
import Testing

/// For every declared setting, the command line, the pipeline file and the library accept the same values, and refuse
/// the same values with the same words.
@Suite struct SettingsFrontEndsTests {
  /// The settings that were read, or the reason for the refusal, with the names of settings as declared.
  private enum Answer<Group: SettingGroup>: Equatable {
    case settings([Group])
    case refused(field: String, problem: String)
  }

  // MARK: - Library, command line and pipeline file

  private func library<Group: SettingGroup>(
    _ given: [String: JSONValue], _ read: ([String: JSONValue]) throws -> [Group]
  ) -> Answer<Group> {
    do { return .settings(try read(given)) } catch let error as SettingsError {
      return .refused(field: error.field, problem: error.problem { $0 })
    } catch {
      Issue.record("\(error)")
      return .settings([])
    }
  }

  private func commandLine<Group: SettingGroup>(
    _ given: [String: JSONValue], _ parameters: SettingParameters<Group>
  ) -> Answer<Group> {
    let flags = Set(Group.settings.filter(\.values.isFlag).map(\.name))
    let words = given.sorted { $0.key < $1.key }.flatMap {
      Self.words($0.key, $0.value, isFlag: flags.contains($0.key))
    }
    do {
      let arguments = try ArgumentScanner(declarations: parameters.declarations).scan(words)
      return .settings([try parameters.value(arguments)])
    } catch UsageError.contradiction(let text) {
      let name = Self.names(text.prefix { $0 != ":" }).dropFirst().dropLast()
      return .refused(field: String(name), problem: Self.names(text.drop { $0 != ":" }.dropFirst(2)))
    } catch UsageError.invalidValue(let text, let argument, let expected, _) {
      let name = Self.names(argument.prefix { $0 != " " })
      return .refused(field: name, problem: "expected \(expected), found \(text)")
    } catch {
      return .refused(field: "", problem: "\(error)")
    }
  }

  private static func words(_ name: String, _ value: JSONValue, isFlag: Bool) -> [String] {
    let option = name.reduce(into: "") { $0 += $1.isUppercase ? "-" + $1.lowercased() : String($1) }
    switch value {
    case .bool(let isOn) where isFlag: return [isOn ? "--\(option)" : "--no-\(option)"]
    default: return ["--\(option)", value.typed]
    }
  }

  /// The text with options renamed to settings: `--l1-ratio` becomes `l1Ratio`.
  private static func names(_ text: some StringProtocol) -> String {
    text.split(separator: " ", omittingEmptySubsequences: false).map { word in
      let quote = word.hasPrefix("'") ? "'" : ""
      guard word.dropFirst(quote.count).hasPrefix("--") else { return String(word) }
      let parts = word.dropFirst(quote.count + 2).split(separator: "-", omittingEmptySubsequences: false)
      return quote + String(parts[0])
        + parts.dropFirst().map { $0.prefix(1).uppercased() + $0.dropFirst() }.joined()
    }.joined(separator: " ")
  }

  private func pipeline<Group: SettingGroup>(
    _ given: [String: JSONValue], _ read: (RunConfiguration) -> [Group]
  ) throws -> Answer<Group> {
    try withTemporaryFolder { folder in
      var fields = given
      fields["images"] = .string("i")
      fields["layers"] = fields["layers"] ?? .array([.string("penultimate")])
      try AtomicWriter.replace(folder + "/p.json5", with: JSONValue.object(fields).canonical)
      do {
        return .settings(read(try RunConfiguration(contentsOf: folder + "/p.json5")))
      } catch RunError.configuration(_, _, let field, let problem) {
        return .refused(field: field, problem: problem.filter { $0 != "\"" })
      }
    }
  }

  // MARK: - All settings

  @Test func trainingSettingsAreReadAlike() throws {
    for setting in TrainingSettings.settings {
      let base = try #require(TrainingSettings.examples.first { setting.get($0) != nil })
      let beside = base.model.kind == .svm ? ["classifier": JSONValue.string("svm")] : [:]
      var given = beside
      if case .elasticNet? = base.model.penalty { given["penalty"] = .string("elastic-net") }
      if base.transform.components != nil { given["pca"] = .integer(8) }
      for value in SettingSamples.accepted(setting.values) {
        given[setting.name] = value
        let expected = library(given) { [try TrainingSettings().taking($0)] }
        // A list of one number cannot be typed on the command line: there, one number means the number itself.
        if setting.values.listElement != nil || value.arrayValue?.count != 1 {
          #expect(commandLine(given, Options.training) == expected, "\(given)")
        }
        #expect(try pipeline(given) { $0.training } == expected, "\(given)")
      }
      for value in SettingSamples.refused(setting.values) {
        given[setting.name] = value
        try expectRefused(setting, given, Options.training) { $0.training }
      }
    }
  }

  @Test func extractionSettingsAreReadAlike() throws {
    let parameters = SettingParameters(ExtractionSettings.fileSettings, base: ExtractionSettings())
    for setting in ExtractionSettings.fileSettings where setting.name != "backbone" {
      for value in SettingSamples.accepted(setting.values) where value != .null {
        let given = [setting.name: value]
        let expected = library(given) { [try ExtractionSettings().taking($0)] }
        #expect(commandLine(given, parameters) == expected, "\(given)")
        #expect(try pipeline(given) { [$0.extraction] } == expected, "\(given)")
      }
      for value in SettingSamples.refused(setting.values) {
        try expectRefused(setting, [setting.name: value], parameters) { [$0.extraction] }
      }
    }
  }

  /// Expects that a value is refused everywhere, with the same text about the expected value.
  private func expectRefused<Group: SettingGroup>(
    _ setting: Setting<Group>, _ given: [String: JSONValue], _ parameters: SettingParameters<Group>,
    _ read: (RunConfiguration) -> [Group]
  ) throws {
    let value = try #require(given[setting.name])
    let words = "expected \(setting.values.expectation), "
    func check(_ answer: Answer<Group>, _ place: String) {
      guard case .refused(let field, let problem) = answer else {
        Issue.record("\(place) takes \(given)")
        return
      }
      #expect(field == setting.name && problem.hasPrefix(words), "\(place): \(given): \(problem)")
    }
    // JSON cannot express NaN and infinities, and some values become other, accepted values if they are typed.
    if value.canonical != "null" || value == .null { check(try pipeline(given, read), "the pipeline file") }
    let isTyped = setting.values.parsed(value.typed).flatMap(setting.values.accepted) == nil
    if isTyped, !setting.values.isFlag, value.typed.first != "-" || Double(value.typed) != nil,
      !value.typed.isEmpty,
      value != .object([:]), value != .array([])
    {
      check(commandLine(given, parameters), "the command line")
    }
  }

  /// Every pair of settings is tried with each kind of model. Contradictions are the same everywhere, with the same
  /// text.
  @Test(arguments: ClassifierKind.allCases)
  func pairsOfSettingsAreJudgedAlike(kind: ClassifierKind) throws {
    let settings = TrainingSettings.settings.filter { $0.name != "classifier" }
    var refusals = 0
    for (index, first) in settings.enumerated() {
      for second in settings[(index + 1)...] {
        for (one, other) in zip(Self.unusual(first), Self.unusual(second)) {
          let given = [first.name: one, second.name: other, "classifier": .string(kind.rawValue)]
          let expected = library(given) { [try TrainingSettings().taking($0)] }
          if case .refused = expected { refusals += 1 }
          #expect(commandLine(given, Options.training) == expected, "\(given)")
          #expect(try pipeline(given) { $0.training } == expected, "\(given)")
        }
      }
    }
    #expect(refusals > 20, "nothing contradicts")
  }

  /// Two values that are not the default. If there is only one such value, it comes twice.
  private static func unusual(_ setting: Setting<TrainingSettings>) -> [JSONValue] {
    let usual = setting.get(TrainingSettings())
    let others = SettingSamples.accepted(setting.values).filter {
      $0 != .null && $0 != .string("none") && setting.values.accepted($0) != usual
    }
    let values = others.isEmpty ? SettingSamples.accepted(setting.values) : others
    return [values[0], values[values.count - 1]]
  }

  // MARK: - Names

  /// Earlier names are still accepted, but not shown.
  @Test func earlierNamesAreUnderstood() throws {
    try withTemporaryFolder { folder in
      func read(_ text: String) throws -> RunConfiguration {
        try AtomicWriter.replace(folder + "/p.json5", with: text)
        return try RunConfiguration(contentsOf: folder + "/p.json5")
      }
      var old = try read("{ images: 'i', layers: 'l', manifest: 'm.csv', classifiers: ['svm'] }")
      let new = try read("{ images: 'i', layers: 'l', labels: 'm.csv', classifier: ['svm'] }")
      old.fileHash = new.fileHash
      #expect(old == new)
      let error = #expect(throws: RunError.self) {
        try read("{ images: 'i', layers: 'l', labels: 'm.csv',\n manifest: 'n.csv' }")
      }
      #expect(error?.description.contains("line 2, field \"manifest\": there is no such field") == true)
    }
    for command in ["extract", "doctor", "train", "compare", "evaluate"] {
      let help = try Tool.run([command, "--help-all"]).output
      #expect(help.contains("--labels <file>") && !help.contains("--manifest"), "\(command)")
    }
    let outcome = try Tool.run(["extract", "--manifest", "none.csv"])
    #expect(outcome.status == 66 && outcome.errors.contains("none.csv"))
  }
}
