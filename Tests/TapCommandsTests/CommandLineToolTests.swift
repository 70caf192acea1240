import TapCommands
import TestSupport
import Testing

/// The built tool: how a command line finds its command, and the errors if there is none.
@Suite struct CommandLineToolTests {
  static let pinned: [String: String?] = ["COLUMNS": "80"]

  @Test func theVersionIsARelease() throws {
    let outcome = try Tool.run(["--version"])
    #expect(outcome.status == 0 && outcome.output == "0.2.0\n" && outcome.errors.isEmpty)
  }

  @Test(arguments: [[], ["--help"], ["-h"], ["help"]])
  func theRootHelpComesInEveryWay(arguments: [String]) throws {
    let outcome = try Tool.run(arguments, environment: Self.pinned)
    #expect(outcome.status == 0 && outcome.errors.isEmpty)
    #expect(outcome.output.hasPrefix("OVERVIEW: Tap a frozen convolutional backbone"))
  }

  @Test func anUnknownOptionIsAUsageError() throws {
    let outcome = try Tool.run(["--versoin"], environment: Self.pinned)
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(
      outcome.errors == """
        Error: Unknown option '--versoin'. Did you mean '--version'?
        Usage: layertap <subcommand>
          See 'layertap --help' for more information.

        """)
  }

  @Test func anUnknownCommandIsAUsageError() throws {
    let outcome = try Tool.run(["frobnicate"], environment: Self.pinned)
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(outcome.errors.hasPrefix("Error: Unknown command 'frobnicate'\nUsage: layertap <subcommand>\n"))
  }

  @Test(arguments: [
    (["tarin"], "Unknown command 'tarin'. Did you mean 'train'?"),
    (["help", "tarin"], "Unknown command 'tarin'. Did you mean 'train'?"),
    (["hlep"], "Unknown command 'hlep'. Did you mean 'help'?"),
    (["store", "inof"], "Unknown command 'inof'. Did you mean 'info'?"),
    (["help", "store", "inof"], "Unknown command 'inof'. Did you mean 'info'?"),
    (["help", "frobnicate"], "Unknown command 'frobnicate'"),
    (["help", "train", "photos"], "Unexpected argument 'photos'"),
    (["help", "train", "--help-al"], "Unknown option '--help-al'. Did you mean '--help-all'?"),
    (["train", "--help-al"], "Unknown option '--help-al'. Did you mean '--help-all'?"),
    (["train", "--lables", "a.csv"], "Unknown option '--lables'. Did you mean '--labels'?"),
    (["extract", "--valid", "photos"], "Unknown option '--valid'"),
    (["train", "--valid", "photos"], "Unknown option '--valid'. Did you mean '--validation-fraction'?"),
    (
      ["train", "--classifier", "svn", "photos"],
      "expected one of logistic, svm, nearest-mean. Did you mean 'svm'?"
    ),
  ])
  func theNearestNameIsSuggested(arguments: [String], message: String) throws {
    let outcome = try Tool.run(arguments, environment: Self.pinned)
    #expect(outcome.status == 64 && outcome.output.isEmpty)
    #expect(outcome.errors.split(separator: "\n").first?.hasSuffix(message) == true, "\(outcome.errors)")
  }

  @Test func aBrokenPipeEndsQuietly() throws {
    let outcome = try Tool.run(
      "/bin/bash", ["-c", "trap '' PIPE; \(Tool.path) --help | true; echo ${PIPESTATUS[0]}"])
    // If the reader ends late, the pipe has taken the whole text, and the exit code is 0.
    #expect(["141\n", "0\n"].contains(outcome.output) && outcome.errors.isEmpty)
  }

  @Test func aFullDiskUnderTheOutputIsAFailure() throws {
    let outcome = try Tool.run("/bin/bash", ["-c", "\(Tool.path) --help > /dev/full"])
    #expect(outcome.status == 75)
    #expect(outcome.errors.hasPrefix("Error: the disk is full: could not write standard output"))
  }
}
