import TapCommands
import Testing

@Suite struct HelpFormatterTests {
  static let command = Command(
    "tap",
    overview: "Tap a network.",
    discussion: """
      The layers are tapped in one pass, only as deep as the deepest one, and the rest of the network \
      is left alone.

        layertap tap photos
      """,
    parameters: [
      Parameter<[String]>.positionals("images", .text, help: "Folders and files.").declaration,
      Parameter<String>.option(
        "format", short: "f", .choice(["text", "csv"]), default: "text",
        help: "How the result is written, which is a long story that needs a second line."
      ).declaration,
      Parameter<Int?>.optional(
        "a-very-long-option-name", .integer(atLeast: 0), help: "Long.",
      ).declaration,
      Parameter<Bool>.flag("wide", topic: .output, isCommon: true, help: "Wide.").declaration,
    ]
  ) { _, _ in }

  @Test func theWholeTextAtSixtyColumns() {
    let help = HelpFormatter(Self.command, path: ["layertap", "tap"], width: 60).help
    #expect(
      help == """
        OVERVIEW: Tap a network.

        The layers are tapped in one pass, only as deep as the
        deepest one, and the rest of the network is left alone.

          layertap tap photos

        USAGE: layertap tap <images> ... [--format <format>]
               [--a-very-long-option-name <a-very-long-option-name>]
               [--wide] [--strict]

        ARGUMENTS:
          <images>                Folders and files.

        OPTIONS:
          -f, --format <format>   How the result is written, which
                                  is a long story that needs a
                                  second line. (values: text, csv;
                                  default: text)
          --a-very-long-option-name <a-very-long-option-name>
                                  Long.
          --wide                  Wide.
          --strict                End with an error (exit code 65)
                                  where the command would warn: of
                                  what it leaves out, reorders,
                                  guesses, rounds or stops early,
                                  and at the first image that cannot
                                  be read.
          -h, --help              Show help information.

        """)
  }

  /// More options than a short help shows.
  static let long = Command(
    "tap", overview: "Tap a network.", discussion: "In one pass.",
    details: "Only as deep as the deepest layer.",
    parameters: [
      Parameter<Bool>.flag("wide", topic: .output, isCommon: true, help: "Wide.").declaration,
      Parameter<Bool>.flag("deep", topic: .model, isCommon: true, help: "Deep.").declaration,
    ]
      + (1...13).map {
        Parameter<Bool>.flag("rare-\($0)", topic: .model, help: "Rare.").declaration
      }
  ) { _, _ in }

  @Test func theFirstHelpOfManyOptionsHasTheCommonOnes() {
    let help = HelpFormatter(Self.long, path: ["layertap", "tap"], width: 120).help
    #expect(
      help == """
        OVERVIEW: Tap a network.

        In one pass.

        USAGE: layertap tap [<options>]

        MODEL:
          --deep                  Deep.

        OUTPUT:
          --wide                  Wide.

        GENERAL:
          --strict                End with an error (exit code 65) where the command would warn: of what it leaves out,
                                  reorders, guesses, rounds or stops early, and at the first image that cannot be read.
          -h, --help              Show help information.
          --help-all              Show help information with every option.

          See 'layertap tap --help-all' for all 18 options.

        """)
  }

  @Test func theWholeHelpOfManyOptionsHasAllByTopic() {
    let help = HelpFormatter(Self.long, path: ["layertap", "tap"], width: 120, isWhole: true).help
    #expect(help.contains("In one pass.\n\nOnly as deep as the deepest layer.\n\nUSAGE"))
    #expect(help.contains("MODEL:\n  --deep                  Deep.\n  --rare-1                Rare.\n"))
    #expect(help.hasSuffix("Show help information with every option.\n"))
  }

  @Test func noLineIsWiderThanAsked() {
    for width in [40, 60, 80, 132] {
      let help = HelpFormatter(Self.command, path: ["layertap", "tap"], width: width).help
      for line in help.split(separator: "\n") where !line.contains("very-long") {
        #expect(line.count <= width)
      }
    }
  }
}
