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
  public static let names: [String] = EfficientNetLite.variants.map(\.name)

  /// Builds a backbone from trained weights.
  ///
  /// - Parameters:
  ///   - name: one of ``names``.
  ///   - weights: a state dictionary with the architecture's own tensor names. Tensors that the
  ///     architecture does not use are ignored.
  /// - Throws: ``ArchitectureError`` when the name is unknown, tensors are missing, or a tensor has
  ///   another shape or values that are not finite.
  public static func build(_ name: String, weights: StateDictionary) throws(ArchitectureError) -> Backbone {
    let reader = ParameterReader(architecture: name, source: .trained(weights))
    return try build(name, reader)
  }

  /// Builds the same network with random weights: the baseline that shows what training is worth.
  ///
  /// Each parameter is drawn by a counter-based generator from the seed, the parameter's name and the
  /// element's index (`SeededParameters`), so the weights are the same everywhere.
  ///
  /// - Throws: ``ArchitectureError/unknownArchitecture(_:known:nearest:)``.
  public static func seeded(_ name: String, seed: UInt64) throws(ArchitectureError) -> Backbone {
    try build(name, ParameterReader(architecture: name, source: .seeded(SeededParameters(seed: seed))))
  }

  private static func build(
    _ name: String, _ reader: consuming ParameterReader
  ) throws(ArchitectureError) -> Backbone {
    guard let variant = EfficientNetLite.variants.first(where: { $0.name == name }) else {
      throw .unknownArchitecture(
        name, known: names, nearest: NearestName.nearest(to: name, in: names))
    }
    let parts = variant.build(&reader)
    try reader.finish()
    do {
      return try Backbone(
        name: name, preprocessing: parts.preprocessing, graph: parts.graph, taps: parts.taps,
        aliases: parts.aliases)
    } catch {
      throw .inconsistent(architecture: name, reason: error)
    }
  }
}

/// What an architecture gives: all of a ``Backbone`` but its name.
struct ArchitectureParts {
  var graph = Graph()
  var taps: [(name: String, kind: String)] = []
  var aliases: [String: String] = [:]
  var preprocessing: Preprocessing
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
