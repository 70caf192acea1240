import TapFileSystem
import TapFormats
import TapRun
import TapSettings
import TestSupport
import Testing

/// The schema has the fields that the reader of pipeline files knows. The tests of the Python package compare the
/// schema with the reader, by an independent implementation of JSON Schema.
@Suite struct PipelineSchemaTests {
  private static func properties(of branch: String) throws -> [String: JSONValue] {
    let schema = try JSONValue.parse(PipelineSchema.text)
    return try #require(schema.objectValue?[branch]?.objectValue?["properties"]?.objectValue)
  }

  /// An unknown field makes the reader list all fields that it knows.
  private static func known(task: String) throws -> Set<String> {
    try withTemporaryFolder { folder in
      let path = "\(folder)/it.json5"
      try AtomicWriter.replace(path, with: Array(#"{task: "\#(task)", unknownField: 1}"#.utf8))
      do {
        _ = try PipelineFile(contentsOf: path)
        Issue.record("the unknown field was accepted")
        return []
      } catch RunError.configuration(_, _, _, let problem) {
        let list = try #require(problem.split(separator: "Known are ").last)
        return Set(list.split(separator: ", ").map(String.init))
      }
    }
  }

  @Test(arguments: [("compare", "else"), ("classify", "then")])
  func itHasTheFieldsOfTheReader(task: String, branch: String) throws {
    let earlier = task == "compare" ? ["manifest", "classifiers"] : []
    #expect(try Set(Self.properties(of: branch).keys) == Self.known(task: task).union(earlier))
  }

  @Test func everySettingHasItsHelp() throws {
    let fields = try Self.properties(of: "else")
    for setting in TrainingSettings.settings where setting.name != "classifier" {
      let text = fields[setting.name]?.objectValue?["description"]?.stringValue
      #expect(text == setting.help.spellingSettings { "\"\($0)\"" }, "\(setting.name)")
    }
  }
}
