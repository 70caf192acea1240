import FoundationEssentials
import TapCommands
import TestSupport
import Testing

/// The completions of shells are the declarations of the commands.
@Suite struct CompletionTests {
  static let commands = CommandPath.all(of: CommandLineTool.root)

  static func script(_ shell: String) throws -> String {
    let outcome = try Tool.run(["completions", shell])
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    return outcome.output
  }

  static func isInstalled(_ program: String) -> Bool {
    ["/usr/bin", "/bin", "/usr/local/bin"].contains {
      FileManager.default.isExecutableFile(atPath: "\($0)/\(program)")
    }
  }

  /// The completions for the last word of each line, as the script itself gives them in bash.
  private static func offered(_ lines: [[String]], in folder: String? = nil) throws -> [[String]] {
    try withTemporaryFolder { place in
      let path = "\(place)/layertap.bash"
      try Data(script("bash").utf8).write(to: URL(filePath: path))
      #expect(try Tool.run("/bin/bash", ["-n", path]).errors.isEmpty)
      let calls = lines.map { words in
        "try " + words.map { "'\($0)'" }.joined(separator: " ")
      }
      let program = """
        set -u
        source \(path)
        try() {
          COMP_WORDS=(layertap "$@") COMP_CWORD=$#
          _layertap
          printf '%s;' "${COMPREPLY[@]}"
          echo
        }
        cd \(folder ?? place)
        \(calls.joined(separator: "\n"))
        """
      let outcome = try Tool.run("/bin/bash", ["-c", program])
      #expect(outcome.status == 0 && outcome.errors.isEmpty, "\(outcome.errors)")
      return outcome.output.split(separator: "\n", omittingEmptySubsequences: false).prefix(lines.count)
        .map { $0.split(separator: ";").map(String.init) }
    }
  }

  @Test func bashCompletesCommandsOptionsAndValues() throws {
    let cases: [([String], [String])] = [
      (["tr"], ["train"]),
      (["help", "tr"], ["train"]),
      (["store", "in"], ["info"]),
      (["store", "info", "--f"], ["--format"]),
      (["train", "--class"], ["--classifier", "--class-weight"]),
      (["train", "--classifier", ""], ["logistic", "svm", "nearest-mean"]),
      (["train", "--classifier", "s"], ["svm"]),
      (["train", "--classifier", "=", "s"], ["svm"]),
      (["train", "--classifier", "="], ["logistic", "svm", "nearest-mean"]),
      (["train", "--classifier", "svm", "--lo"], ["--loss"]),
      (["train", "--pool", "avg", "m"], ["max"]),
      (["train", "--pool", "avg,m"], ["avg,max"]),
      (["train", "--backbone", "efficientnet_lite4"], ["efficientnet_lite4"]),
      (["layers", "efficientnet_lite4"], ["efficientnet_lite4"]),
      (["train", "--resize", "au"], ["auto"]),
      (["train", "--layers", "blocks.4", "READ"], ["README.md"]),
      (["train", "--folds", ""], []),
      (["train", "READ"], ["README.md"]),
      (["train", "--nested", "READ"], ["README.md"]),
      (["train", "-o", "READ"], ["README.md"]),
      (["train", "--store", "Sour"], ["Sources"]),
      (["train", "--store", "READ"], []),
      (["completions", ""], ["bash", "zsh", "fish"]),
    ]
    let found = try Self.offered(cases.map(\.0), in: Repository.path("."))
    for (found, (words, expected)) in zip(found, cases) { #expect(found == expected, "\(words)") }
  }

  @Test func bashOffersEveryOptionOfEveryCommand() throws {
    let found = try Self.offered(Self.commands.map { $0.names + ["-"] })
    for (found, path) in zip(found, Self.commands) {
      #expect(found.sorted() == path.command.options.flatMap(\.spellings).sorted(), "\(path.names)")
    }
  }

  @Test func bashOffersEveryValueOfEveryOption() throws {
    var lines: [[String]] = []
    var expected: [[String]] = []
    for path in Self.commands {
      for option in path.command.options where !option.choices.isEmpty {
        lines.append(path.names + [option.flagName, ""])
        expected.append(option.offered)
      }
    }
    #expect(lines.count > 50)
    let found = try Self.offered(lines)
    for index in lines.indices { #expect(found[index] == expected[index], "\(lines[index])") }
  }

  @Test func zshIsToldEveryOptionAndValue() throws {
    let script = try Self.script("zsh")
    #expect(script.hasPrefix("#compdef layertap\n"))
    for path in Self.commands {
      let name = "_" + (["layertap"] + path.names).joined(separator: "_")
      let body = try #require(script.split(separator: "\n\(name)() {\n").dropFirst().first)
      let function = body.split(separator: "\n}\n")[0]
      for option in path.command.options {
        for spelling in option.spellings {
          let start = try #require(
            function.firstRange(of: "\(spelling)[") ?? function.firstRange(of: "\(spelling)=["),
            "\(path.names) \(spelling)")
          let line = function[start.lowerBound...].prefix { $0 != "\n" }
          if !option.choices.isEmpty {
            #expect(line.contains("(\(option.offered.joined(separator: " ")))"), "\(path.names) \(spelling)")
          }
        }
      }
    }
  }

  @Test func fishIsToldEveryOptionAndValue() throws {
    let lines = try Self.script("fish").split(separator: "\n")
    for path in Self.commands {
      let key = path.names.map { "/" + $0 }.joined()
      let own = lines.filter { $0.hasPrefix("complete -c layertap -n '__layertap_at \\'\(key)\\'' ") }
      for option in path.command.options {
        let name = option.flagName.dropFirst(2)
        let line = try #require(own.first { $0.contains(" -l \(name) ") }, "\(key) \(name)")
        if let short = option.short { #expect(line.contains(" -s \(short) ")) }
        if !option.choices.isEmpty {
          #expect(line.contains(" -a '\(option.offered.joined(separator: " "))' "))
        }
      }
    }
  }

  @Test(arguments: ["zsh", "fish"].filter(isInstalled))
  func theShellReadsItsScript(shell: String) throws {
    try withTemporaryFolder { place in
      let path = "\(place)/_layertap"
      try Data(Self.script(shell).utf8).write(to: URL(filePath: path))
      let outcome = try Tool.run("/usr/bin/env", [shell, "-n", path])
      #expect(outcome.status == 0 && outcome.errors.isEmpty)
    }
  }

  @Test(.enabled(if: isInstalled("fish")))
  func fishCompletesCommandsOptionsAndValues() throws {
    try withTemporaryFolder { place in
      let path = "\(place)/layertap.fish"
      try Data(Self.script("fish").utf8).write(to: URL(filePath: path))
      func words(_ line: String) throws -> [String] {
        let outcome = try Tool.run(
          "/usr/bin/env", ["fish", "--no-config", "-c", "source \(path); complete -C '\(line)'"])
        return outcome.output.split(separator: "\n").map { String($0.prefix { $0 != "\t" }) }
      }
      #expect(try words("layertap tr") == ["train"])
      #expect(try words("layertap store in") == ["info"])
      #expect(try words("layertap train --classi") == ["--classifier"])
      #expect(try words("layertap train --classifier ").sorted() == ["logistic", "nearest-mean", "svm"])
    }
  }

  @Test func anUnknownShellIsAnErrorOfUsage() throws {
    let outcome = try Tool.run(["completions", "bahs"])
    #expect(outcome.status == 64)
    #expect(outcome.errors.contains("expected one of bash, zsh, fish. Did you mean 'bash'?"))
  }
}
