// A graph as a document and tensors, so that a file can contain a network. The document has the structure as JSON; the
// tensors have the weights.
//
// The document is `{"format": 1 or 2, "nodes": [{"output": name, "operator": kind, "inputs": [names], …attributes}]}`,
// with the nodes in topological order. Each operator writes and reads its own attributes. Format 2 can also have ONNX
// nodes (see ImportedNode+Document). The tensors of a node are named `<index of the node>.<part>`. A document is
// checked like any file from outside. No document can make the program trap. The memory that a document needs is
// limited to a small multiple of the file's size, or to the largest value of an operation.

import TapFormats
import TapTensors

/// The reason why a document does not describe a graph.
package struct GraphDocumentError: Error, Equatable, CustomStringConvertible {
  package let node: Int?
  package let problem: String

  package var description: String { (node.map { "node \($0): " } ?? "") + problem }
}

extension Graph {
  private static let largestNodeCount = 10_000

  /// The format in which this graph is written: the first format that has all of its operators.
  private var documentFormat: Int {
    nodes.compactMap { $0.documented.map { type(of: $0).firstFormat } }.max() ?? 1
  }

  /// The structure as JSON, and the tensors by name.
  ///
  /// - Precondition: the graph is as an architecture defines it, with nothing fused or lowered, and has no
  ///   ``unwritableNode``.
  package var document: (structure: JSONValue, tensors: [(name: String, tensor: Tensor)]) {
    var tensors: [(name: String, tensor: Tensor)] = []
    let nodes = nodes.enumerated().map { index, node -> JSONValue in
      guard let operation = node.documented else {
        preconditionFailure("\(node.output): \(node.operation.name) is not for documents")
      }
      var document = NodeWriter(
        index: index,
        fields: [
          "output": .string(node.output), "inputs": .array(node.inputs.map(JSONValue.string)),
          "operator": .string(operation.documentKind),
        ])
      operation.write(to: &document)
      tensors += document.tensors
      return .object(document.fields)
    }
    return (.object(["format": .integer(documentFormat), "nodes": .array(nodes)]), tensors)
  }

  /// The first node that has trained numbers that are not finite; no file can store such numbers. Constants of ONNX
  /// nodes may be infinite.
  var unwritableNode: String? { nodes.first { $0.documented?.isStorable == false }?.output }

  /// Reads a graph from a document.
  ///
  /// - Parameter tensors: the tensors by name. Every element must be finite, and every tensor must be used.
  package init(
    document: JSONValue, tensors: [String: Tensor]
  ) throws(GraphDocumentError) {
    guard let format = document["format"]?.intValue, format >= 1 else {
      throw GraphDocumentError(node: nil, problem: "'format' must be an integer from 1 up")
    }
    let latest = OperatorRegistry.latestFormat
    guard format <= latest else {
      throw GraphDocumentError(
        node: nil,
        problem: "it has format \(format), and this program reads formats 1 to \(latest): use a later version of "
          + "the program")
    }
    guard let entries = document["nodes"]?.arrayValue, (1...Self.largestNodeCount).contains(entries.count)
    else {
      throw GraphDocumentError(node: nil, problem: "expected 1 to \(Self.largestNodeCount) nodes")
    }
    var nodes: [Node] = []
    var known: Set<String> = [Graph.input]
    for (index, entry) in entries.enumerated() {
      let reader = NodeReader(format: format, index: index, entry: entry, tensors: tensors)
      guard let output = entry["output"]?.stringValue, !output.isEmpty, known.insert(output).inserted else {
        throw reader.error("expected an output with a name of its own")
      }
      let inputs = entry["inputs"]?.arrayValue?.compactMap(\.stringValue) ?? []
      guard !inputs.isEmpty, inputs.count == entry["inputs"]?.arrayValue?.count,
        inputs.allSatisfy({ known.contains($0) && $0 != output })
      else { throw reader.error("its inputs must be outputs of nodes before it") }
      nodes.append(Node(output, try reader.operation(), inputs))
    }
    let used = Set(Graph(nodes).document.tensors.map(\.name))
    guard used == Set(tensors.keys) else {
      let extra = tensors.keys.filter { !used.contains($0) }.sorted()
      throw GraphDocumentError(node: nil, problem: "no node has the tensor '\(extra[0])'")
    }
    self.init(nodes)
  }
}

extension Graph.Node {
  /// The operator, if documents can contain it.
  fileprivate var documented: (any DocumentedOperator)? { operation as? any DocumentedOperator }
}
