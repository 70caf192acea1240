// A frozen network with named layers that can be tapped.

import TapFormats
import TapKernels
import TapProvenance
import TapTensors

/// A frozen, pretrained network. Its layers, and all values between them, can be tapped.
public struct Backbone: Sendable {
  /// The name of the architecture, such as `efficientnet_lite0`.
  public let name: String
  /// The preprocessing that the weights were trained with.
  public var preprocessing: Preprocessing
  /// The convolutions whose algorithm differs from the choice of ``numericsRevision``; empty by default. They are part
  /// of the features' identity.
  public var algorithms = AlgorithmChoices()
  /// The layers for the input size that the preprocessing had when the backbone was made.
  public var table: LayerTable { outline.table }
  /// The layers, in order of depth.
  public var layers: [Layer] { outline.table.layers }
  /// Other names of layers, by alias.
  public var aliases: [String: String] { outline.table.aliases }
  /// The layers of the file's network that cannot be computed.
  package var absent: AbsentLayers {
    get { outline.absent }
    set { outline.absent = newValue }
  }
  /// The SHA-256 of the names, shapes and values of the weights, in hexadecimal.
  public let weightsHash: String
  /// The SHA-256 of the structure, in hexadecimal.
  public let graphHash: String

  /// The network as the architecture defines it, without folded or fused nodes.
  package let graph: Graph
  let fusedGraph: Graph
  /// The shapes and costs for the input size that the preprocessing had when the backbone was made.
  private(set) var outline: NetworkOutline
  /// Whether this backbone is only a part of the network that its hashes describe.
  private let isPart: Bool

  /// A number that is increased if, and only if, the bytes of features change.
  public static let numericsRevision = 2

  /// - Parameters:
  ///   - taps: names of values of `graph` and their kinds, in order of depth.
  ///   - aliases: other names for taps.
  ///   - weightsHash, graphHash: the hashes of the whole network if `graph` is only a part of that network; nil
  ///     computes the hashes of `graph`.
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

  /// The layers for an input of the preprocessing's size. Nil for a part of a network, and if that size is too small
  /// for the network.
  package var layerTable: LayerTable? {
    guard !isPart else { return nil }
    let (table, size) = (outline.table, preprocessing.size)
    if size == table.inputSize { return table }
    return try? NetworkOutline(
      name: name, graph: graph, taps: table.layers.map { ($0.name, $0.kind) }, aliases: aliases, size: size
    ).table
  }
}
