// What config.json beside weights, or a file's name, says of networks that no tensor tells from each other.

import TapArchitectures
import TapBackbone
import TapFileSystem
import TapFormats
import TapPipeline
import TestSupport
import Testing

@Suite struct ConfiguredNetworkTests {
  /// The tensors of a network, in timm's names where it is one of timm.safetensors.
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
      _ = try Backbone.loaded(path)
      return nil
    } catch { return error }
  }

  @Test func aStatedArchitectureIsBelievedOrRefused() throws {
    try withTemporaryFolder { folder in
      let (path, configuration) = (folder + "/model.safetensors", folder + "/config.json")
      try AtomicWriter.replace(path, with: WeightFiles.safetensors(try Self.parameters("resnet18")))
      let alone = try Backbone.loaded(path)
      #expect(
        alone.remarks.count == 1 && alone.remarks[0].contains("timm's resnetblur18"), "\(alone.remarks)")
      for name in ["resnet18", "resnet18.a1_in1k", "gluon_resnet18_v1b", "swsl_resnet18"] {
        try AtomicWriter.replace(configuration, with: Self.configuration(name))
        #expect(try Backbone.loaded(path).remarks == [], "\(name)")
      }
      for name in ["vgg16", "resnetblur18", "resnet50", "another"] {
        try AtomicWriter.replace(configuration, with: Self.configuration(name))
        let error = try #require(Self.error(path), "\(name)")
        #expect(
          error
            == .otherNetwork(
              path: path, named: name, in: configuration, recognised: "resnet18",
              meaning: NetworkNames.architecture(of: name)))
        #expect(error.description.contains(name) && error.description.contains("resnet18"))
        #expect(error.description.contains("ONNX") == ["resnetblur18", "another"].contains(name))
      }
      // A file of ours beside it says the preprocessing; config.json still says the network.
      try AtomicWriter.replace(path + ".preprocessing.json", with: "{\"size\": 64}")
      #expect(Self.error(path) != nil)
      try FileSystem.remove(path + ".preprocessing.json")
      // timm's arguments can change any layer.
      try AtomicWriter.replace(configuration, with: Self.configuration("resnet18", "{\"num_classes\": 7}"))
      #expect(Self.error(path) == nil)
      try AtomicWriter.replace(configuration, with: Self.configuration("resnet18", "{\"output_stride\": 16}"))
      #expect(Self.error(path)?.description.contains("output_stride") == true)
      // A name that says another network does so without a configuration too.
      try FileSystem.remove(configuration)
      try FileSystem.rename(path, to: folder + "/resnetblur18-trained.safetensors")
      let named = Self.error(folder + "/resnetblur18-trained.safetensors")
      #expect(named?.description.contains("its name says resnetblur18") == true)
    }
  }

  /// timm's Lite networks have PyTorch's padding and epsilon, or TensorFlow's where the name begins with `tf_`; the Lite package's
  /// names are TensorFlow's.
  @Test func theNumericsAreThoseOfTheName() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/model.safetensors"
      try AtomicWriter.replace(path, with: WeightFiles.safetensors(try Self.parameters("efficientnet_lite0")))
      let alone = try Backbone.loaded(path)
      #expect(
        alone.remarks.count == 1 && alone.remarks[0].contains("timm's tf_efficientnet_lite0"),
        "\(alone.remarks)")
      try AtomicWriter.replace(
        folder + "/config.json", with: Self.configuration("efficientnet_lite0.ra_in1k"))
      let plain = try Backbone.loaded(path)
      try AtomicWriter.replace(
        folder + "/config.json", with: Self.configuration("tf_efficientnet_lite0.in1k"))
      let tensorFlow = try Backbone.loaded(path)
      #expect(plain.remarks == [] && tensorFlow.remarks == [])
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
    ] { #expect(NetworkNames.architecture(of: name) == expected, "\(name)") }
    for name in [
      "resnetaa50", "resnetblur50", "resnet50d", "tf_mobilenetv3_large_075", "tf_resnet50",
      "tf_efficientnet_es", "seresnet50",
      "", "tv_vgg", "resnext101_32x4d",
    ] { #expect(NetworkNames.architecture(of: name) == nil, "\(name)") }
    #expect(NetworkNames.twin(ofFile: "resnetaa50_a1h-4cf422b3.pth", "resnet50") == "resnetaa50")
    #expect(NetworkNames.twin(ofFile: "resnetblur50d.pth", "resnet50") == nil)
  }

  /// The ending in capital letters is one of ONNX too.
  @Test func endingsMayBeCapital() throws {
    try withTemporaryFolder { folder in
      try AtomicWriter.replace(folder + "/NETWORK.ONNX", with: WeightFiles.onnx(layers: 2, channels: 4))
      #expect(try Backbone.loaded(folder + "/NETWORK.ONNX", isComplete: true).backbone.name == "NETWORK")
    }
  }
}
