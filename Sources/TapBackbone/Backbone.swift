// A frozen network with named layers that can be tapped.

import TapFormats
import TapKernels
import TapProvenance
import TapTensors

/// A frozen, pretrained network whose layers, and all values between them, can be tapped.
public struct Backbone: Sendable {
  /// The name of the architecture, `efficientnet_lite0`.
  public let name: String
  /// The preprocessing that its weights were trained with.
  public var preprocessing: Preprocessing
  /// Convolutions whose algorithm differs from the choice of ``numericsRevision``; empty by default. They are part of
  /// the features' identity.
  public var algorithms = AlgorithmChoices()
  /// The layers for an input of the preprocessing's size when it was made.
  public var table: LayerTable { outline.table }
  /// The layers, in order of depth.
  public var layers: [Layer] { outline.table.layers }
  /// Other names of layers, by alias.
  public var aliases: [String: String] { outline.table.aliases }
  /// The layers of a file's network that cannot be computed.
  package var absent: AbsentLayers {
    get { outline.absent }
    set { outline.absent = newValue }
  }
  /// SHA-256 over names, shapes and values of the weights, in hexadecimal.
  public let weightsHash: String
  /// SHA-256 over the structure, in hexadecimal.
  public let graphHash: String

  /// As the architecture defines it, nothing folded or fused.
  package let graph: Graph
  let fusedGraph: Graph
  /// For an input of the preprocessing's size when it was made.
  private(set) var outline: NetworkOutline
  /// Whether it is only a part of the network that has these hashes.
  private let isPart: Bool

  /// Increased if, and only if, the bytes of features change.
  public static let numericsRevision = 2

  /// - Parameters:
  ///   - taps: names of values of `graph` and their kinds, in order of depth.
  ///   - aliases: other names for taps.
  ///   - of the network that this is a part of; nil computes them.
  /// - Throws: ``BackboneError/operandMismatch`` when the graph's weights do not fit together.
  package init(
    name: String, preprocessing: Preprocessing, graph: Graph, taps: [(name: String, kind: String)],
    aliases: [String: String], weightsHash: String? = nil, graphHash: String? = nil
  ) throws(BackboneError) {
    self.name = name
    self.preprocessing = preprocessing
    self.graph = graph
    self.fusedGraph = graph.fused()
    isPart = weightsHash != nil
    outline = try NetworkOutline(
      name: name, graph: graph, taps: taps, aliases: aliases, size: preprocessing.size)
    if let weightsHash, let graphHash {
      (self.weightsHash, self.graphHash) = (weightsHash, graphHash)
    } else {
      (self.weightsHash, self.graphHash) = graph.hashes()
    }
  }

  /// The layers for an input of the preprocessing's size; nil for a part of a network, and where that size is too small
  /// for it.
  package var layerTable: LayerTable? {
    guard !isPart else { return nil }
    let (table, size) = (outline.table, preprocessing.size)
    if size == table.inputSize { return table }
    return try? NetworkOutline(
      name: name, graph: graph, taps: table.layers.map { ($0.name, $0.kind) }, aliases: aliases, size: size
    ).table
  }
}
