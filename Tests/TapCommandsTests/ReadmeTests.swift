// The claims of the README that a program can check: the README shows the code that is run, and LayerTap agrees with
// the Python code beside it.

import FoundationEssentials
import TapCommands
import TapFormats
import TestSupport
import Testing

@Suite struct ReadmeTests {
  static func text(_ path: String) throws -> String {
    String(decoding: try Data(contentsOf: URL(filePath: Repository.path(path))), as: UTF8.self)
  }

  static let example = "Examples/EmbedAndClassify/Sources/EmbedAndClassify/main.swift"

  @Test(arguments: [
    ("README.md", "python", "Tests/Reference/sklearn/readme_example.py"),
    ("README.md", "swift", example), ("Sources/LayerTap/LayerTap.docc/LayerTap.md", "swift", example),
  ])
  func codeIsWhatIsRun(page: String, language: String, path: String) throws {
    let block = "```\(language)\n" + (try Self.text(path)) + "```\n"
    #expect(try Self.text(page).contains(block), "\(page) does not show \(path) as it is")
  }

  /// The command lines of the README's shell blocks, as words without comments and redirections.
  static func commandLines() throws -> [[String]] {
    try text("README.md").split(separator: "\n").compactMap { line in
      let words = line.prefix { $0 != "#" && $0 != "|" }.split(separator: " ").map(String.init)
      let command = words.first == "$" ? Array(words.dropFirst()) : words
      return command.first == "layertap" ? Array(command.dropFirst()) : nil
    }
  }

  @Test func commandsAndOptionsThatItShowsExist() throws {
    let lines = try Self.commandLines()
    #expect(lines.count >= 10)
    for words in lines {
      var path = [words[0]]
      let command = try #require(CommandLineTool.root.subcommands.first { $0.name == words[0] }, "\(words)")
      if let second = words.dropFirst().first, command.subcommands.contains(where: { $0.name == second }) {
        path.append(second)
      } else {
        #expect(command.subcommands.isEmpty, "\(words)")
      }
      let help = try Tool.run(path + ["--help-all"]).output
      for word in words where word.hasPrefix("-") && word != "-" {
        #expect(help.contains("  \(word) ") || help.contains(", \(word) "), "\(word) of \(words)")
      }
    }
  }

  @Test func itShowsEveryCommand() throws {
    let shown = Set(try Self.commandLines().map { $0[0] })
    #expect(CommandLineTool.root.subcommands.map(\.name).filter { !shown.contains($0) } == [])
  }

  /// The commands of a page's console blocks, each with the output below it.
  static func consoleCommands(_ page: String) throws -> [(command: String, output: String)] {
    var commands: [(command: String, output: String)] = []
    var isInside = false
    for line in try text(page).split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix("```") {
        isInside = line == "```console"
      } else if isInside && line.hasPrefix("$ ") {
        commands.append((String(line.dropFirst(2)), ""))
      } else if isInside {
        commands[commands.count - 1].output += line + "\n"
      }
    }
    return commands
  }

  /// The text without the numbers that differ between machines and runs: the steps and the relative gap of a fit, and
  /// milliseconds, which have two decimals. The widths of columns depend on these numbers, so neighboring spaces become
  /// one.
  static func withoutMeasurements(_ text: String) -> String {
    text.replacing(/[0-9]+ Newton steps/, with: "~ Newton steps")
      .replacing(/relative [0-9.e-]+/, with: "relative ~").replacing(/[ ]+/, with: " ")
      .replacing(/[ ][0-9]+\.[0-9]{2}(?![0-9])/, with: " ~")
  }

  @Test(.needs(.lite0)) func consoleBlocksShowTheOutput() throws {
    let weights = try Weights.lite0Path()
    let tools = String(Tool.path.dropLast("/layertap".count))
    let path = try #require(ProcessInfo.processInfo.environment["PATH"])
    let commands = try Self.consoleCommands("README.md")
    #expect(Set(commands.map { $0.command.split(separator: " ")[1] }) == ["extract", "train", "predict", "compare"])
    try withTemporaryFolder { folder in
      try FileManager.default.createSymbolicLink(
        atPath: folder + "/data", withDestinationPath: Repository.path("data"))
      for (command, output) in commands {
        let outcome = try Tool.run(
          "/bin/bash", ["-o", "pipefail", "-c", command], in: folder,
          environment: [
            "PATH": "\(tools):\(path)",
            "LAYERTAP_WEIGHTS": String(weights.dropLast(Weights.lite0FileName.count + 1)),
          ])
        #expect(outcome.status == 0, "\(command): \(outcome.errors)")
        #expect(Self.withoutMeasurements(outcome.output) == Self.withoutMeasurements(output), "\(command)")
      }
    }
  }

  /// The limit of the difference of a predicted class's probability. scikit-learn stops at its default tolerance, so
  /// its optimum is approximate.
  static let probabilityTolerance = 0.005

  @Test(.needs(.lite0)) func predictionsAgreeWithTorchvisionAndScikitLearn() throws {
    let weights = try Weights.lite0Path()
    let text = try Self.text("Tests/Reference/sklearn/surfaces.json")
    let reference = try JSONValue.parse(text)
    try withTemporaryFolder { folder in
      let environment: [String: String?] = [
        "LAYERTAP_WEIGHTS": String(weights.dropLast(Weights.lite0FileName.count + 1))
      ]
      let data = Repository.path("data/surfaces")
      let c = "\(try reference.double("c"))"
      let trained = try Tool.run(
        ["train", data, "--c", c, "--output", "surfaces.layertap"], in: folder, environment: environment)
      try #require(trained.status == 0, "\(trained.errors)")
      let evaluated = try Tool.run(
        ["evaluate", "surfaces.layertap", data, "--predictions", "predictions.csv"], in: folder,
        environment: environment)
      try #require(evaluated.status == 0, "\(evaluated.errors)")

      let written = try CSV.parse(Array(try Data(contentsOf: URL(filePath: folder + "/predictions.csv"))))
      #expect(written.first == ["path", "label", "predicted", "probability"])
      let found = Dictionary(uniqueKeysWithValues: written.dropFirst().map { ($0[0], $0) })
      let expected = try reference.array("predictions")
      #expect(found.count == expected.count)
      for prediction in expected {
        let row = try #require(found[try prediction.string("path")])
        #expect(row[2] == (try prediction.string("predicted")), "\(row[0])")
        let probability = try #require(Double(row[3]))
        let difference = abs(probability - (try prediction.double("probability")))
        #expect(difference <= Self.probabilityTolerance, "\(row[0]): \(difference)")
      }
    }
  }
}
