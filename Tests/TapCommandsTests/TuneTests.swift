// `--tune` on the command line. The tests write their choices into the cache's file, since measured times differ.

import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite struct TuneTests {
  /// Writes the ResNet-20 for CIFAR-10 with generated parameters.
  static func writeNetwork(_ path: String) throws {
    var tensors: Checkpoints.Tensors = [:]
    func add(_ name: String, _ shape: [Int], _ range: ClosedRange<Float>) {
      let values = ReferenceParameters.uniform(name, count: shape.reduce(1, *))
      tensors[name] = (shape, values.map { range.lowerBound + $0 * (range.upperBound - range.lowerBound) })
    }
    func convolution(_ name: String, _ norm: String, _ outputs: Int, _ inputs: Int) {
      let bound = (6 / Float(inputs * 9)).squareRoot()
      add(name + ".weight", [outputs, inputs, 3, 3], -bound...bound)
      for (part, range) in [
        ("weight", 0.5...1.5), ("running_var", 0.5...1.5), ("bias", -0.5...0.5), ("running_mean", -0.5...0.5),
      ] as [(String, ClosedRange<Float>)] {
        add("\(norm).\(part)", [outputs], range)
      }
    }
    convolution("conv1", "bn1", 16, 3)
    var channels = 16
    for (stage, width) in [16, 32, 64].enumerated() {
      for block in 0..<3 {
        let prefix = "layer\(stage + 1).\(block)."
        convolution(prefix + "conv1", prefix + "bn1", width, channels)
        convolution(prefix + "conv2", prefix + "bn2", width, width)
        channels = width
      }
    }
    add("linear.weight", [10, 64], -0.1...0.1)
    add("linear.bias", [10], -0.1...0.1)
    try Checkpoints.write(tensors, to: path)
  }

  @Test func choicesGoFromCacheToStoreToModel() throws {
    try withTemporaryFolder { folder in
      try Self.writeNetwork(folder + "/net.safetensors")
      try writeGeneratedClasses(0..<8, to: folder + "/photos")
      func layertap(_ arguments: String...) throws -> Tool.Outcome {
        try Tool.run(arguments, in: folder, environment: ["XDG_CACHE_HOME": folder + "/cache"])
      }
      let measured = try layertap(
        "extract", "photos", "--backbone", "net.safetensors", "--tune", "--store", "first")
      #expect(measured.status == 0 && measured.errors.contains("tuned: "), "\(measured.errors)")
      let cache = folder + "/cache/layertap/tuned"
      #expect(try FileSystem.list(cache).count == 1)
      let file = cache + "/" + (try #require(FileSystem.list(cache).first))
      var fields = try #require(try JSONValue.parse(FileSystem.read(file)).objectValue)
      fields["algorithms"] = .object(["3x3 32-32 at 16x16": .string("direct")])
      try AtomicWriter.replace(file, with: JSONValue.object(fields).pretty)

      let known = try layertap(
        "extract", "photos", "--backbone", "net.safetensors", "--tune", "--store", "s", "--format", "json")
      #expect(
        known.errors.contains("tuned: direct for 3x3 32-32 at 16x16 (measured before, \(file))"),
        "\(known.errors)")
      let store = try #require(try JSONValue.parse(known.output)["store"]?.stringValue)
      let json = try JSONValue.parse(FileSystem.read("\(folder)/\(store)/store.json"))
      #expect(json["identity"]?["algorithms"]?.canonical == #"{"3x3 32-32 at 16x16":"direct"}"#)
      #expect(
        try layertap("store", "info", "s").output.contains("  tuned          direct for 3x3 32-32 at 16x16\n")
      )

      // From here on, the store determines the algorithm, even if the cache changes.
      try AtomicWriter.replace(file, with: "{")
      let trained = try layertap(
        "train", "photos", "--backbone", "net.safetensors", "--tune", "--store", "s", "--c", "1", "-o",
        "m.layertap")
      #expect(trained.status == 0 && trained.errors.contains("(as in \(store))"), "\(trained.errors)")
      // The evaluation computes nothing, since the store has the model's features.
      let evaluated = try layertap(
        "evaluate", "m.layertap", "photos", "--backbone", "net.safetensors", "--store", "s")
      #expect(evaluated.status == 0, "\(evaluated.errors)")
      #expect(try FileSystem.list(folder + "/s").count == 1)
      #expect(try FileSystem.list("\(folder)/\(store)/runs").filter { $0.hasSuffix(".json") }.count == 1)
      let predicted = try layertap(
        "predict", "m.layertap", "photos/odd/1.png", "--backbone", "net.safetensors")
      #expect(predicted.status == 0 && !predicted.errors.contains("note"), "\(predicted.errors)")
      #expect(try String(decoding: FileSystem.read(file), as: UTF8.self) == "{")

      let warm = try layertap(
        "train", "photos", "--warm-start", "m.layertap", "--backbone", "net.safetensors", "--store", "s",
        "-o", "w")
      #expect(warm.status == 0 && !warm.errors.contains("tuned:"), "\(warm.errors)")
      #expect(try FileSystem.list(folder + "/s").count == 1)

      let again = try layertap(
        "extract", "photos", "--backbone", "net.safetensors", "--tune", "--store", "t", "--dry-run")
      #expect(again.status == 0 && again.errors.contains("note: \(file) is of no use"), "\(again.errors)")
      #expect(try JSONValue.parse(FileSystem.read(file))["algorithms"] != nil)
    }
  }

  @Test func refusesWhatHasNothingToTune() throws {
    try withTemporaryFolder { folder in
      try WarmStartTests.write(["a", "b", "a", "b"], to: folder + "/f.csv")
      for arguments in [
        ["layers", "resnet20_cifar10", "--tune"], ["train", "f.csv", "--tune"],
        ["compare", "f.csv", "--tune"], ["predict", "m", "x.png", "--tune"],
      ] {
        let outcome = try Tool.run(arguments, in: folder)
        #expect(outcome.status == 64 && outcome.errors.contains("--tune"), "\(outcome.errors)")
      }
      let trained = try Tool.run(["train", "f.csv", "--c", "1", "-o", "m.layertap"], in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      let warm = try Tool.run(["train", ".", "--warm-start", "m.layertap", "--tune"], in: folder)
      #expect(warm.status == 64, "\(warm.errors)")
      #expect(
        warm.errors.contains(
          "'--tune' chooses algorithms, and '--warm-start' keeps those of the earlier model"),
        "\(warm.errors)")
    }
  }

  @Test func layersShowsTunedAlgorithms() throws {
    try withTemporaryFolder { folder in
      let environment = ["XDG_CACHE_HOME": folder as String?]
      let plain = try Tool.run(["layers", "resnet20_cifar10", "--time", "--format", "csv"])
      #expect(plain.output.contains("winograd 3x3"))
      let first = try Tool.run(["layers", "resnet20_cifar10", "--time", "--tune"], environment: environment)
      #expect(first.status == 0 && first.errors.contains("tuned: "), "\(first.errors)")
      let file =
        "\(folder)/layertap/tuned/" + (try #require(FileSystem.list(folder + "/layertap/tuned").first))
      var fields = try #require(try JSONValue.parse(FileSystem.read(file)).objectValue)
      let kinds = fields["subject"]?["geometries"]?.arrayValue?.compactMap(\.stringValue) ?? []
      #expect(kinds.count == 4)
      fields["algorithms"] = .object(Dictionary(uniqueKeysWithValues: kinds.map { ($0, .string("direct")) }))
      try AtomicWriter.replace(file, with: JSONValue.object(fields).pretty)
      let direct = try Tool.run(
        ["layers", "resnet20_cifar10", "--time", "--tune", "--format", "csv"], environment: environment)
      #expect(direct.output.contains("direct 3x3") && !direct.output.contains("winograd"), "\(direct.output)")
    }
  }

  /// Without a store, the earlier measurement determines the algorithms. Other algorithms round differently, but
  /// predict the same class.
  @Test(.needs(.data("weights"))) func classifyComputesByTunedAlgorithms() throws {
    let weights = try TestData.path("weights")
    try withTemporaryFolder { folder in
      func classify(_ options: String...) throws -> (notes: String, index: Int?, probability: Double) {
        let outcome = try Tool.run(
          [
            "classify", Repository.path("data/photos/cat.jpg"), "--format", "json", "--backbone",
            weights + "/squeezenet1_1_zip.pth",
          ] + options, environment: ["XDG_CACHE_HOME": folder])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let first = try JSONValue.parse(outcome.output).arrayValue?.first?["predictions"]?.arrayValue?.first
        return (
          outcome.errors, first?["index"]?.intValue, try #require(first?["probability"]?.doubleValue)
        )
      }
      let plain = try classify()
      #expect(try classify("--tune").notes.contains("tuned: "))
      let cache = folder + "/layertap/tuned"
      let file = cache + "/" + (try #require(FileSystem.list(cache).first))
      var fields = try #require(try JSONValue.parse(FileSystem.read(file)).objectValue)
      let kinds = fields["subject"]?["geometries"]?.arrayValue?.compactMap(\.stringValue) ?? []
      fields["algorithms"] = .object(Dictionary(uniqueKeysWithValues: kinds.map { ($0, .string("direct")) }))
      try AtomicWriter.replace(file, with: JSONValue.object(fields).pretty)
      let direct = try classify("--tune")
      #expect(direct.notes.contains("measured before, \(file)"), "\(direct.notes)")
      #expect(direct.index != nil && direct.index == plain.index)
      let difference = abs(direct.probability - plain.probability)
      #expect(difference > 0 && difference < 1e-5, "\(difference)")
    }
  }
}
