import FoundationEssentials
import TestSupport
import Testing

/// What can be said of the scripts without fetching and building anything.
@Suite struct ScriptTests {
  static let names: [String] = {
    let files = (try? FileManager.default.contentsOfDirectory(atPath: Repository.path("Scripts"))) ?? []
    return files.filter { !$0.contains(".") }.sorted()
  }()

  @Test(arguments: names)
  func aScriptIsExecutableAndStopsAtErrors(name: String) throws {
    let path = Repository.path("Scripts/\(name)")
    #expect(FileManager.default.isExecutableFile(atPath: path))
    let text = try ReadmeTests.text("Scripts/\(name)")
    if text.hasPrefix("#!/usr/bin/env bash\n") {
      #expect(text.contains("\nset -euo pipefail\n"))
      #expect(try Tool.run("/bin/bash", ["-n", path]).status == 0)
    } else {
      #expect(text.hasPrefix("#!/usr/bin/env python3\n"))
    }
  }

  /// What is installed beside the tool is what the tool prints.
  @Test func installAsksForDocumentsThatThereAre() throws {
    let lines = try ReadmeTests.text("Scripts/install").split(separator: "\n")
    let documents = lines.compactMap { $0.firstMatch(of: /^  '([^' ]+) ([^']+)'$/)?.output }
    #expect(
      documents.map { String($0.1.split(separator: "/").last ?? "") }.sorted() == [
        "_layertap", "layertap", "layertap.1", "layertap.fish",
      ])
    for document in documents {
      let outcome = try Tool.run(document.2.split(separator: " ").map(String.init))
      #expect(outcome.status == 0 && !outcome.output.isEmpty, "\(document.2)")
    }
  }

  @Test(arguments: ["check", "documentation", "install", "parity"])
  func anUnknownOptionIsAnErrorOfUsage(name: String) throws {
    let outcome = try Tool.run("/bin/bash", [Repository.path("Scripts/\(name)"), "--unknown"])
    #expect(outcome.status == 64)
    #expect((outcome.output + outcome.errors).contains("Scripts/\(name)"))
  }
}
