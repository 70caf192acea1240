import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// A command's warnings are in its JSON and its pages. With `--strict`, a warning ends the command.
@Suite struct StrictTests {
  /// Two classes of eight generated images, and a file in one of them that is no image.
  private func withImages(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      try writeGeneratedClasses(0..<16, to: folder + "/photos")
      try BadInputTests.write("no image", to: folder + "/photos/even/damaged.png")
      try body(folder)
    }
  }

  private static let backbone = ["--backbone", "net.safetensors"]
  private static let preprocessing = ["--mean", "0,0,0", "--std", "1,1,1"]
  private static let leftOut = "1 images could not be read and are left out"
  private static let training = ["--c", "1", "--folds", "2"] + backbone + preprocessing

  private func warnings(_ text: String) throws -> [String] {
    try JSONValue.parse(text).array("warnings").compactMap(\.stringValue)
  }

  @Test func warningsStandInObjectsAndPages() throws {
    try withImages { folder in
      func run(_ arguments: [String]) throws -> Tool.Outcome {
        let outcome = try Tool.run(arguments, in: folder)
        #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
        #expect(
          outcome.errors.contains(Self.leftOut + ":\n  even/damaged.png: "), "\(arguments): \(outcome.errors)"
        )
        return outcome
      }
      let extracted = try run(["extract", "photos", "--format", "json"] + Self.backbone + Self.preprocessing)
      #expect(try warnings(extracted.output).contains(Self.leftOut))
      _ = try run(["train", "photos", "-o", "m.layertap", "--report", "train.html"] + Self.training)
      let compared = try run(
        ["compare", "photos", "--format", "json", "--report", "compare.html"] + Self.training)
      #expect(try warnings(compared.output).contains(Self.leftOut))
      let evaluated = try run(
        ["evaluate", "m.layertap", "photos", "--format", "json", "--report", "evaluate.html"] + Self.backbone)
      #expect(try warnings(evaluated.output).contains(Self.leftOut))
      let examined = try run(["doctor", "photos", "--format", "json"] + Self.backbone + Self.preprocessing)
      #expect(try warnings(examined.output).contains(Self.leftOut))
      for page in ["train", "compare", "evaluate"] {
        let text = String(decoding: try FileSystem.read("\(folder)/\(page).html"), as: UTF8.self)
        #expect(text.contains("<p class=\"warning\">\(Self.leftOut)"), "\(page)")
      }
    }
  }

  /// With `--strict`, every command ends with code 65 and the warning's text, and leaves existing files unchanged.
  @Test func strictWritesNothing() throws {
    try withImages { folder in
      let trained = try Tool.run(["train", "photos", "-o", "m.layertap"] + Self.training, in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let commands = [
        ["extract", "photos", "-o", "out.npy"] + Self.backbone + Self.preprocessing,
        ["train", "photos", "-o", "out.layertap", "--report", "out.html"] + Self.training,
        ["compare", "photos", "-o", "out.txt", "--report", "out.html"] + Self.training,
        ["evaluate", "m.layertap", "photos", "--predictions", "out.csv", "--report", "out.html"]
          + Self.backbone,
        ["doctor", "photos"] + Self.backbone + Self.preprocessing,
        ["audit", "photos", "-o", "out.csv"] + Self.backbone + Self.preprocessing,
        ["predict", "m.layertap", "photos/even/damaged.png"] + Self.backbone,
      ]
      for command in commands {
        let outcome = try Tool.run(command + ["--strict"], in: folder)
        #expect(outcome.status == 65 && outcome.output.isEmpty, "\(command): \(outcome)")
        #expect(outcome.errors.contains("damaged.png"), "\(command): \(outcome.errors)")
        let written = try FileSystem.list(folder).filter { $0.hasPrefix("out") || $0.hasPrefix(".out") }
        #expect(written.isEmpty, "\(command): \(written)")
      }
    }
  }

  /// With `--strict`, a stream ends at the first line that cannot be answered.
  @Test func strictEndsAStream() throws {
    try withImages { folder in
      let trained = try Tool.run(["train", "photos", "-o", "m.layertap"] + Self.training, in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let lines = ["photos/odd/1.png", "photos/even/damaged.png"] + (0..<400).map { _ in "photos/odd/3.png" }
      func predict(_ options: [String]) throws -> Tool.Outcome {
        try Tool.run(
          ["predict", "m.layertap", "-", "--threads", "1"] + Self.backbone + options, in: folder,
          input: lines.joined(separator: "\n") + "\n")
      }
      let whole = try predict([])
      #expect(
        whole.status == 65 && whole.output.split(separator: "\n").count == lines.count, "\(whole.errors)")
      let strict = try predict(["--strict"])
      let answers = strict.output.split(separator: "\n")
      #expect(strict.status == 65 && strict.errors.contains("damaged.png"), "\(strict.errors)")
      #expect(
        answers.count >= 2 && answers.count < lines.count && answers[1].contains("error"), "\(answers.count)")
    }
  }

  /// A training can give a warning after the fit and before the model is written.
  @Test func aLineOfATrainingIsAnError() throws {
    try withTemporaryFolder { folder in
      let rows = (0..<40).map { "\($0 % 2),\($0 % 2 * 30 + $0),\($0 % 7 == 0 ? 0 : 1)\n" }.joined()
      try BadInputTests.write("label,a,weight\n" + rows, to: folder + "/X.csv")
      let line = "6 images have weight 0 and are left out, as if they were not there."
      let said = try Tool.run(["train", "X.csv", "--c", "1", "-o", "m.layertap"], in: folder)
      #expect(said.status == 0 && said.errors.contains(line), "\(said.errors)")
      let old = try FileSystem.read(folder + "/m.layertap")
      let strict = try Tool.run(["train", "X.csv", "--c", "2", "-o", "m.layertap", "--strict"], in: folder)
      #expect(
        strict.status == 65 && strict.errors.hasPrefix("Error: \(line)\n'--strict' "), "\(strict.errors)")
      #expect(try FileSystem.read(folder + "/m.layertap") == old)
      let compared = try Tool.run(["compare", "X.csv", "--c", "1", "--strict"], in: folder)
      #expect(compared.status == 65 && compared.output.isEmpty && compared.errors.contains(line))
    }
  }
}
