// A backbone cut at one tap, as a file carries it.

import TapFormats
import TapProvenance
import TapTensors

extension Backbone {
  /// The structure up to a tap, and its tensors by name: what ``init(name:preprocessing:weightsHash:graphHash:tap:document:tensors:)``
  /// reads.
  ///
  /// - Throws: ``BackboneError/unknownLayer(_:backbone:known:)``.
  package func cut(at tap: String) throws(BackboneError) -> (
    structure: JSONValue, tensors: [(name: String, tensor: Tensor)]
  ) {
    let graph = graph.reduced(to: [try resolve(tap)])
    if let name = graph.foreignOperator { throw .notEmbeddable(backbone: self.name, operation: name) }
    return graph.document
  }

  /// Reads a backbone that was cut at a tap. It answers by the hashes of the whole one, whose features it computes bit for bit
  /// up to there, and has this one layer.
  ///
  /// - Throws: ``BackboneError/document(_:)``, ``BackboneError/operandMismatch(node:operation:operands:)``.
  package init(
    name: String, preprocessing: Preprocessing, weightsHash: String, graphHash: String, tap: String,
    document: JSONValue, tensors: [String: Tensor]
  ) throws(BackboneError) {
    guard Backbone.sizes.contains(preprocessing.size) else {
      throw .sizeOutOfRange(preprocessing.size, allowed: Backbone.sizes)
    }
    let graph: Graph
    if tap == Graph.input {
      graph = Graph()
    } else {
      do { graph = try Graph(document: document, tensors: tensors) } catch {
        throw .document(error.description)
      }
      guard graph.node(producing: tap) != nil else { throw .document("no node computes the tap '\(tap)'") }
      try graph.checkMemory(size: preprocessing.size)
    }
    try self.init(
      name: name, preprocessing: preprocessing, graph: graph,
      taps: tap == Graph.input ? [] : [(tap, "embedded")], aliases: [:], weightsHash: weightsHash,
      graphHash: graphHash)
  }
}

extension Graph {
  /// Values of more elements than this together (1 GB) are refused in graphs from files.
  private static let largestTotal = 1 << 28

  /// Follows the shapes and refuses sizes that no image network has.
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
