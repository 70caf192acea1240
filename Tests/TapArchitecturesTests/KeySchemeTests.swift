// timm has other names for the same tensors. Compares the logits of timm's networks, with generated parameters, with
// the logits of the recognized architecture (Tests/Reference/architectures/generate.py).

import TapArchitectures
import TapBackbone
import TapFileSystem
import TapFormats
import TapProvenance
import TapTensors
import TestSupport
import Testing

@Suite struct KeySchemeTests {
  private static let expected = [
    "resnet18": "resnet18", "vgg11": "vgg11", "densenet121": "densenet121", "mobilenetv2_100": "mobilenet_v2",
    "mobilenetv3_large_100": "mobilenet_v3_large", "mobilenetv3_small_100": "mobilenet_v3_small",
    "tf_mobilenetv3_small_100": "mobilenet_v3_small", "efficientnet_b0": "efficientnet_b0",
    "tf_efficientnet_b1": "efficientnet_b1", "tf_efficientnet_lite0": "efficientnet_lite0",
    "efficientnet_lite0": "efficientnet_lite0",
    "convnext_tiny": "convnext_tiny", "efficientnet_b5": "efficientnet_b5",
    "tf_efficientnet_b3": "efficientnet_b3", "efficientnet_lite2": "efficientnet_lite2",
    "efficientnet-b0": "efficientnet_b0", "efficientnet-b1": "efficientnet_b1",
    "efficientnet-b3": "efficientnet_b3",
  ]

  @Test(arguments: expected.keys.sorted())
  func timmsNetworksAreRecognized(name: String) throws {
    let bytes = try FileSystem.read(Repository.path("Tests/Reference/architectures/timm.safetensors"))
    let file = try Safetensors(bytes.span)
    let listed = try #require(try JSONValue.parse(file.metadata["parameters"] ?? "")[name]?.arrayValue)
    let parameters = listed.map { pair in
      (
        pair.arrayValue?[0].stringValue ?? "",
        Shape(pair.arrayValue?[1].arrayValue?.compactMap(\.intValue) ?? [])
      )
    }
    let weights = ReferenceParameters.weights(parameters)
    let recognized = Architectures.recognized(weights, origin: name)
    #expect(recognized?.name == Self.expected[name])
    guard let backbone = recognized else { return }
    let plan = try backbone.plan(
      columns: [Column(tap: try backbone.resolve("logits"), pooling: .none)], size: 72)
    let logits = plan.rows(ReferenceParameters.image(size: 72))
    let reference = try file.floats(name, in: bytes.span).elements
    let error = normalizedError(logits, reference)
    #expect(error <= 2e-5, "\(error)")
    // A stated name has the same effect as the file's name.
    let meaning = try #require(NetworkNames.meaning(of: name))
    let stated = try Architectures.recognition(weights, stated: meaning)?.backbone
    #expect(stated?.graphHash == backbone.graphHash && stated?.weightsHash == backbone.weightsHash)
  }

  /// A network with random weights can also be requested by timm's name.
  @Test func tensorFlowsVariantsHaveNames() throws {
    let (plain, tensorFlow) = try (
      Architectures.seeded("efficientnet_b0", seed: 0), Architectures.seeded("tf_efficientnet_b0", seed: 0)
    )
    #expect(plain.name == tensorFlow.name && plain.graphHash != tensorFlow.graphHash)
    #expect(throws: ArchitectureError.self) { try Architectures.seeded("tf_resnet50", seed: 0) }
  }
}
