// `train --novelty`, and the novelty that `predict` prints.

import LayerTap
import TestSupport
import Testing

@Suite struct NoveltyTests {
  /// Two classes of rows with 200 rows each, in different directions from the origin.
  private static func table() -> String {
    var numbers = XorShift(seed: 5)
    var text = "label,a,b,c\n"
    for row in 0..<400 {
      let center: [Double] = row % 2 == 0 ? [5, 1, 0] : [1, 5, 0]
      let values = center.map { String($0 + 0.4 * numbers.normal()) }
      text += "\(row % 2 == 0 ? "x" : "y"),\(values.joined(separator: ","))\n"
    }
    return text
  }

  @Test func predictSaysWhatIsUnlikeTheTraining() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table(), to: folder + "/X.csv")
      try BadInputTests.write("a,b,c\n5,1,0\n1,1,9\n10,2,0\n", to: folder + "/new.csv")
      for (model, options) in [("plain", []), ("measured", ["--novelty"])] {
        let trained = try Tool.run(["train", "X.csv", "--c", "1", "-o", model] + options, in: folder)
        #expect(trained.status == 0, "\(trained.errors)")
      }
      func predict(_ model: String, _ options: String...) throws -> String {
        let run = try Tool.run(["predict", model, "new.csv"] + options, in: folder)
        #expect(run.status == 0, "\(run.errors)")
        return run.output
      }
      let lines = try predict("measured").split(separator: "\n")
      let plain = try predict("plain").split(separator: "\n")
      #expect(lines.count == 3 && plain.count == 3)
      for (line, before) in zip(lines, plain) {
        #expect(line.hasPrefix(before + ", novelty 0.") || line.hasPrefix(before + ", novelty 1.00"))
      }
      #expect(lines[1].hasSuffix(", novelty 1.00: unlike the training images"))
      #expect(!lines[0].contains("unlike") && !lines[2].contains("unlike"))
      let json = try #require(try JSONValue.parse(predict("measured", "--format", "json")).arrayValue)
      #expect(json.map { $0["novelty"]?["unlike"] } == [.bool(false), .bool(true), .bool(false)])
      #expect(json[1]["novelty"]?["percentile"]?.doubleValue == 1)
      // The length of a row does not change its novelty.
      let distances = json.compactMap { $0["novelty"]?["distance"]?.doubleValue }
      #expect(distances.count == 3 && abs(distances[0] - distances[2]) < 1e-9)
      #expect(try predict("measured", "--format", "csv").hasPrefix("path,rank,class,probability,novelty\n"))
      #expect(try !predict("plain", "--format", "json").contains("novelty"))
    }
  }

  @Test func aClassOfOneRowGivesAWarning() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write("label,a\nx,1\nx,2\ny,3\n", to: folder + "/X.csv")
      let words = ["train", "X.csv", "--c", "1", "--novelty", "-o", "m"]
      let trained = try Tool.run(words, in: folder)
      #expect(
        trained.status == 0 && trained.errors.contains("The model gets no measure of novelty: "), "\(trained.errors)")
      #expect(try Tool.run(words + ["--strict"], in: folder).status == 65)
    }
  }

  @Test func aStreamHasTheNovelty() throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      try writeGeneratedClasses(0..<20, to: folder + "/photos")
      let trained = try Tool.run(
        [
          "train", "photos", "--backbone", "net.safetensors", "--mean", "0,0,0", "--std", "1,1,1", "--embed-backbone",
          "--c", "1", "--layers", "layer1", "--novelty", "-o", "m",
        ], in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let run = try Tool.run(["predict", "m", "-"], in: folder, input: "photos/even/0.png\n")
      let line = try JSONValue.parse(run.output)
      #expect(line["novelty"]?["distance"]?.doubleValue != nil && line["class"]?.stringValue != nil)
      // The explanation of an image changes neither its class nor its novelty.
      let plain = try Tool.run(["predict", "m", "photos/even/0.png"], in: folder)
      let explained = try Tool.run(["predict", "m", "photos/even/0.png", "--explain", "why"], in: folder)
      #expect(plain.output.contains(", novelty ") && explained.output == plain.output, "\(explained.errors)")
    }
  }
}
