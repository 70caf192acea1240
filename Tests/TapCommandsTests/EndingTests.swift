import FoundationEssentials
import Glibc
import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// A command can end because of a signal, a closed stream or a fault.
@Suite struct EndingTests {
  /// Noise for which a hinge loss at a large C takes many minutes.
  private static func writeHardMatrix(_ folder: String) throws {
    var numbers = Congruential(state: 1)
    let values = (0..<2000 * 300).map { _ in numbers.uniformFloat() }
    try Checkpoints.writeMatrix(values, columns: 300, to: folder + "/X.npy")
    try BadInputTests.write(
      "label\n" + (0..<2000).map { "\($0 % 7)\n" }.joined(), to: folder + "/X.csv")
  }

  private static let hard = [
    "train", "X.npy", "--classifier", "svm", "--loss", "hinge", "--c", "1000", "-o", "m.layertap",
  ]

  /// A signal ends a command at any point within two seconds. The exit code is the signal's.
  @Test(arguments: zip([SIGINT, SIGTERM, SIGHUP], [130, 143, 129] as [Int32]))
  func aSignalEndsAFit(signal: Int32, code: Int32) throws {
    try withTemporaryFolder { folder in
      try Self.writeHardMatrix(folder)
      var ended = ContinuousClock.now
      let outcome = try Tool.start(Self.hard, in: folder) { running in
        usleep(1_500_000)
        running.signal(signal)
        ended = .now
      }
      #expect(outcome.status == code && outcome.errors.hasSuffix("interrupted\n"), "\(outcome)")
      #expect(ContinuousClock.now - ended < .seconds(2))
      #expect(try FileSystem.list(folder).sorted() == ["X.csv", "X.npy"])
    }
  }

  /// If `predict -` gets a signal while it waits for a line, it has answered all earlier lines, and ends.
  @Test func aSignalEndsAWait() throws {
    try withTemporaryFolder { folder in
      let image = try Self.trained(folder)
      let script = """
        (echo \(image); sleep 20) | (timeout --signal TERM --preserve-status 4 \(Tool.path) predict m.layertap -; echo $?)
        """
      let start = ContinuousClock.now
      let outcome = try Tool.run("/bin/bash", ["-c", script], in: folder)
      let lines = outcome.output.split(separator: "\n")
      #expect(
        lines.count == 2 && lines.first?.contains("\"path\":\"\(image)\"") == true && lines.last == "143",
        "\(outcome)")
      #expect(ContinuousClock.now - start < .seconds(25))
    }
  }

  /// A signal that the parent ignores, as `nohup` does, stays ignored.
  @Test func anIgnoredSignalStaysIgnored() throws {
    try withTemporaryFolder { folder in
      try Self.writeHardMatrix(folder)
      let script =
        "trap '' HUP; \(Tool.path) \(Self.hard.joined(separator: " ")) & sleep 1; kill -HUP $!; sleep 1; kill -0 $! && echo lives; kill -INT $!; kill -TERM $!; wait $!; echo $?"
      let outcome = try Tool.run("/bin/bash", ["-c", script], in: folder)
      // The audit of this matrix finds wrong labels.
      let lines = outcome.output.split(separator: "\n").filter { !$0.hasPrefix("audit  ") }
      #expect(lines == ["lives", "143"], "\(outcome)")
    }
  }

  /// A model with its own small backbone, and an image for it.
  private static func trained(_ folder: String) throws -> String {
    try TuneTests.writeNetwork(folder + "/net.safetensors")
    try writeGeneratedClasses(0..<8, to: folder + "/photos")
    let outcome = try Tool.run(
      [
        "train", "photos", "--backbone", "net.safetensors", "--mean", "0,0,0", "--std", "1,1,1", "--c", "1",
        "--folds", "2", "--embed-backbone", "-o", "m.layertap",
      ], in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return "photos/even/0.png"
  }

  /// Closed standard error stops no work. Closed standard output ends the work with code 141, however it was closed.
  @Test(arguments: [
    ("2>&-", 0), ("2> >(exec 0<&-; sleep 1)", 0), (">&-", 141), ("0<&- 2>&-", 0), ("> >(exec 0<&-)", 141),
    (">/dev/full", 75),
  ])
  func closedStreams(how: String, code: Int) throws {
    try withTemporaryFolder { folder in
      let rows = (0..<40).map { "\($0 % 2),\($0 % 2 * 3 + $0 % 5),\($0 % 7 == 0 ? 0 : 1)\n" }.joined()
      try BadInputTests.write("label,a,weight\n" + rows, to: folder + "/X.csv")
      // The sleep is long enough for the reader of the stream to end.
      let script = "( sleep 0.5; exec \(Tool.path) train X.csv --c 1 -o m.layertap ) \(how)"
      let outcome = try Tool.run("/bin/bash", ["-c", script], in: folder)
      #expect(Int(outcome.status) == code, "\(how): \(outcome)")
      guard code == 0 else { return }
      let model = try FileSystem.read(folder + "/m.layertap")
      #expect(try Tool.run(["evaluate", "m.layertap", "X.csv"], in: folder).status == 0)
      #expect(!String(decoding: model, as: UTF8.self).contains("have weight 0"), "a stream's text in a file")
    }
  }

  /// A fault, such as a failed runtime check of Swift, has a code and a message.
  @Test(arguments: [SIGTRAP, SIGILL, SIGSEGV])
  func aFaultIsOurs(signal: Int32) throws {
    try withTemporaryFolder { folder in
      try Self.writeHardMatrix(folder)
      let outcome = try Tool.start(Self.hard, in: folder, environment: ["SWIFT_BACKTRACE": "enable=no"]) {
        running in
        usleep(800_000)
        running.signal(signal)
      }
      #expect(outcome.status == 70 && outcome.errors.contains("a fault of layertap"), "\(outcome)")
    }
  }

  /// Each kind of failure has its own exit code.
  @Test func codesOfFailures() throws {
    try withTemporaryFolder { folder in
      let image = try Self.trained(folder)
      try BadInputTests.write("no image", to: folder + "/broken.jpg")
      try FileSystem.createDirectories(folder + "/taken.npy")
      let extract = [
        "extract", "photos", "--backbone", "net.safetensors", "--mean", "0,0,0", "--std", "1,1,1",
      ]
      let cases: [([String], Int32)] = [
        (["predict", "m.layertap", image], 0),
        (["train"], 64),
        (["train", "photos", "--c", "minus"], 64),
        (extract + ["--layers", "no-such-layer"], 64),
        (["predict", "broken.jpg", image], 65),
        (["predict", "m.layertap", image, "broken.jpg"], 65),
        (["store", "info", "photos"], 65),
        (["predict", "nowhere.layertap", image], 66),
        (["train", "nowhere"], 66),
        (["extract", "photos", "--backbone", "nowhere.pth"], 66),
        (["evaluate", "m.layertap", "nowhere.csv"], 66),
        (extract + ["--output", "taken.npy"], 73),
        (["train", "photos", "-o", "m.layertap/m", "--backbone", "net.safetensors"], 73),
      ]
      for (arguments, code) in cases {
        let outcome = try Tool.run(arguments, in: folder)
        #expect(outcome.status == code, "\(arguments): \(outcome)")
        #expect(code == 0 || outcome.errors.contains("Error: "), "\(arguments): \(outcome)")
      }
    }
  }

  /// Every error type that commands or calls of the C face can meet has an explicit code. An error type without a code
  /// would count as a fault.
  @Test func everyErrorHasACode() throws {
    let coded = try [
      "LayerTap/ExitCode.swift", "TapCommands/Framework/ExitCode.swift", "TapForeign/ForeignError.swift",
    ].map { file in
      String(decoding: try FileSystem.read(Repository.path("Sources/\(file)")), as: UTF8.self)
    }.joined()
    // These errors are converted to another error before a command gets them.
    let inner: Set<String> = [
      "CSVError", "GraphDocumentError", "ProvenanceError", "InflateError", "OperatorError", "PickleError",
      "ProtobufError",
      "SVMLightError",
      "ShapeError", "UnreadableImage", "NoAccuracy", "Reason", "CSVFeatureError", "InputFrameError", "JSONLinesError",
      "ListProblem", "Problem",
    ]
    var found = 0
    for file in try FileSystem.list(Repository.path("Sources")).flatMap({
      try Self.swiftFiles(Repository.path("Sources/\($0)"))
    }) {
      for match in String(decoding: try FileSystem.read(file), as: UTF8.self).matches(
        of: /(?:enum|struct) (\w+): Error\b/)
      {
        found += 1
        let name = String(match.1)
        #expect(inner.contains(name) || coded.contains("extension \(name): ExitCoded"), "\(name) in \(file)")
      }
    }
    #expect(found > 25)
  }

  private static func swiftFiles(_ folder: String) throws -> [String] {
    guard FileSystem.isDirectory(folder) else { return folder.hasSuffix(".swift") ? [folder] : [] }
    return try FileSystem.list(folder).flatMap { try swiftFiles("\(folder)/\($0)") }
  }
}
