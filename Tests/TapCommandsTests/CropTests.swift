import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// The crop removes parts of elongated images. `train` can choose the way to resize that suits such images.
@Suite struct CropTests {
  private static let network = [
    "--backbone", "net.safetensors", "--mean", "0,0,0", "--std", "1,1,1", "--layers", "layer1", "--c", "1",
    "--folds", "4",
  ]

  /// Images whose class shows only at their ends, outside the central square.
  private func withImages(width: Int, _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      for index in 0..<32 {
        let isBright = index % 2 == 0
        let place = "\(folder)/photos/\(isBright ? "bright" : "dark")"
        try FileSystem.createDirectories(place)
        let bytes = generatedPNG(width: width, height: 32, seed: index) { column, value in
          min(column, width - 1 - column) < width / 5 ? (isBright ? 200 : 20) : value
        }
        try AtomicWriter.replace("\(place)/\(index).png", with: bytes)
      }
      try body(folder)
    }
  }

  @Test func aLargeShareIsSaidOnce() throws {
    try withImages(width: 128) { folder in
      // The crop keeps 32 of 128 columns and all rows.
      for command in [["train", "photos", "-o", "m.layertap"], ["compare", "photos"]] {
        let outcome = try Tool.run(command + Self.network, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(
          outcome.errors.ranges(of: "The crop leaves out 75.0 % of the median image's area").count == 1,
          "\(outcome.errors)")
        let squashed = try Tool.run(command + Self.network + ["--resize", "squash"], in: folder)
        #expect(
          squashed.status == 0 && !squashed.errors.contains("The crop leaves out"), "\(squashed.errors)")
      }
    }
    try withImages(width: 32) { folder in
      let square = try Tool.run(["train", "photos", "-o", "m.layertap"] + Self.network, in: folder)
      #expect(square.status == 0 && !square.errors.contains("The crop leaves out"), "\(square.errors)")
    }
  }

  @Test func theBestWayToResizeIsFound() throws {
    try withImages(width: 128) { folder in
      let page = ["--report", "r.html"]
      let outcome = try Tool.run(
        ["train", "photos", "-o", "m.layertap", "--resize", "auto", "--embed-backbone"] + page + Self.network,
        in: folder)
      #expect(outcome.status == 0 && !outcome.errors.contains("The crop leaves out"), "\(outcome.errors)")
      let rows = outcome.output.split(separator: "\n").filter { $0.hasPrefix("layer1.2.relu_1-avg, ") }
      #expect(rows.count == 3 && rows.count { $0.hasSuffix("chosen") } == 1, "\(outcome.output)")
      #expect(
        rows.first { $0.hasSuffix("chosen") }?.hasPrefix("layer1.2.relu_1-avg, short") == false,
        "\(outcome.output)")
      #expect(FileSystem.exists(folder + "/r.html"))
      // The model contains the chosen way to resize. It predicts classes that show only at the ends of the images.
      let predicted = try Tool.run(["predict", "m.layertap", "photos", "--format", "csv"], in: folder)
      #expect(predicted.status == 0, "\(predicted.errors)")
      let lines = predicted.output.split(separator: "\n").dropFirst()
      #expect(
        lines.count == 32 && lines.allSatisfy { $0.contains("/bright/") == $0.contains(",bright,") },
        "\(predicted.output)")

      // A training with the chosen way alone gives the same model, even if its store has the rows in another order.
      let chosen = rows.first { $0.hasSuffix("chosen") }?.contains("squash") == true ? "squash" : "pad"
      let alone = try Tool.run(
        ["train", "photos", "-o", "a.layertap", "--resize", chosen, "--store", "other", "--embed-backbone"]
          + Self.network,
        in: folder)
      #expect(alone.status == 0, "\(alone.errors)")
      let again = try Tool.run(["predict", "a.layertap", "photos", "--format", "csv"], in: folder)
      #expect(again.output == predicted.output)

      let reordered = try Tool.run(
        ["extract", "photos/dark", "--resize", "squash", "--store", "reordered"] + Self.network.prefix(8),
        in: folder)
      #expect(reordered.status == 0, "\(reordered.errors)")
      let mixed = try Tool.run(
        ["train", "photos", "-o", "x.layertap", "--resize", "auto", "--store", "reordered"] + Self.network,
        in: folder)
      #expect(mixed.status == 0, "\(mixed.errors)")
      #expect(
        mixed.output.split(separator: "\n").filter { $0.hasPrefix("layer1.2.relu_1-avg, ") } == rows,
        "\(mixed.output)"
      )

      let compared = try Tool.run(
        ["compare", "photos", "--resize", "auto", "--format", "json", "--report", "c.html"] + Self.network,
        in: folder)
      #expect(compared.status == 0, "\(compared.errors)")
      let json = try JSONValue.parse(compared.output)
      #expect(try json.array("entries").map { $0["resize"]?.stringValue } == ["short", "squash", "pad"])
      let best = try json.array("entries")[json.int("best")]
      #expect(best["resize"]?.stringValue == chosen)
    }
  }

  @Test func lookingNeedsLabels() throws {
    try withImages(width: 128) { folder in
      for command in ["extract", "doctor"] {
        let outcome = try Tool.run(
          [command, "photos", "--resize", "auto"] + Self.network.prefix(8), in: folder)
        #expect(
          outcome.status == 64 && outcome.errors.contains("'auto' is invalid for '--resize <rule>'"),
          "\(outcome.errors)")
      }
      #expect(try Tool.run(["train", "photos", "-o", "m.layertap"] + Self.network, in: folder).status == 0)
      let warm = try Tool.run(
        ["train", "photos", "-o", "n.layertap", "--warm-start", "m.layertap", "--resize", "auto"], in: folder)
      #expect(warm.status == 64 && warm.errors.contains("--warm-start"), "\(warm.errors)")
    }
  }

  @Test func aCropWithoutEffectIsSaid() throws {
    try withImages(width: 32) { folder in
      let options = ["extract", "photos", "--crop-fraction", "0.5"] + Self.network.prefix(8)
      for rule in ["squash", "pad"] {
        let outcome = try Tool.run(options + ["--resize", rule], in: folder)
        #expect(
          outcome.errors.contains("The crop fraction 0.5 has no effect: '\(rule)' crops nothing"),
          "\(outcome)")
        #expect(try Tool.run(options + ["--resize", rule, "--strict"], in: folder).status == 65)
      }
      let short = try Tool.run(options + ["--resize", "short", "--strict"], in: folder)
      #expect(short.status == 0, "\(short.errors)")
    }
  }

  /// An image in a report shows the part that the network got.
  @Test func imagesShowTheFrame() throws {
    try withImages(width: 128) { folder in
      let outcome = try Tool.run(
        ["train", "photos", "-o", "m.layertap", "--test-fraction", "0.5", "--report", "r.html"]
          + Self.network, in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let page = String(decoding: try FileSystem.read(folder + "/r.html"), as: UTF8.self)
      let images = page.ranges(of: "<figure class=\"image\">").count
      // The frame covers 32 of 128 columns, from column 48, of an image of 128 x 32.
      #expect(
        images > 0
          && page.ranges(of: "<rect x=\"48.0\" y=\"0.0\" width=\"32.0\" height=\"32.0\"/>").count == images)
    }
  }
}
