import TapCommands
import Testing

@Suite struct ArgumentScannerTests {
  static let images = Parameter<[String]>.positionals("images", .text, help: "Images.")
  static let layers = Parameter<[String]>.list("layers", .text, default: ["penultimate"], help: "Layers.")
  static let threads = Parameter<Int?>.optional("threads", short: "t", .integer(in: 1...64), help: "Threads.")
  static let format = Parameter<String>.option(
    "format", .choice(["text", "csv"]), default: "text", help: "Format.")
  static let dryRun = Parameter<Bool>.flag("dry-run", help: "Dry run.")

  func scan(_ words: String...) throws(UsageError) -> ParsedArguments {
    try ArgumentScanner(
      declarations: [
        Self.images.declaration, Self.layers.declaration, Self.threads.declaration, Self.format.declaration,
        Self.dryRun.declaration,
      ] + Options.preprocessing.declarations
    ).scan(words)
  }

  @Test func defaultsAreFilledIn() throws {
    let arguments = try scan("photos")
    #expect(arguments[Self.images] == ["photos"])
    #expect(arguments[Self.layers] == ["penultimate"])
    #expect(arguments[Self.threads] == nil)
    #expect(arguments[Self.format] == "text")
    #expect(arguments[Self.dryRun] == false)
    #expect(!arguments.has(Self.layers))
  }

  @Test func valuesFollowASpaceOrAnEqualsSign() throws {
    let arguments = try scan("--threads", "4", "photos", "--format=csv", "--dry-run")
    #expect(arguments[Self.threads] == 4)
    #expect(arguments[Self.format] == "csv")
    #expect(arguments[Self.dryRun])
    #expect(try scan("photos", "-t", "2")[Self.threads] == 2)
    #expect(try scan("photos", "-t=2")[Self.threads] == 2)
  }

  @Test func listsTakeCommasRowsAndRepetition() throws {
    for arguments in [
      try scan("photos", "--layers", "a", "b", "c"), try scan("photos", "--layers", "a,b,c"),
      try scan("--layers=a", "--layers=b,c", "photos"), try scan("--layers", "a", "b,c", "--", "photos"),
    ] {
      #expect(arguments[Self.layers] == ["a", "b", "c"])
      #expect(arguments[Self.images] == ["photos"])
    }
  }

  @Test func aListGivesBackWhatARequiredPositionalMisses() throws {
    let arguments = try scan("--layers", "a", "b", "photos")
    #expect(arguments[Self.layers] == ["a", "b"])
    #expect(arguments[Self.images] == ["photos"])
    // A list keeps at least one value.
    #expect(throws: UsageError.missingArgument("<images> ...")) { try scan("--layers", "a") }
    // If another option follows a list, all values before that option belong to the list.
    #expect(throws: UsageError.missingArgument("<images> ...")) {
      try scan("--layers", "a", "b", "--dry-run")
    }
  }

  @Test func theLastOfRepeatedOptionsCounts() throws {
    #expect(try scan("photos", "--threads", "2", "--threads=3")[Self.threads] == 3)
  }

  @Test func twoHyphensEndTheOptionsAndOneIsAPositional() throws {
    #expect(try scan("--", "--layers", "-x")[Self.images] == ["--layers", "-x"])
    #expect(try scan("-")[Self.images] == ["-"])
  }

  @Test func negativeNumbersAreValues() throws {
    #expect(
      try Options.preprocessing.value(scan("photos", "--mean", "-1,.5,2")).changes.mean == [-1, 0.5, 2])
    #expect(
      throws: UsageError.invalidValue(
        "-1", argument: "--threads <threads>",
        expected: "an integer from 1 to 64", suggestion: nil)
    ) { try scan("photos", "--threads", "-1") }
  }

  @Test func mistakesAreNamed() {
    #expect(throws: UsageError.unknownOption("--layer", suggestion: "--layers")) {
      try scan("photos", "--layer", "a")
    }
    #expect(throws: UsageError.unknownOption("--frobnicate", suggestion: nil)) {
      try scan("photos", "--frobnicate=1")
    }
    #expect(throws: UsageError.missingValue(option: "--format <format>")) { try scan("photos", "--format") }
    #expect(throws: UsageError.missingValue(option: "--format <format>")) {
      try scan("photos", "--format", "--dry-run")
    }
    #expect(throws: UsageError.unexpectedValue(flag: "--dry-run", value: "yes")) {
      try scan("photos", "--dry-run=yes")
    }
    #expect(
      throws: UsageError.invalidValue(
        "txt", argument: "--format <format>",
        expected: "one of text, csv", suggestion: "text")
    ) { try scan("photos", "--format", "txt") }
    #expect(throws: UsageError.missingArgument("<images> ...")) { try scan() }
  }

  @Test(arguments: ["1,2", "1,2,3,4", "1,2,x", "1,2,inf", "1,2,nan", "1,,2,3", ""])
  func threeNumbersAreThreeFiniteNumbers(text: String) {
    #expect(throws: UsageError.self) { try scan("photos", "--mean=\(text)") }
  }

  @Test func aListRefusesEmptyValues() {
    #expect(throws: UsageError.self) { try scan("photos", "--layers", "a,,b") }
  }

  @Test func onePositionalIsOneWord() throws {
    let model = Parameter<String>.positional("model", .text, help: "Model.")
    let scanner = ArgumentScanner(declarations: [model.declaration])
    #expect(try scanner.scan(["shirts"])[model] == "shirts")
    #expect(throws: UsageError.unexpectedArgument("b")) { try scanner.scan(["a", "b"]) }
    #expect(throws: UsageError.missingArgument("<model>")) { try scanner.scan([]) }
  }
}
