// A frozen network with named layers that can be tapped.

import TapFormats
import TapKernels
import TapProvenance
import TapTensors

/// A layer that can be tapped.
public struct Layer: Sendable, Hashable {
  /// The canonical name.
  public let name: String
  /// What computes it, in words: `stem`, `inverted residual`, ….
  public let kind: String
  /// `[C, H, W]`, or `[features]`, for an input of the preprocessing's size.
  public let shape: [Int]
  /// Pixels of the input from one pixel of this layer to the next, along a side; the whole side for a vector.
  public let stride: Int
  /// The side in pixels of the square of the input that one pixel of this layer depends on, padding counted as picture; nil
  /// where it depends on the whole picture.
  public let receptiveField: Int?
  /// Trained values between the layer before and this one.
  public let parameters: Int
  /// Multiply-adds for one image up to here.
  public let multiplyAdds: Int
}

/// The nodes of a file's network from the first on that is not supported.
package struct AbsentLayers: Sendable {
  /// Why each of their values cannot be computed, by its names.
  package var reasons: [String: String] = [:]
  /// How many nodes there are, and why the first of them cannot be computed.
  package var count = 0
  package var firstReason: String?

  package init() {}
}

/// A frozen, pretrained network, ready to be tapped at any of its layers, and at any value between them.
public struct Backbone: Sendable {
  /// The name of the architecture, `efficientnet_lite0`.
  public let name: String
  /// What its weights were trained with.
  public var preprocessing: Preprocessing
  /// Convolutions that are computed otherwise than ``numericsRevision`` says by itself; none unless set. They are part of the
  /// features' identity.
  public var algorithms = AlgorithmChoices()
  /// The layers, in order of depth.
  public let layers: [Layer]
  /// Other names of layers, by alias.
  public let aliases: [String: String]
  /// What of a file's network cannot be computed.
  package var absent = AbsentLayers()
  /// SHA-256 over names, shapes and values of the weights, in hexadecimal.
  public let weightsHash: String
  /// SHA-256 over the structure, in hexadecimal.
  public let graphHash: String

  /// As the architecture states it, nothing folded or fused.
  package let graph: Graph
  let fusedGraph: Graph
  /// Of every value that the network computes, for an input of the preprocessing's size when it was made.
  private let shapes: [String: Shape]

  /// Raised when, and only when, the bytes of features change.
  public static let numericsRevision = 2

  /// - Parameters:
  ///   - taps: names of values of `graph` and their kinds, in order of depth.
  ///   - aliases: other names for taps.
  ///   - weightsHash, graphHash: of the network that this is a part of; nil computes them.
  /// - Throws: ``BackboneError/operandMismatch`` when the graph's weights do not fit together.
  package init(
    name: String, preprocessing: Preprocessing, graph: Graph, taps: [(name: String, kind: String)],
    aliases: [String: String], weightsHash: String? = nil, graphHash: String? = nil
  ) throws(BackboneError) {
    self.name = name
    self.preprocessing = preprocessing
    self.graph = graph
    self.fusedGraph = graph.fused()
    self.aliases = aliases
    if let weightsHash, let graphHash {
      (self.weightsHash, self.graphHash) = (weightsHash, graphHash)
    } else {
      (self.weightsHash, self.graphHash) = graph.hashes()
    }

    let size = preprocessing.size
    shapes = try graph.shapes(input: [3, size, size])
    var layers: [Layer] = []
    let fields = graph.receptiveFields(shapes: shapes)
    var counted: Set<String> = []
    for tap in taps {
      guard let shape = shapes[tap.name] else { preconditionFailure("no value \(tap.name) to tap") }
      // Of parallel branches each counts its own.
      let needed = graph.reduced(to: [tap.name]).nodes.filter { !counted.contains($0.output) }
      counted.formUnion(needed.map(\.output))
      layers.append(
        Layer(
          name: tap.name, kind: tap.kind, shape: shape.extents,
          stride: fields[tap.name]?.step ?? (shape.rank == 3 ? size / max(shape[1], 1) : size),
          receptiveField: fields[tap.name]?.side,
          parameters: needed.reduce(0) { $0 + $1.operation.parameterCount },
          multiplyAdds: graph.multiplyAdds(of: tap.name, shapes: shapes)))
    }
    self.layers = layers
  }

  /// Whether the network computes a value of this name, listed among the layers or not.
  func computes(_ name: String) -> Bool { shapes[name] != nil }

  /// Whether a value has no positions to pool over: one number for each of its indices along one axis.
  func isVector(_ name: String) -> Bool {
    let extents = shapes[name]?.extents ?? []
    return extents.count != 3 && extents.count { $0 > 1 } <= 1
  }

  /// The shape of a value that is neither a vector nor channels, height and width, as of tokens.
  func shapeWithoutPicture(_ name: String) -> Shape? {
    guard let shape = shapes[name], shape.rank != 3, !isVector(name) else { return nil }
    return shape
  }
}
