import FoundationEssentials
import TapCommands
import TestSupport
import Testing

/// Compares the whole help of every command, at 80 columns, with a file for each command.
///
/// After an intended change, `LAYERTAP_UPDATE_FIXTURES=1 swift test -c release --filter HelpTests` rewrites the files.
/// Read the difference before you commit it.
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
    try Self.expectFixture(path, "--help")
    #expect(try Self.help(["help"] + path) == Self.help(path + ["--help"]))
  }

  @Test(arguments: paths.filter { command($0).hasManyOptions })
  func theWholeHelpIsTheFixture(path: [String]) throws {
    try Self.expectFixture(path, "--help-all")
    #expect(try Self.help(["help"] + path + ["--help-all"]) == Self.help(path + ["--help-all"]))
  }

  static func command(_ path: [String]) -> Command {
    path.reduce(CommandLineTool.root) { command, name in
      command.subcommands.first { $0.name == name } ?? command
    }
  }

  private static func help(_ words: [String]) throws -> String {
    try Tool.run(words, environment: ["COLUMNS": "80"]).output
  }

  private static func name(_ path: [String], _ flag: String) -> String {
    (["layertap"] + path).joined(separator: "-") + flag.dropFirst("--help".count) + ".txt"
  }

  private static func expectFixture(_ path: [String], _ flag: String) throws {
    let outcome = try Tool.run(path + [flag], environment: ["COLUMNS": "80"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    let name = name(path, flag)
    let file = URL(filePath: "\(folder)/\(name)")
    if ProcessInfo.processInfo.environment["LAYERTAP_UPDATE_FIXTURES"] == "1" {
      try Data(outcome.output.utf8).write(to: file)
    }
    let fixture = (try? Data(contentsOf: file)).map { String(decoding: $0, as: UTF8.self) }
    #expect(outcome.output == fixture)
  }

  /// The labels of the options that a help describes, such as `-o, --output <file>`.
  private static func rows(_ help: String) -> [Substring] {
    help.split(separator: "\n").compactMap { $0.firstMatch(of: /^  ((-., )?--.*?)(  |$)/)?.output.1 }
  }

  @Test(arguments: paths)
  func theFirstHelpIsShortAndTheWholeOneWhole(path: [String]) throws {
    let command = Self.command(path)
    let first = try Self.rows(Self.help(path + ["--help"]))
    let all = try Self.rows(Self.help(path + ["--help-all"]))
    #expect(first.count <= 15)
    #expect(Set(all).isSuperset(of: first))
    let names = all.compactMap { $0.firstMatch(of: /--[-a-z0-9]+/)?.output }.map(String.init)
    #expect(names.sorted() == command.options.map(\.flagName).sorted())
    if command.hasManyOptions {
      #expect(first.contains { $0.hasPrefix("--help-all") })
      #expect(
        try Self.help(path + ["--help"]).hasSuffix(
          "  See 'layertap \(path.joined(separator: " ")) --help-all' for all \(all.count) options.\n"))
    } else {
      #expect(first == all)
    }
  }

  @Test func everyFixtureHasItsCommand() throws {
    let files = try FileManager.default.contentsOfDirectory(atPath: Self.folder)
    let names =
      Self.paths.map { Self.name($0, "--help") }
      + Self.paths.filter { Self.command($0).hasManyOptions }.map { Self.name($0, "--help-all") }
    #expect(Set(files) == Set(names))
  }
}
