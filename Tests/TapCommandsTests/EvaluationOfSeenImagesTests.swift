import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// `evaluate` on the training data: the accuracy on images that are new to the model comes first.
@Suite struct EvaluationOfSeenImagesTests {
  private func run(_ arguments: String..., in folder: String) throws -> Tool.Outcome {
    let outcome = try Tool.run(arguments, in: folder)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  /// Rows of noise in many columns. A model is right on every row that it was trained on, and guesses on other rows.
  private static func noise(_ rows: Range<Int>) -> [String] {
    var lines: [String] = []
    for row in rows {
      var numbers = Congruential(state: UInt64(row + 1) &* SplitMix64.increment)
      var fields = [""]
      for _ in 0..<60 {
        fields.append("\(Double(numbers.uniformFloat()))")
      }
      fields[0] = numbers.state >> 63 == 0 ? "a" : "b"
      lines.append(fields.joined(separator: ","))
    }
    return lines
  }

  private static func table(_ rows: [String]) -> String {
    "label," + (0..<60).map { "f\($0)" }.joined(separator: ",") + "\n" + rows.joined(separator: "\n") + "\n"
  }

  @Test func whatIsNewComesFirst() throws {
    try withTemporaryFolder { folder in
      for (name, rows) in [("train", 0..<40), ("new", 40..<70), ("both", 10..<70)] {
        try BadInputTests.write(Self.table(Self.noise(rows)), to: "\(folder)/\(name).csv")
      }
      _ = try run("train", "train.csv", "--c", "100", "-o", "m.layertap", in: folder)
      let new = try run("evaluate", "m.layertap", "new.csv", "--report", "new.html", in: folder)
      let line = try #require(new.output.split(separator: "\n").first)
      #expect(line.contains(" 30 images; majority class") && !new.output.contains("trained on or chosen by"))
      #expect(new.errors.filter { $0 == "\n" }.count == 1, "\(new.errors)")

      let mixed = try run("evaluate", "m.layertap", "both.csv", "--report", "both.html", in: folder)
      let lines = mixed.output.split(separator: "\n")
      // The first line gives the accuracy on the 30 unseen rows, as above. The second line gives the accuracy on all
      // 60, and the number of seen rows.
      #expect(lines[0] == line.replacing(" images;", with: " unseen images;"))
      #expect(
        lines[1].hasPrefix("All 60 images: ") && lines[1].contains("trained on or chosen by 30 of them"))
      let page = String(decoding: try FileSystem.read(folder + "/both.html"), as: UTF8.self)
      #expect(page.contains("30 unseen images") && page.contains("trained on or chosen by 30 of them"))
      let json = try JSONValue.parse(
        run("evaluate", "m.layertap", "both.csv", "--format", "json", in: folder).output)
      #expect(json["seen"] == .integer(30))
      #expect(json["images"] == .integer(60))
      #expect(json["unseen"]?["count"]?.intValue == 30)
      let unseen = try #require(json["unseen"]?["share"]?.doubleValue)
      let both = try #require(json["accuracy"]?["share"]?.doubleValue)
      #expect(unseen < 0.8)
      #expect(both > unseen)

      let all = try run("evaluate", "m.layertap", "train.csv", in: folder)
      #expect(
        all.output.hasPrefix("accuracy 100.0 % (")
          && all.output.contains("each of these 40 images: this measures nothing"))
    }
  }

  /// Images that only chose C count as seen too. Images of the test part do not.
  @Test func imagesThatChoseAreSeen() throws {
    try withTemporaryFolder { folder in
      let splits = ["train", "val", "test"]
      let rows = Self.noise(0..<60).enumerated().map { splits[$0 / 20] + "," + $1 }
      try BadInputTests.write("split," + Self.table(rows), to: folder + "/X.csv")
      _ = try run("train", "X.csv", "--no-refit", "--c", "1,10", "-o", "m.layertap", in: folder)
      let tested = try run("evaluate", "m.layertap", "X.csv", "--format", "json", in: folder)
      let json = try JSONValue.parse(tested.output)
      #expect(json["images"] == .integer(20))
      #expect(json["seen"] == .integer(0))
      try BadInputTests.write(Self.table(Self.noise(0..<60)), to: folder + "/Y.csv")
      let plain = try JSONValue.parse(
        run("evaluate", "m.layertap", "Y.csv", "--format", "json", in: folder).output)
      #expect(plain["images"] == .integer(60))
      #expect(plain["seen"] == .integer(40))
    }
  }

  @Test func modelsWithoutKeysSaySo() throws {
    try withTemporaryFolder { folder in
      let model = Repository.path("Tests/Reference/models/logistic.layertap")
      var table = "label," + (0..<19).map { "f\($0)" }.joined(separator: ",") + "\n"
      for row in 0..<20 {
        table +=
          (row % 2 == 0 ? "10," : "2,") + (0..<19).map { "\(($0 * row) % 7)" }.joined(separator: ",") + "\n"
      }
      try BadInputTests.write(table, to: folder + "/X.csv")
      let outcome = try run("evaluate", model, "X.csv", in: folder)
      #expect(
        outcome.errors.contains("The model does not say whether it was trained on these 20 images"),
        "\(outcome.errors)")
      let output = try run("evaluate", model, "X.csv", "--format", "json", in: folder).output
      let json = try JSONValue.parse(output)
      #expect(json["seen"] == .null)
      #expect(json["unseen"] == nil)
    }
  }
}
