import FoundationEssentials
import TapFormats
import TapRun
import TapSettings
import TestSupport
import Testing

/// The tables of Documentation/Pipelines.md have the content of the declarations of settings.
///
/// After an intended change, `LAYERTAP_UPDATE_FIXTURES=1 swift test -c release --filter PipelineDocumentationTests`
/// rewrites the tables. Read the difference before you commit it.
@Suite struct PipelineDocumentationTests {
  private static let path = Repository.path("Documentation/Pipelines.md")

  private static func rows<Group: SettingGroup>(
    _ settings: [Setting<Group>], base: Group, several: Set<String> = []
  ) -> [String] {
    settings.map { setting in
      let help = setting.help.spellingSettings { "`\($0)`" }
      var values = setting.values.isFlag ? "true, false" : setting.values.range
      if several.contains(setting.name) { values += (values.isEmpty ? "" : "; ") + "one or a list" }
      let usual = setting.shownDefault(of: base) ?? (setting.values.isFlag ? "false" : "none")
      return "| `\(setting.name)` | \(help) | \(values) | \(usual) |"
    }
  }

  private static let expected: [(marker: String, rows: [String])] = [
    (
      "lists",
      rows(ListSettings.settings, base: ListSettings(), several: ["include", "exclude"])
        + rows(DuplicateSettings.settings, base: DuplicateSettings())
    ),
    (
      "extraction",
      rows(ExtractionSettings.fileSettings, base: ExtractionSettings(), several: ["layers", "pool"])
    ),
    ("training", rows(TrainingSettings.settings, base: TrainingSettings(), several: ["classifier"])),
  ]

  @Test func theTablesAreThoseOfTheDeclarations() throws {
    var lines = try String(contentsOfFile: Self.path, encoding: .utf8)
      .split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
    let isUpdated = ProcessInfo.processInfo.environment["LAYERTAP_UPDATE_FIXTURES"] == "1"
    for (marker, rows) in Self.expected {
      let start = try #require(lines.firstIndex(of: "<!-- settings of \(marker) -->"))
      let end = try #require(lines.firstIndex(of: "<!-- end of settings of \(marker) -->"))
      let table = ["", "| field | meaning | values | default |", "|---|---|---|---|"] + rows + [""]
      if isUpdated {
        lines.replaceSubrange(start + 1..<end, with: table)
      } else {
        #expect(Array(lines[start + 1..<end]) == table, "the table '\(marker)' is not what is declared")
      }
    }
    if isUpdated { try Data(lines.joined(separator: "\n").utf8).write(to: URL(filePath: Self.path)) }
  }

  /// The documentation has every field that a pipeline file may have.
  @Test func everyFieldIsDescribed() throws {
    let text = try String(contentsOfFile: Self.path, encoding: .utf8)
    for field in RunConfiguration.ownFields where !["baselines", "learningCurve"].contains(field) {
      #expect(text.contains("| `\(field)` |"), "\(field)")
    }
  }
}
