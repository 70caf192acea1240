// A network as a list of operators over named values. Architectures build this list, and passes rewrite it. Shapes and
// axes are logical (C, H, W, without the batch); the lowering pass adds the memory layout.

import TapTensors

/// A feed-forward network: nodes in topological order. Each node has one named output.
///
/// A value is identified by its name. A pass that fuses two nodes gives the result the name of the second node's
/// output; the name of the first node's output is no longer in the graph.
package struct Graph: Sendable {
  package struct Node: Sendable {
    package let output: String
    package let operation: any Operator
    package let inputs: [String]

    package init(_ output: String, _ operation: any Operator, _ inputs: [String]) {
      self.output = output
      self.operation = operation
      self.inputs = inputs
    }
  }

  /// The name of the preprocessed image, which has the shape `[3, H, W]`.
  package static let input = "input"

  package private(set) var nodes: [Node]

  /// - Precondition: each input of a node is the graph's input or the output of an earlier node, and all outputs have
  ///   different names.
  package init(_ nodes: [Node]) {
    var known: Set<String> = [Graph.input]
    for node in nodes {
      for name in node.inputs { precondition(known.contains(name), "\(node.output) reads unknown \(name)") }
      precondition(known.insert(node.output).inserted, "\(node.output) is defined twice")
    }
    self.nodes = nodes
  }

  package init() { nodes = [] }

  /// Appends a node and returns the name of its output.
  @discardableResult
  package mutating func append(_ output: String, _ operation: any Operator, _ inputs: String...) -> String {
    self = Graph(nodes + [Node(output, operation, inputs)])
    return output
  }

  package func node(producing name: String) -> Node? { nodes.first { $0.output == name } }

  /// The number of nodes that read each value.
  package var useCounts: [String: Int] {
    var counts: [String: Int] = [:]
    for node in nodes { for name in node.inputs { counts[name, default: 0] += 1 } }
    return counts
  }

  /// The graph with only the nodes that `targets` need, in the same order.
  package func reduced(to targets: Set<String>) -> Graph {
    var needed = targets
    var kept: [Node] = []
    for node in nodes.reversed() where needed.contains(node.output) {
      kept.append(node)
      needed.formUnion(node.inputs)
    }
    return Graph(kept.reversed())
  }
}
