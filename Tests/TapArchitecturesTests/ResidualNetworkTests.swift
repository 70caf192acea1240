// Compares timm's residual networks with timm in float64, with generated parameters:
// Tests/Reference/architectures/generate.py.

import TapArchitectures
import TapBackbone
import TapFileSystem
import TapFormats
import TapProvenance
import TapTensors
import TestSupport
import Testing

@Suite(.serialized) struct ResidualNetworkTests {
  /// The limit of the normalized error of the logits.
  private static let bar: Float = 2e-5

  /// timm's data about a network besides its logits.
  private struct Network {
    let tensorCount: Int
    let side: Int
    let preprocessing: Preprocessing

    init?(_ json: JSONValue) {
      guard let fields = json.arrayValue, fields.count == 5, let count = fields[0].intValue,
        let side = fields[1].intValue, let size = fields[2].intValue, let crop = fields[3].doubleValue,
        let interpolation = fields[4].stringValue.flatMap(Preprocessing.Interpolation.init(rawValue:))
      else { return nil }
      (tensorCount, self.side) = (count, side)
      preprocessing = Preprocessing(size: size, cropFraction: crop, interpolation: interpolation)
    }
  }

  private static let reference: (bytes: [UInt8], file: Safetensors)? = {
    guard
      let bytes = try? FileSystem.read(
        Repository.path("Tests/Reference/architectures/residual.safetensors")),
      let file = try? Safetensors(bytes.span)
    else { return nil }
    return (bytes, file)
  }()

  private static let networks: [String: JSONValue] = {
    (try? JSONValue.parse(reference?.file.metadata["networks"] ?? ""))?.objectValue ?? [:]
  }()

  /// The architectures that this suite compares.
  static let names = networks.keys.sorted()

  @Test(arguments: names)
  func agreesWithTimm(name: String) throws {
    let reference = try #require(Self.reference)
    let network = try #require(Self.networks[name].flatMap(Network.init))
    let parameters = try Architectures.parameters(of: name)
    #expect(parameters.count == network.tensorCount)
    let weights = ReferenceParameters.weights(parameters)
    // A network is recognized by its tensors, or by the file's name if another network has the same tensors.
    let recognized = Architectures.recognized(weights, origin: name + "_a1-0123.pth")
    let backbone = try #require(recognized)
    #expect(backbone.name == name && backbone.preprocessing == network.preprocessing)
    let plan = try backbone.plan(
      columns: [Column(tap: try backbone.resolve("logits"), pooling: .none)], size: network.side)
    let logits = plan.rows(ReferenceParameters.image(size: network.side))
    let expected = try reference.file.floats(name, in: reference.bytes.span).elements
    let error = normalizedError(logits, expected)
    #expect(error <= Self.bar, "\(error)")
  }

  /// Several networks can have the same tensors. The usual network is chosen, unless the file's name or the user states
  /// another network. The result names all networks.
  @Test(arguments: [
    ("resnetblur18", "torchvision's resnet18", "resnet18"), ("resnetaa34d", "timm's resnet34d", "resnet34d"),
  ])
  func twinsAreNamed(name: String, usual: String, architecture: String) throws {
    let weights = ReferenceParameters.weights(try Architectures.parameters(of: name))
    func recognition(_ origin: String, _ stated: String? = nil) throws -> RecognizedNetwork? {
      try Architectures.recognition(weights, origin: origin, stated: stated.flatMap(NetworkNames.meaning))
    }
    let alone = try #require(try recognition(""))
    #expect(alone.backbone.name == architecture && alone.choice?.taken == usual)
    #expect(alone.choice?.others == ["timm's \(name)"])
    let named = try #require(try recognition("\(name).pth"))
    #expect(named.backbone.name == name && named.choice?.others == [usual])
    for stated in [name, architecture] {
      #expect(try recognition("", stated)?.backbone.name == stated)
    }
    #expect(alone.backbone.graphHash != named.backbone.graphHash)
    #expect(try recognition("", "resnet50d") == nil)
  }

  /// Networks of timm that LayerTap does not have. Each has the tensors of a network that LayerTap has, and one more.
  private static let others: [(name: String, tensor: String, shape: Shape)] = [
    ("resnet26t", "layer1.0.se.conv.weight", [1, 1, 3]), ("resnet50d", "maxpool.0.weight", [64, 64, 3, 3]),
    ("seresnet18", "layer2.2.conv1.weight", [128, 128, 3, 3]),
    ("legacy_seresnet18", "layer0.conv2.weight", [64, 64, 3, 3]),
  ]

  @Test(arguments: others)
  func othersAreRefusedByName(name: String, tensor: String, shape: Shape) throws {
    let parameters = try Architectures.parameters(of: name) + [(name: tensor, shape: shape)]
    let weights = ReferenceParameters.weights(parameters)
    let error = #expect(throws: ArchitectureError.self) { try Architectures.recognition(weights) }
    guard case .unusedTensors([tensor], name, _, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }
}
