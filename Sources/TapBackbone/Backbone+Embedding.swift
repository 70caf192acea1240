// A backbone that is cut at its taps, in the form that a file contains.

import TapFormats
import TapProvenance
import TapTensors

extension Backbone {
  /// The structure of the network up to some taps, and its tensors by name. They are arguments of
  /// ``init(name:preprocessing:weightsHash:graphHash:taps:document:tensors:)``.
  ///
  /// - Throws: ``BackboneError/unknownLayer(_:backbone:known:)``, ``BackboneError/notEmbeddable(backbone:node:)``.
  package func cut(at taps: [String]) throws(BackboneError) -> (
    structure: JSONValue, tensors: [(name: String, tensor: Tensor)]
  ) {
    var targets: Set<String> = []
    for tap in taps { targets.insert(try resolve(tap)) }
    let graph = graph.reduced(to: targets)
    if let node = graph.unwritableNode { throw .notEmbeddable(backbone: name, node: node) }
    return graph.document
  }

  /// Reads a backbone that was cut at some taps. Its layers are these taps, and its hashes are those of the whole
  /// backbone. The features of these layers are the same, bit for bit, as those of the whole backbone.
  ///
  /// - Throws: ``BackboneError/document(_:)``, ``BackboneError/operandMismatch(node:operation:operands:)``.
  package init(
    name: String, preprocessing: Preprocessing, weightsHash: String, graphHash: String, taps: [String],
    document: JSONValue, tensors: [String: Tensor]
  ) throws(BackboneError) {
    guard Backbone.sizes.contains(preprocessing.size) else {
      throw .sizeOutOfRange(preprocessing.size, allowed: Backbone.sizes)
    }
    let computed = taps.filter { $0 != Graph.input }
    var graph = Graph()
    if !computed.isEmpty {
      do { graph = try Graph(document: document, tensors: tensors) } catch {
        throw .document(error.description)
      }
      for tap in computed where graph.node(producing: tap) == nil {
        throw .document("no node computes the tap '\(tap)'")
      }
      try graph.checkMemory(size: preprocessing.size)
      try graph.requireComputableNodes()
    }
    var layers: [String] = []
    for tap in computed where !layers.contains(tap) { layers.append(tap) }
    try self.init(
      name: name, preprocessing: preprocessing, graph: graph, taps: layers.map { ($0, "embedded") },
      aliases: [:], weightsHash: weightsHash,
      graphHash: graphHash)
  }
}

extension Graph {
  /// The largest total number of elements of all values in a graph from a file (1 GB).
  private static let largestTotal = 1 << 28

  /// Computes each ONNX node with zeros as input. If the definition of a node refuses its inputs, no feature can be
  /// computed.
  fileprivate func requireComputableNodes() throws(BackboneError) {
    for node in nodes {
      guard let operation = node.operation as? ImportedNode else { continue }
      do { try operation.requireComputable() } catch {
        throw .document("the node of '\(node.output)' cannot be computed: \(operation.name): \(error)")
      }
    }
  }

  /// Infers the shapes of all values, and refuses an input size for which the values need more than 1 GB.
  package func checkMemory(size: Int) throws(BackboneError) {
    let shapes = try shapes(input: [3, size, size])
    var total = 0
    for node in nodes {
      total += shapes[node.output]?.elementCount ?? 0
      guard total <= Self.largestTotal else {
        throw .document("its values need more than 1 GB, at '\(node.output)'")
      }
    }
  }
}
