import FoundationEssentials
import LayerTap
import TapCommands
import TestSupport
import Testing

/// The manual page has everything that the commands declare.
@Suite struct ManualPageTests {
  private static func page() throws -> String {
    let outcome = try Tool.run(["man"])
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    return outcome.output
  }

  private static func escaped(_ text: String) -> String { text.replacing("-", with: "\\-") }

  @Test func everyOptionOfEveryCommandIsDescribed() throws {
    let page = try Self.page()
    for path in CommandPath.all(of: CommandLineTool.root) {
      let title = path.names.isEmpty ? ".SH OPTIONS\n" : ".SS \(path.names.joined(separator: " "))\n"
      let rest = try #require(page.split(separator: title).dropFirst().first)
      let section = try #require(rest.split(separator: "\n.S").first)
      for option in path.command.options {
        for spelling in option.spellings {
          #expect(section.contains("\\fB\(Self.escaped(spelling))\\fR"), "\(path.names) \(spelling)")
        }
        for choice in option.choices {
          #expect(section.contains(Self.escaped(choice)), "\(path.names) \(option.flagName) \(choice)")
        }
      }
    }
  }

  @Test(.enabled(if: CompletionTests.isInstalled("man")))
  func manFindsNothingToWarnOf() throws {
    try withTemporaryFolder { place in
      let path = "\(place)/layertap.1"
      try Data(Self.page().utf8).write(to: URL(filePath: path))
      let outcome = try Tool.run(
        "/usr/bin/env", ["man", "--warnings", "-l", path], environment: ["MANWIDTH": "80", "MANPAGER": "cat"])
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      #expect(outcome.output.contains("LAYERTAP(1)"))
    }
  }

  /// The page describes exit codes as the documentation does.
  @Test func theExitCodesAreThoseOfTheDocumentation() throws {
    let text = try ReadmeTests.text("Documentation/CommandLine.md")
    let rows = text.split(separator: "\n").filter { $0.firstMatch(of: /^\| \d+/) != nil }.map {
      $0.split(separator: "|").prefix(2).map {
        $0.replacing("`", with: "").split(separator: " ").joined(separator: " ")
      }
    }
    #expect(rows == ExitCode.meanings.map { [$0.codes, $0.text] })
  }
}
