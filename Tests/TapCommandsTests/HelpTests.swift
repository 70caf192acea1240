import FoundationEssentials
import TapCommands
import TestSupport
import Testing

/// The help of every command, whole and at 80 columns, against a file each.
///
/// After a change that was meant, `LAYERTAP_UPDATE_FIXTURES=1 swift test -c release --filter HelpTests`
/// writes the files anew; read the difference before committing it.
@Suite struct HelpTests {
  /// The paths of all commands: `[]`, `["train"]`, `["weights", "add"]`, ….
  static let paths: [[String]] = {
    func paths(_ command: Command, _ path: [String]) -> [[String]] {
      [path] + command.subcommands.flatMap { paths($0, path + [$0.name]) }
    }
    return paths(CommandLineTool.root, [])
  }()

  static let folder = Repository.path("Tests/TapCommandsTests/Fixtures")

  @Test(arguments: paths)
  func theHelpIsTheFixture(path: [String]) throws {
    let outcome = try Tool.run(path + ["--help"], environment: ["COLUMNS": "80"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    let name = (["layertap"] + path).joined(separator: "-")
    let file = URL(filePath: "\(Self.folder)/\(name).txt")
    if ProcessInfo.processInfo.environment["LAYERTAP_UPDATE_FIXTURES"] == "1" {
      try Data(outcome.output.utf8).write(to: file)
    }
    let fixture = (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) }
    #expect(outcome.output == fixture)
    #expect(try Tool.run(["help"] + path, environment: ["COLUMNS": "80"]).output == outcome.output)
  }

  @Test func everyFixtureHasItsCommand() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    let names = Self.paths.map { (["layertap"] + $0).joined(separator: "-") + ".txt" }
    #expect(Set(files) == Set(names))
  }
}
