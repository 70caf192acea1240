// The architectures by name: from a name and weights to a backbone.

import TapBackbone
import TapFormats
import TapProvenance
import TapTensors

/// The networks that can be built by name.
public enum Architectures {
  /// The architecture used where none is named.
  public static let defaultName = "efficientnet_lite0"

  /// All names, in alphabetical order.
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
  /// - Throws: ``ArchitectureError`` when the name is unknown, tensors are missing, or a tensor has
  ///   another shape or values that are not finite.
  public static func build(_ name: String, weights: StateDictionary) throws(ArchitectureError) -> Backbone {
    try architecture(name).backbone(.trained(weights))
  }

  /// Builds the same network with random weights: the baseline that shows what training is worth.
  ///
  /// Each parameter is drawn by a counter-based generator from the seed, the parameter's name and the
  /// element's index (`SeededParameters`), so the weights are the same everywhere.
  ///
  /// - Throws: ``ArchitectureError/unknownArchitecture(_:known:nearest:)``.
  public static func seeded(_ name: String, seed: UInt64) throws(ArchitectureError) -> Backbone {
    try architecture(name).backbone(.seeded(SeededParameters(seed: seed)))
  }

  /// The architecture whose tensors these weights are, recognised by names and shapes: torchvision's names, the Lite package's or
  /// timm's. With several that fit, the one that leaves the fewest tensors over. Nil if none fits.
  ///
  /// - Parameter origin: what is known of where the weights come from, such as the architecture's name in timm's configuration
  ///   or the file's name: `tf_` in it means TensorFlow's padding and epsilon, which tensors do not tell.
  public static func recognised(_ weights: StateDictionary, origin: String = "") -> Backbone? {
    var best: (backbone: Backbone, unused: Int)?
    func consider(_ weights: StateDictionary, _ traits: NetworkTraits, families: [String]?) {
      for architecture in all where architecture.isProbable(weights) {
        guard families?.contains(where: architecture.name.hasPrefix) ?? true,
          let (backbone, unused) = try? architecture.backboneAndUnused(weights, traits: traits)
        else { continue }
        if unused < best?.unused ?? .max { best = (backbone, unused) }
      }
    }
    consider(weights, NetworkTraits(), families: nil)
    for scheme in KeyScheme.all(origin: origin) {
      guard let translated = scheme.translated(weights) else { continue }
      consider(translated, scheme.traits, families: scheme.families)
    }
    return best?.backbone
  }

  /// What the architectures that these weights might be object to, the smallest objection first.
  package static func objections(_ weights: StateDictionary) -> [ArchitectureError] {
    func size(_ error: ArchitectureError) -> Int {
      if case .missingTensors(let names, _, _) = error { names.count } else { 0 }
    }
    var errors: [ArchitectureError] = []
    for architecture in all where architecture.isProbable(weights) {
      do { _ = try architecture.backbone(.trained(weights)) } catch { errors.append(error) }
    }
    return errors.sorted { size($0) < size($1) }
  }

  /// The parameters of an architecture with their shapes, as it asks for them.
  ///
  /// - Throws: ``ArchitectureError/unknownArchitecture(_:known:nearest:)``.
  package static func parameters(of name: String) throws(ArchitectureError) -> [(name: String, shape: Shape)]
  {
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

/// Why a backbone cannot be built.
public enum ArchitectureError: Error, Equatable, CustomStringConvertible {
  /// No built-in backbone has this name.
  case unknownArchitecture(String, known: [String], nearest: String?)
  /// A checkpoint lacks tensors that the architecture needs.
  case missingTensors([String], architecture: String, found: Int)
  /// A tensor of another shape than the architecture's.
  case wrongShape(tensor: String, expected: Shape, found: Shape, architecture: String)
  /// A weight that is NaN or infinite.
  case notFinite(tensor: String, index: Int)
  /// The graph that was built cannot be planned.
  case inconsistent(architecture: String, reason: BackboneError)

  public var description: String {
    switch self {
    case .unknownArchitecture(let name, let known, let nearest):
      "unknown backbone '\(name)'" + (nearest.map { "; did you mean '\($0)'?" } ?? ";")
        + " Known are \(known.joined(separator: ", "))."
    case .missingTensors(let names, let architecture, let found):
      "these weights are not \(architecture)'s: of its tensors \(names.count) are missing, "
        + names.prefix(3).joined(separator: ", ") + (names.count > 3 ? ", …" : "")
        + " (the file holds \(found) tensors). Choose the checkpoint that belongs to the backbone."
    case .wrongShape(let tensor, let expected, let found, let architecture):
      "these weights are not \(architecture)'s: \(tensor) should have shape \(expected) and has \(found)"
    case .notFinite(let tensor, let index):
      "the weights are damaged: element \(index) of \(tensor) is not a finite number"
    case .inconsistent(let architecture, let reason): "\(architecture): \(reason)"
    }
  }
}
