// Builds backbones from weights and the name of an architecture.

import TapBackbone
import TapFormats
import TapProvenance
import TapTensors

/// The networks that can be built by name.
public enum Architectures {
  /// The name of the default architecture.
  public static let defaultName = "efficientnet_lite0"

  /// All names, in alphabetical order. Names of timm such as `tf_efficientnet_b0` are accepted too. The prefix `tf_`
  /// means TensorFlow's padding and epsilon.
  public static let names: [String] = all.map(\.name)

  static let all: [Architecture] =
    ([AlexNet.architecture, MobileNetV2.architecture] + VGG.variants.map(\.architecture)
    + ResNet.variants.map(\.architecture) + CIFARResNet.variants.map(\.architecture)
    + SqueezeNet.variants.map(\.architecture) + MobileNetV3.variants.map(\.architecture)
    + DenseNet.variants.map(\.architecture) + EfficientNet.variants.map(\.architecture)
    + EfficientNetLite.variants.map(\.architecture) + ConvNeXt.variants.map(\.architecture))
    .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }

  /// Builds a backbone from trained weights.
  ///
  /// - Parameters:
  ///   - name: one of ``names``.
  ///   - weights: a state dictionary with the architecture's own tensor names. Tensors that the
  ///     architecture does not use are ignored.
  /// - Throws: ``ArchitectureError`` if the name is unknown, if tensors are missing, or if a tensor has a wrong shape
  ///   or values that are not finite.
  package static func build(_ name: String, weights: StateDictionary) throws(ArchitectureError) -> Backbone {
    try architecture(name).backbone(.trained(weights))
  }

  /// Builds a network with random weights. Such a network is a baseline: the comparison with trained weights shows the
  /// value of training.
  ///
  /// A counter-based generator draws each parameter from the seed, the parameter's name and the element's index
  /// (`SeededParameters`), so the weights are the same on every machine.
  ///
  /// - Throws: ``ArchitectureError/unknownArchitecture(_:known:nearest:)``.
  public static func seeded(_ name: String, seed: UInt64) throws(ArchitectureError) -> Backbone {
    let (architecture, traits) = try variant(name)
    return try architecture.backbone(.seeded(SeededParameters(seed: seed)), traits: traits)
  }

  /// The names, shapes and costs of a network's layers, without weights.
  ///
  /// - Throws: ``ArchitectureError/unknownArchitecture(_:known:nearest:)``.
  public static func layers(of name: String) throws(ArchitectureError) -> LayerTable {
    try outline(of: name).outline.table
  }

  /// The facts about a network that need no weights, and the preprocessing of the network's first published weights.
  ///
  /// - Throws: ``ArchitectureError/unknownArchitecture(_:known:nearest:)``.
  package static func outline(
    of name: String
  ) throws(ArchitectureError) -> (outline: NetworkOutline, preprocessing: Preprocessing) {
    let (architecture, traits) = try variant(name)
    return (try architecture.outline(traits: traits), architecture.preprocessing)
  }

  /// The architecture with this name, and the traits that the name states. timm's names that begin with `tf_` state
  /// TensorFlow's padding and epsilon.
  private static func variant(_ name: String) throws(ArchitectureError) -> (Architecture, NetworkTraits) {
    if let meaning = NetworkNames.meaning(of: name), meaning.isTensorFlow {
      return (try architecture(meaning.architecture), .tensorFlow)
    }
    return (try architecture(name), NetworkTraits())
  }

  /// The backbone of these weights, recognized by the names and shapes of tensors. The names may be the names of
  /// torchvision, of the Lite package or of timm. An architecture fits only if it uses every tensor. Counters, heads,
  /// second networks and tensors for training only are exceptions: these may be unused. The result is nil if no
  /// architecture fits, or if the weights have several networks.
  ///
  /// - Parameter origin: the name of the weights' file, or another hint about properties that tensors do not show.
  ///   `tf_` in the origin means TensorFlow's padding and epsilon. `resnetblur50` at the beginning means blur in place
  ///   of strides.
  package static func recognized(_ weights: StateDictionary, origin: String = "") -> Backbone? {
    try? recognition(weights, origin: origin)?.backbone
  }

  /// The parameters of an architecture with their shapes, in the order in which the architecture requests them.
  ///
  /// - Throws: ``ArchitectureError/unknownArchitecture(_:known:nearest:)``.
  package static func parameters(of name: String) throws(ArchitectureError) -> [(name: String, shape: Shape)] {
    try architecture(name).parameters()
  }

  private static func architecture(_ name: String) throws(ArchitectureError) -> Architecture {
    guard let architecture = all.first(where: { $0.name == name }) else {
      throw .unknownArchitecture(
        name, known: names, nearest: NearestName.nearest(to: name, in: names))
    }
    return architecture
  }
}

/// The reason why a backbone cannot be built.
public enum ArchitectureError: Error, Equatable, CustomStringConvertible {
  /// No built-in backbone has this name.
  case unknownArchitecture(String, known: [String], nearest: String?)
  /// A checkpoint lacks tensors that the architecture needs.
  case missingTensors([String], architecture: String, found: Int)
  /// A tensor has another shape than the architecture requests.
  case wrongShape(tensor: String, expected: Shape, found: Shape, architecture: String)
  /// The most similar architecture does not use some tensors of a checkpoint. `nearest` names the architectures that
  /// are next in similarity.
  case unusedTensors([String], architecture: String, found: Int, nearest: [String])
  /// A checkpoint has several networks, each below its own prefix.
  case severalNetworks(prefixes: [String])
  /// A weight is NaN or infinite.
  case notFinite(tensor: String, index: Int)
  /// The forward pass of the built graph cannot be planned.
  case inconsistent(architecture: String, reason: BackboneError)

  public var description: String {
    switch self {
    case .unknownArchitecture(let name, let known, let nearest):
      "unknown backbone '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? ";")
        + " Known are \(known.joined(separator: ", "))."
    case .missingTensors(let names, let architecture, let found):
      "these weights are not \(architecture)'s: of its tensors \(names.count) are missing, "
        + names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
        + " (the file holds \(found) tensors); choose the checkpoint that belongs to the backbone"
    case .wrongShape(let tensor, let expected, let found, let architecture):
      "these weights are not \(architecture)'s: \(tensor) should have shape \(expected) and has \(found)"
    case .unusedTensors(let names, let architecture, let found, let nearest):
      "these weights are like \(architecture)'s, but \(names.count) of the file's \(found) tensors have no use there: "
        + names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
        + (nearest.isEmpty ? "" : " (next nearest: \(nearest.joined(separator: ", ")))")
        + ". Other layers give other features: give the network as an ONNX file "
        + "(torch.onnx.export(model.eval(), torch.zeros(1, 3, 224, 224), 'network.onnx')). If these tensors stand behind the "
        + "backbone, save its state_dict() alone."
    case .severalNetworks(let prefixes):
      "the file holds several networks with different weights, below "
        + prefixes.map { $0.isEmpty ? "no prefix" : "'\($0)'" }.joined(separator: " and ")
        + "; save the state_dict() of the one that is to be used"
    case .notFinite(let tensor, let index):
      "the weights are damaged: element \(index) of \(tensor) is not a finite number"
    case .inconsistent(let architecture, let reason): "\(architecture): \(reason)"
    }
  }
}
