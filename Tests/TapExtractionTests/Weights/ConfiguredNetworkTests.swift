// Networks with the same tensors are distinguished by the config.json beside the weights, or by the file's name.

import TapArchitectures
import TapBackbone
import TapExtraction
import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite struct ConfiguredNetworkTests {
  /// The names and shapes of a network's tensors. If timm.safetensors has the network, the names are timm's.
  private static func parameters(_ name: String) throws -> WeightFiles.Parameters {
    let bytes = try FileSystem.read(Repository.path("Tests/Reference/architectures/timm.safetensors"))
    let file = try Safetensors(bytes.span)
    guard let listed = try JSONValue.parse(file.metadata["parameters"] ?? "")[name]?.arrayValue else {
      return try Architectures.parameters(of: name).map { ($0.name, $0.shape.extents) }
    }
    return listed.map {
      ($0.arrayValue?[0].stringValue ?? "", $0.arrayValue?[1].arrayValue?.compactMap(\.intValue) ?? [])
    }
  }

  private static func configuration(_ name: String, _ arguments: String = "{}") -> String {
    """
    {"architecture": "\(name)", "model_args": \(arguments), "pretrained_cfg": {"mean": [0.5, 0.5, 0.5], "std": [0.5, 0.5, 0.5]}}
    """
  }

  private static func error(_ path: String) -> BackboneLoadingError? {
    do throws(BackboneLoadingError) {
      _ = try Backbone.loadWithOrigin(path)
      return nil
    } catch { return error }
  }

  @Test func aStatedArchitectureIsBelievedOrRefused() throws {
    try withTemporaryFolder { folder in
      let (path, configuration) = (folder + "/model.safetensors", folder + "/config.json")
      try AtomicWriter.replace(path, with: WeightFiles.safetensors(try Self.parameters("resnet18")))
      let alone = try Backbone.loadWithOrigin(path)
      #expect(
        alone.warnings.count == 1 && alone.warnings[0].contains("timm's resnetblur18"), "\(alone.warnings)")
      for name in ["resnet18", "resnet18.a1_in1k", "gluon_resnet18_v1b", "swsl_resnet18"] {
        try AtomicWriter.replace(configuration, with: Self.configuration(name))
        let found = try Backbone.loadWithOrigin(path)
        #expect(found.warnings == [] && found.backbone.graphHash == alone.backbone.graphHash, "\(name)")
      }
      try AtomicWriter.replace(configuration, with: Self.configuration("resnetblur18"))
      let blurred = try Backbone.loadWithOrigin(path)
      #expect(blurred.warnings == [] && blurred.backbone.name == "resnetblur18")
      for name in ["vgg16", "resnetaa50", "resnet50", "ecaresnet26t"] {
        try AtomicWriter.replace(configuration, with: Self.configuration(name))
        let error = try #require(Self.error(path), "\(name)")
        #expect(
          error
            == .otherNetwork(
              path: path, named: name, in: configuration, recognized: "resnet18",
              meaning: NetworkNames.architecture(of: name)))
        #expect(error.description.contains(name) && error.description.contains("resnet18"))
        #expect(error.description.contains("ONNX") == (name == "ecaresnet26t"))
        #expect(error.description.contains("create_model('ecaresnet26t'") == (name == "ecaresnet26t"))
      }
      // LayerTap's file beside the weights gives the preprocessing. config.json still gives the network.
      try AtomicWriter.replace(path + ".preprocessing.json", with: "{\"size\": 64}")
      #expect(Self.error(path) != nil)
      try FileSystem.remove(path + ".preprocessing.json")
      // timm's arguments in config.json can change any layer, so only harmless ones are accepted.
      try AtomicWriter.replace(configuration, with: Self.configuration("resnet18", "{\"num_classes\": 7}"))
      #expect(Self.error(path) == nil)
      try AtomicWriter.replace(configuration, with: Self.configuration("resnet18", "{\"output_stride\": 16}"))
      #expect(Self.error(path)?.description.contains("output_stride") == true)
      // Without config.json, the file's name decides between networks with the same tensors.
      try FileSystem.remove(configuration)
      try FileSystem.rename(path, to: folder + "/resnetblur18-trained.safetensors")
      let named = try Backbone.loadWithOrigin(folder + "/resnetblur18-trained.safetensors")
      #expect(
        named.backbone.name == "resnetblur18"
          && named.warnings.first?.contains("timm's resnetblur18 from torchvision's resnet18") == true,
        "\(named.warnings)")
    }
  }

  /// A stated architecture decides, if it fits the tensors and nothing contradicts it.
  @Test func aStatedSettingDecidesOrIsRefused() throws {
    try withTemporaryFolder { folder in
      let (path, configuration) = (folder + "/model.safetensors", folder + "/config.json")
      try AtomicWriter.replace(path, with: WeightFiles.safetensors(try Self.parameters("resnet18")))
      func loaded(_ architecture: String, _ source: String? = nil) throws(BackboneLoadingError)
        -> LoadedBackbone
      {
        try Backbone.loadWithOrigin(source ?? path, architecture: architecture)
      }
      #expect(try Backbone.loadWithOrigin(path).warnings.first?.contains("--architecture") == true)
      for (name, expected) in [
        ("resnet18", "resnet18"), ("tv_resnet18", "resnet18"), ("resnetblur18.untrained", "resnetblur18"),
      ] {
        let found = try loaded(name)
        #expect(found.backbone.name == expected && found.warnings == [], "\(name)")
      }
      #expect(
        throws: BackboneLoadingError.otherNetwork(
          path: path, named: "resnet50", in: "'architecture'", recognized: "resnet18", meaning: "resnet50")
      ) { try loaded("resnet50") }
      #expect(throws: BackboneLoadingError.unknownArchitecture("resnet19", nearest: "resnet18")) {
        try loaded("resnet19")
      }
      try AtomicWriter.replace(configuration, with: Self.configuration("resnet18.a1_in1k"))
      #expect(try loaded("resnet18").warnings == [])
      #expect(
        throws: BackboneLoadingError.contradiction(
          architecture: "resnetblur18", by: configuration, saying: "resnet18.a1_in1k")
      ) { try loaded("resnetblur18") }
      // A stated architecture is refused for a built-in network of another name, and for a file that needs none.
      #expect(throws: BackboneLoadingError.self) { try loaded("resnetblur50", "resnet50") }
      try FileSystem.remove(configuration)
      try AtomicWriter.replace(folder + "/n.onnx", with: WeightFiles.onnx(layers: 2, channels: 4))
      #expect(throws: BackboneLoadingError.noChoice("resnet18", path: folder + "/n.onnx")) {
        try loaded("resnet18", folder + "/n.onnx")
      }
    }
  }

  /// The error gives the name in config.json, and the line that exports this network to ONNX, whatever tensors the file
  /// has.
  @Test(arguments: [
    ("resnet50_gn", ["conv1.weight": [64, 3, 7, 7]]), ("tinynet_a", ["conv_stem.weight": [32, 3, 3, 3]]),
    ("ecaresnet26t", ["layer1.0.se.conv.weight": [1, 1, 3]]),
  ])
  func networksThatAreNotHereAreRefusedByName(name: String, tensors: [String: [Int]]) throws {
    try withTemporaryFolder { folder in
      let path = folder + "/model.safetensors"
      var parameters = tensors.map { (name: $0.key, shape: $0.value) }
      if name == "ecaresnet26t" { parameters += try Self.parameters("resnet26t") }
      try AtomicWriter.replace(path, with: WeightFiles.safetensors(parameters))
      let alone = try #require(Self.error(path))
      #expect(alone.description.contains("torch.onnx.export("), "\(alone)")
      try AtomicWriter.replace(folder + "/config.json", with: Self.configuration("\(name).in1k"))
      let named = try #require(Self.error(path)).description
      #expect(
        named.contains("says \(name).in1k, which is none of the networks here")
          && named.contains("timm.create_model('\(name)', checkpoint_path='\(path)')"), "\(named)")
    }
  }

  /// timm's Lite networks have PyTorch's padding and epsilon. If their name begins with `tf_`, they have TensorFlow's.
  /// The Lite package's names stand for TensorFlow's padding and epsilon.
  @Test func theNumericsAreThoseOfTheName() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/model.safetensors"
      try AtomicWriter.replace(path, with: WeightFiles.safetensors(try Self.parameters("efficientnet_lite0")))
      let alone = try Backbone.loadWithOrigin(path)
      #expect(
        alone.warnings.count == 1 && alone.warnings[0].contains("timm's tf_efficientnet_lite0"),
        "\(alone.warnings)")
      try AtomicWriter.replace(
        folder + "/config.json", with: Self.configuration("efficientnet_lite0.ra_in1k"))
      let plain = try Backbone.loadWithOrigin(path)
      try AtomicWriter.replace(
        folder + "/config.json", with: Self.configuration("tf_efficientnet_lite0.in1k"))
      let tensorFlow = try Backbone.loadWithOrigin(path)
      #expect(plain.warnings == [] && tensorFlow.warnings == [])
      #expect(plain.backbone.graphHash == alone.backbone.graphHash)
      #expect(plain.backbone.graphHash != tensorFlow.backbone.graphHash)
      #expect(
        tensorFlow.backbone.graphHash == (try Architectures.seeded("efficientnet_lite0", seed: 1)).graphHash)
    }
  }

  @Test func networksByName() {
    for (name, expected) in [
      ("resnet50.a1_in1k", "resnet50"), ("timm/resnet50", "resnet50"), ("tv_resnet50", "resnet50"),
      ("tf_efficientnet_b3_ns", "efficientnet_b3"), ("tf_efficientnet_b0.ap_in1k", "efficientnet_b0"),
      ("mobilenetv2_100", "mobilenet_v2"), ("tf_mobilenetv3_large_100", "mobilenet_v3_large"),
      ("resnet20", "resnet20_cifar10"), ("ig_resnext101_32x8d", "resnext101_32x8d"),
      ("gluon_resnet152_v1s", "resnet152s"), ("resnetaa50.a1h_in1k", "resnetaa50"),
      ("ssl_resnext101_32x4d", "resnext101_32x4d"), ("efficientnet-b3", "efficientnet_b3"),
    ] { #expect(NetworkNames.architecture(of: name) == expected, "\(name)") }
    for name in [
      "ecaresnet50d", "resnetrs50", "resnet50_gn", "tf_mobilenetv3_large_075", "tf_resnet50",
      "tf_efficientnet_es", "senet154", "efficientnet-es",
      "", "tv_vgg", "ig_resnext101_32x32d",
    ] { #expect(NetworkNames.architecture(of: name) == nil, "\(name)") }
    #expect(NetworkNames.twins(of: "resnet50") == ["resnetaa50", "resnetblur50"])
    #expect(
      NetworkNames.foreignTwin(ofFile: "efficientnet_blur_b0-1.pth", "efficientnet_b0")
        == "efficientnet_blur_b0")
  }

  /// A file whose name ends in `.ONNX` is read as an ONNX file too.
  @Test func endingsMayBeCapital() throws {
    try withTemporaryFolder { folder in
      try AtomicWriter.replace(folder + "/NETWORK.ONNX", with: WeightFiles.onnx(layers: 2, channels: 4))
      #expect(
        try Backbone.loadWithOrigin(folder + "/NETWORK.ONNX", isNormalizationGiven: true).backbone.name
          == "NETWORK")
    }
  }
}
