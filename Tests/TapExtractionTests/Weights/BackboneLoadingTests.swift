// The recognition of a file of weights, and the origin of its preprocessing.

import TapArchitectures
import TapBackbone
import TapExtraction
import TapFileSystem
import TapFormats
import TapONNX
import TapProvenance
import TestSupport
import Testing

@Suite struct BackboneLoadingTests {
  private static let name = "resnet20_cifar10"

  private static func parameters(prefix: String = "") throws -> WeightFiles.Parameters {
    try Architectures.parameters(of: name).map { (prefix + $0.name, $0.shape.extents) }
  }

  private static func write(_ bytes: [UInt8], to path: String) throws {
    try AtomicWriter.replace(path, with: bytes)
  }

  private static let timms = """
    {"architecture": "resnet20", "pretrained_cfg": {"mean": [0.1, 0.2, 0.3], "std": [0.4, 0.5, 0.6],
     "input_size": [3, 48, 48], "crop_pct": 0.5, "interpolation": "bicubic", "crop_mode": "center"}}
    """

  /// Preprocessing comes from the first of these sources that there is: options, LayerTap's file, timm's file, the
  /// publication of the weights, the architecture's default.
  @Test func preprocessingComesInOrder() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/some.pth"
      try Self.write(WeightFiles.legacyPickle(try Self.parameters()), to: path)
      let bare = try Backbone.loadWithOrigin(path)
      #expect(bare.origin == .architecture && bare.backbone.name == Self.name)
      #expect(bare.backbone.preprocessing.size == 32)

      // A config.json that is not timm's says nothing.
      try AtomicWriter.replace(folder + "/config.json", with: "{\"model_type\": \"resnet\"}")
      #expect(try Backbone.loadWithOrigin(path).origin == .architecture)
      try AtomicWriter.replace(folder + "/config.json", with: Self.timms)
      let timms = try Backbone.loadWithOrigin(path)
      var expected = Preprocessing()
      (expected.size, expected.cropFraction, expected.scale) = (48, 0.5, 255)
      (expected.mean, expected.standardDeviation) = ([0.1, 0.2, 0.3], [0.4, 0.5, 0.6])
      (expected.interpolation, expected.resize) = (.bicubic, .short)
      #expect(timms.origin == .file(folder + "/config.json") && timms.backbone.preprocessing == expected)

      expected.size = 40
      try AtomicWriter.replace(path + ".preprocessing.json", with: expected.json.canonical)
      let ours = try Backbone.loadWithOrigin(path)
      #expect(ours.origin == .file(path + ".preprocessing.json") && ours.backbone.preprocessing == expected)
      let changed = try Backbone.loadWithOrigin(path) { found in
        var changed = found
        changed.size = 64
        return changed
      }
      expected.size = 64
      #expect(changed.backbone.preprocessing == expected)

      try AtomicWriter.replace(path + ".preprocessing.json", with: "{\"size\": \"large\"}")
      #expect(throws: BackboneLoadingError.self) { try Backbone.loadWithOrigin(path) }
    }
  }

  @Test(.needs(.data("weights/resnet20-12fca82f.th"))) func aPublishedFileIsKnown() throws {
    let published = try TestData.path("weights/resnet20-12fca82f.th")
    #expect(try Backbone.loadWithOrigin(published).origin == .published("resnet20-12fca82f.th"))
  }

  /// `extract` and `layers` give the origin of the preprocessing, and warn if it is a guess.
  @Test func theCommandsSayWherePreprocessingComesFrom() throws {
    try withTemporaryFolder { folder in
      try Self.write(WeightFiles.legacyPickle(try Self.parameters()), to: folder + "/some.pth")
      try FileSystem.createDirectories(folder + "/photos")
      try Self.write(generatedPNG(width: 40, height: 40, seed: 1), to: folder + "/photos/a.png")
      let extract = ["extract", "photos", "--backbone", "some.pth", "--output", "f.npy"]
      let guessed = try Tool.run(extract, in: folder)
      #expect(
        guessed.status == 0 && guessed.errors.contains("Nothing is known of these weights' preprocessing"))
      let given = try Tool.run(extract + ["--mean", "0,0,0", "--std", "1,1,1"], in: folder)
      #expect(given.status == 0 && !given.errors.contains("Nothing is known"))
      #expect(
        try Tool.run(["layers", "some.pth"], in: folder).output.contains("(the architecture's default)"))
      try AtomicWriter.replace(folder + "/config.json", with: Self.timms)
      let told = try Tool.run(extract, in: folder)
      #expect(told.status == 0 && told.errors.contains("preprocessing from ./config.json"), "\(told.errors)")
      #expect(try Tool.run(["layers", "some.pth"], in: folder).output.contains("(from ./config.json)"))
    }
  }

  @Test(arguments: ["state_dict", "model", "state_dict_ema", "model_ema"])
  func wrappersOfTrainingScriptsAreTakenOff(wrapper: String) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/checkpoint.pth"
      try Self.write(
        WeightFiles.legacyPickle(try Self.parameters(prefix: "module."), wrapper: wrapper), to: path)
      #expect(try Backbone.load(path).name == Self.name)
    }
  }

  @Test func aHashInTheNameIsCompared() throws {
    try withTemporaryFolder { folder in
      let bytes = WeightFiles.zippedPickle(try Self.parameters())
      let hash = SHA256.hash(bytes).hex
      // Dates and counts of steps in a file's name are not taken for hashes.
      for name in [
        "r-\(hash.prefix(8)).pth", "r-\(hash).pth", "r.pth", "r-20260131.pth", "r-best.pth",
        "best-12345678.pth",
        "ckpt-00000100.pth", "r-99999999.pth",
      ] {
        try Self.write(bytes, to: folder + "/" + name)
        #expect(try Backbone.load(folder + "/" + name).name == Self.name, "\(name)")
      }
      func error(_ name: String) throws -> WeightsError? {
        let path = folder + "/" + name
        try Self.write(bytes, to: path)
        let error = #expect(throws: BackboneLoadingError.self) { try Backbone.load(path) }
        guard case .weights(let error)? = error else { return nil }
        return error
      }
      let own = try error("r-0123abcd.pth")
      #expect(own == .otherHash(path: folder + "/r-0123abcd.pth", expected: "0123abcd", actual: hash))
      // The error gives the publisher's address only for the publisher's file. It tells no user to delete a file.
      #expect(
        own.map { !$0.description.contains("weights list") && $0.description.contains("another name") }
          == true)
      for name in ["resnet18-f37072fd.pth", "efficientnet-lite0-57934424.pth"] {
        let published = try #require(try error(name), "\(name)")
        guard case .damaged = published else {
          Issue.record("\(published)")
          continue
        }
        #expect(published.description.contains(try #require(KnownWeights.named(name)).address))
        #expect(published.description.contains("another name") && !published.description.contains("emove"))
      }
    }
  }

  @Test func anONNXFileIsRefusedUntilSomethingSaysItsPreprocessing() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/network.onnx"
      try Self.write(WeightFiles.onnx(layers: 2, channels: 4), to: path)
      #expect(throws: BackboneLoadingError.noPreprocessing(path)) { try Backbone.load(path) }
      #expect(try Backbone.loadWithOrigin(path, isNormalizationGiven: true).origin == .given)
      try AtomicWriter.replace(path + ".preprocessing.json", with: Preprocessing().json.canonical)
      let loaded = try Backbone.loadWithOrigin(path)
      #expect(loaded.origin == .file(path + ".preprocessing.json"))
      // The ONNX file determines the size of its images.
      #expect(loaded.backbone.preprocessing.size == 32)
    }
  }

  @Test func weightsThatAreNoNumbersAreNamed() throws {
    try withTemporaryFolder { folder in
      let parameters = try Self.parameters()
      var bytes = WeightFiles.legacyPickle(parameters)
      // The change concerns the last value of the last storage.
      bytes.replaceSubrange(bytes.count - 4..<bytes.count, with: [Float.nan].littleEndianBytes)
      try Self.write(bytes, to: folder + "/nan.pth")
      let error = #expect(throws: BackboneLoadingError.self) { try Backbone.load(folder + "/nan.pth") }
      #expect("\(error, default: "")".contains(try #require(parameters.last).name))

      bytes = WeightFiles.onnx(layers: 2, channels: 4)
      let half = [Float(0.5)].littleEndianBytes
      let first = try #require(bytes.indices.first { Array(bytes[$0...].prefix(8)) == half + half })
      bytes.replaceSubrange(first..<first + 4, with: [Float.nan].littleEndianBytes)
      try Self.write(bytes, to: folder + "/nan.onnx")
      let expected = ONNXError(path: folder + "/nan.onnx", reason: .notFinite(tensor: "w0", index: 0))
      #expect(throws: BackboneLoadingError.onnx(expected)) {
        try Backbone.loadWithOrigin(folder + "/nan.onnx", isNormalizationGiven: true)
      }
    }
  }
}
