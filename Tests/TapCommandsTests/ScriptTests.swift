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

  /// The files that `Scripts/install` and `Scripts/release` put beside the tool are those that the tool prints.
  @Test func documentsAreThoseOfTheTool() throws {
    try withTemporaryFolder { folder in
      let script = Repository.path("Scripts/documents")
      #expect(try Tool.run("/bin/bash", [script, Tool.path, folder + "/share"]).status == 0)
      for (file, words) in [
        ("man/man1/layertap.1", ["man"]), ("bash-completion/completions/layertap", ["completions", "bash"]),
        ("zsh/site-functions/_layertap", ["completions", "zsh"]),
        ("fish/vendor_completions.d/layertap.fish", ["completions", "fish"]),
      ] {
        let outcome = try Tool.run(words)
        #expect(outcome.status == 0 && !outcome.output.isEmpty, "\(words)")
        #expect(try String(contentsOfFile: "\(folder)/share/\(file)", encoding: .utf8) == outcome.output)
      }
    }
  }

  @Test(arguments: [
    "check", "documentation", "documents", "install", "licenses", "onnx-check", "parity", "python-check",
    "readme-check", "release",
    "static-build", "static-check",
  ])
  func anUnknownOptionIsAnErrorOfUsage(name: String) throws {
    let outcome = try Tool.run("/bin/bash", [Repository.path("Scripts/\(name)"), "--unknown"])
    #expect(outcome.status == 64)
    #expect((outcome.output + outcome.errors).contains("Scripts/\(name)"))
  }

  /// A release needs a version, a section of the changelog, and a tree without changes. Nothing is built before that.
  @Test func aReleaseIsRefused() throws {
    try withTemporaryFolder { folder in
      func write(_ text: String, to path: String) throws {
        let path = "\(folder)/\(path)"
        try FileManager.default.createDirectory(
          atPath: String(path.prefix(upTo: path.lastIndex(of: "/") ?? path.startIndex)),
          withIntermediateDirectories: true)
        try text.write(toFile: path, atomically: true, encoding: .utf8)
      }
      func refusal() throws -> String {
        let outcome = try Tool.run("/bin/bash", [folder + "/Scripts/release"])
        #expect(outcome.status == 1)
        return outcome.errors
      }
      let version = "Sources/LayerTap/Release.swift"
      try write(ReadmeTests.text("Scripts/release"), to: "Scripts/release")
      try write("  package static let version = \"1.2\"\n", to: version)
      try write("## [Unreleased]\n\n## [1.2.2]\n", to: "CHANGELOG.md")
      #expect(try refusal().contains("has the version '1.2', not three numbers"))
      try write("  package static let version = \"1.2.3\"\n", to: version)
      #expect(try refusal().contains("CHANGELOG.md has no section '## [1.2.3]'"))
      try write("## [1.2.3]\n", to: "CHANGELOG.md")
      #expect(try Tool.run("/usr/bin/env", ["git", "init", "--quiet", folder]).status == 0)
      #expect(try refusal().contains("has changes that are not committed"))
    }
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
