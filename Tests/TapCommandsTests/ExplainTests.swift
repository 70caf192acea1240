// `explain` and `predict --explain`: the files, the numbers in them, and refused command lines.

import LayerTap
import TestSupport
import Testing

@Suite struct ExplainTests {
  /// A folder with images, a model of two layers' features, and a network with generated parameters.
  private func withModel(
    _ options: [String] = ["--layers", "layer2"], _ body: (String) throws -> Void
  ) throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      try writeGeneratedClasses(0..<12, to: folder + "/photos", width: 40, height: 30)
      for index in 0..<3 {
        try AtomicWriter.replace(
          "\(folder)/\(index).png", with: generatedPNG(width: 40, height: 30, seed: 50 + index))
      }
      let trained = try Tool.run(
        [
          "train", "photos", "--backbone", "net.safetensors", "--mean", "0,0,0", "--std", "1,1,1", "--embed-backbone",
          "--c", "0.1", "-o", "m.layertap",
        ] + options, in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      try body(folder)
    }
  }

  private func cells(_ layer: JSONValue) -> [Double] {
    (layer["cells"]?.arrayValue ?? []).flatMap { $0.arrayValue?.compactMap(\.doubleValue) ?? [] }
  }

  @Test func filesHoldTheSum() throws {
    try withModel { folder in
      let run = try Tool.run(
        ["explain", "m.layertap", "0.png", "1.png", "photos/odd", "--class", "odd", "--output", "why"], in: folder)
      #expect(run.status == 0 && run.errors.isEmpty, "\(run.errors)")
      let lines = run.output.split(separator: "\n")
      #expect(lines.count == 8 && lines[0].hasPrefix("0.png: "))
      #expect(lines[0].contains("score of odd ") && lines[0].contains(" = intercept "))
      // The image photos/odd/1.png has the name of an earlier image.
      let names = try FileSystem.list(folder + "/why").sorted()
      #expect(names.count == 24 && names.contains("1-2.png") && names.contains("1.png"))
      let json = try JSONValue.parse(FileSystem.read(folder + "/why/0.json"))
      let layer = try #require(json["layers"]?.arrayValue?.first)
      #expect(json["class"]?.stringValue == "odd" && json["against"] == .null)
      #expect(layer["layer"]?.stringValue?.hasPrefix("layer2") == true && layer["pooling"]?.stringValue == "avg")
      let cells = cells(layer)
      let score = try #require(json["score"]?.doubleValue)
      #expect(cells.count == 256 && abs(cells.reduce(0, +) - score) < 1e-5 * max(1, abs(score)))
      let legend = try #require(layer["colors"]?["raising"]?["value"]?.doubleValue)
      #expect(abs(legend - (cells.map(abs).max() ?? 0)) < 1e-12)
      #expect(layer["colors"]?["lowering"]?["value"]?.doubleValue == -legend)
      let array = try NPY.readFloats(FileSystem.read(folder + "/why/0.npy"))
      #expect(array.shape == [16, 16] && array.elements == cells.map { Float($0) })
      #expect(layer["image"]?.stringValue == "0.png" && layer["array"]?.stringValue == "0.npy")

      // The difference of two classes has the difference of the maps, and JSON on the output has the same numbers.
      func printed(_ options: [String]) throws -> JSONValue {
        let run = try Tool.run(["explain", "m.layertap", "0.png", "--format", "json"] + options, in: folder)
        #expect(run.status == 0, "\(run.errors)")
        return try #require(try JSONValue.parse(run.output).arrayValue?.first)
      }
      let own = try printed(["--class", "odd"])
      #expect(own["score"] == json["score"])
      let other = try printed(["--class", "even"])
      let difference = try printed(["--class", "odd", "--against", "even"])
      func first(_ value: JSONValue) throws -> [Double] {
        self.cells(try #require(value["layers"]?.arrayValue?.first))
      }
      for (d, (a, b)) in zip(try first(difference), zip(try first(own), try first(other))) {
        #expect(abs(d - (a - b)) < 1e-9)
      }
      #expect(try first(own) == cells)
    }
  }

  /// The heat map is the photograph that the network gets, in gray, with orange cells above 0 and blue cells below 0.
  @Test func heatMapsShowTheCells() throws {
    try withModel { folder in
      let run = try Tool.run(["predict", "m.layertap", "0.png", "--explain", "why"], in: folder)
      #expect(run.status == 0 && run.output.hasPrefix("0.png: "), "\(run.errors)")
      let drawn = try ImageDecoder.decode(FileSystem.read(folder + "/why/0.png"))
      let array = try NPY.readFloats(FileSystem.read(folder + "/why/0.npy")).elements
      #expect(drawn.width == 32 && drawn.height == 32)
      let extreme = array.map(abs).max() ?? 0
      for y in 0..<32 {
        for x in 0..<32 {
          let value = array[y / 2 * 16 + x / 2]
          guard abs(value) > extreme / 4 else { continue }
          let place = 3 * (32 * y + x)
          let (red, blue) = (Int(drawn.pixels[place]), Int(drawn.pixels[place + 2]))
          #expect(value > 0 ? red > blue : blue > red)
        }
      }
      let plain = try Tool.run(["predict", "m.layertap", "0.png"], in: folder)
      #expect(plain.output == run.output)
    }
  }

  @Test func joinedPoolingsAndNormalizedRowsAreNamed() throws {
    try withModel(["--layers", "layer1", "--pool", "avgmax", "--normalize-rows"]) { folder in
      let run = try Tool.run(["explain", "m.layertap", "0.png", "--format", "json"], in: folder)
      #expect(run.status == 0)
      #expect(run.errors.contains("note: rows are divided by their norm"))
      #expect(run.errors.contains("-avgmax is pooled by its maximum"))
      let json = try #require(try JSONValue.parse(run.output).arrayValue?.first)
      #expect(json["notes"]?.arrayValue?.count == 2)
      let score = try #require(json["score"]?.doubleValue)
      let cells = cells(try #require(json["layers"]?.arrayValue?.first))
      #expect(cells.count == 1024 && abs(cells.reduce(0, +) - score) < 1e-5 * max(1, abs(score)))
    }
  }

  @Test func wrongCommandLinesAreRefused() throws {
    try withModel { folder in
      func status(_ words: String...) throws -> (Int32, String) {
        let run = try Tool.run(words, in: folder)
        return (run.status, run.errors)
      }
      let inside = try status("explain", "m.layertap", "photos", "--output", "photos/even")
      #expect(inside.0 == 64 && inside.1.contains("choose another folder"))
      #expect(try FileSystem.list(folder + "/photos/even").count == 6)
      let unknown = try status("explain", "m.layertap", "0.png", "--class", "evn")
      #expect(unknown.0 == 64 && unknown.1.contains("Did you mean 'even'?"))
      #expect(try status("explain", "m.layertap", "0.png", "--against", "even").0 == 64)
      #expect(try status("explain", "m.layertap", "0.png", "--class", "odd", "--against", "odd").0 == 64)
      #expect(try status("explain", "m.layertap", "-").0 == 64)
      #expect(try status("predict", "m.layertap", "-", "--explain", "why").0 == 64)
      let gone = try status("explain", "m.layertap", "gone.png", "0.png", "--output", "why")
      #expect(gone.0 == 66 || gone.0 == 65)
      let file = try status("explain", "m.layertap", "0.png", "--output", "net.safetensors")
      #expect(file.0 == 73)
    }
  }

  @Test func gemIsRefused() throws {
    try withModel(["--layers", "layer1", "--pool", "gem"]) { folder in
      let run = try Tool.run(["explain", "m.layertap", "0.png"], in: folder)
      #expect(run.status == 65 && run.errors.contains("a generalized mean is no sum over positions"))
    }
  }
}
