import FoundationEssentials
import TestSupport
import Testing

/// Checks of the scripts that neither download nor build anything.
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

  /// The files that `Scripts/install` installs beside the tool are those that the tool can print.
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

  /// A script finds guards that let a test pass without having run. It reports no other guards.
  @Test func silentTestsAreFound() throws {
    // The text has another word in place of `guard`, so that the script does not find these guards here.
    let text = """
      struct SomeTests {
        @Test func silent() throws {
          UNLESS let rows = try rows() else { return }
          #expect(rows.isEmpty)
        }

        @Test(arguments: [1, 2])
        func silentInAFolder(number: Int) throws {
          try withTemporaryFolder { folder in
            UNLESS let rows = try rows(in: folder),
              rows.count == number
            else {
              return
            }
            #expect(rows.isEmpty)
          }
        }

        @Test func afterAnExpectation() throws {
          #expect(try rows().count == 1)
          UNLESS try rows().isEmpty else { return }
          #expect(try rows().isEmpty)
        }

        @Test func withinAFunctionOrAClosure() throws {
          func next() {
            UNLESS isOpen else { return }
          }
          start { running in
            UNLESS running else { return }
          }
          #expect(isOpen)
        }

        private func rows() throws -> [Int] {
          UNLESS Weights.lite0Path() != nil else { return }
          return []
        }
      }

      """
    try withTemporaryFolder { folder in
      let script = Repository.path("Scripts/silent-tests")
      try BadInputTests.write(
        text.replacing("UNLESS", with: "guard"), to: folder + "/tests/SomeTests.swift")
      let found = try Tool.run("/usr/bin/env", ["python3", script, folder + "/tests"])
      #expect(found.status == 1)
      let places = found.errors.split(separator: "\n").compactMap { line in
        line.split(separator: ":").dropFirst(2).first.map(String.init)
      }
      #expect(places == ["3", "10", "36"], "\(found.errors)")
      #expect(try Tool.run("/usr/bin/env", ["python3", script]).status == 0)
    }
  }
}
