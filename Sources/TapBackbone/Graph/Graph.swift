// A network as a list of operators over named values. Architectures build this form and passes rewrite it. Shapes and
// axes are logical (C, H, W without the batch); lowering adds the memory layout.

import TapTensors

/// A feed-forward network: nodes in topological order, each with one named output.
///
/// A value is identified by its name: a pass that fuses two nodes gives the result the name of the second, and the
/// graph loses the name in between.
package struct Graph: Sendable {
  package struct Node: Sendable {
    package let output: String
    package let operation: Operator
    package let inputs: [String]

    package init(_ output: String, _ operation: Operator, _ inputs: [String]) {
      self.output = output
      self.operation = operation
      self.inputs = inputs
    }
  }

  /// The name of the preprocessed image, `[3, H, W]`.
  package static let input = "input"

  package private(set) var nodes: [Node]

  /// - Precondition: each node's inputs are the graph's input or outputs of nodes before it, and no
  ///   output is named twice.
  package init(_ nodes: [Node]) {
    var known: Set<String> = [Graph.input]
    for node in nodes {
      for name in node.inputs { precondition(known.contains(name), "\(node.output) reads unknown \(name)") }
      precondition(known.insert(node.output).inserted, "\(node.output) is defined twice")
    }
    self.nodes = nodes
  }

  package init() { nodes = [] }

  /// Appends a node and returns its output's name.
  @discardableResult
  package mutating func append(_ output: String, _ operation: Operator, _ inputs: String...) -> String {
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

  /// Only the nodes that `targets` need, in order.
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
