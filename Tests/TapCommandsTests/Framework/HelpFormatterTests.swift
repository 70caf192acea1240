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
      Parameter<Bool>.flag("wide", section: "SHAPE", help: "Wide.").declaration,
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
          --strict                End with an error (exit code 65)
                                  where the command would warn: of
                                  what it leaves out, reorders,
                                  guesses, rounds or stops early,
                                  and at the first image that cannot
                                  be read.
          -h, --help              Show help information.

        SHAPE:
          --wide                  Wide.

        """)
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
