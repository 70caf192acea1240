// Layers and their names: a tap is any tensor, or any node by its name.

import TapBackbone
import TapProvenance

extension ONNXImporter {
  /// The graph as a backbone.
  func backbone(name: String, preprocessing: Preprocessing) throws(ONNXError.Reason) -> Backbone {
    let graph = Graph(nodes).reduced(to: outputs)
    let known = Set(graph.nodes.map(\.output))
    var aliases: [String: String] = [:]
    for node in model.graph.nodes {
      guard let output = node.outputs.first, case .computed(let value, _, nil)? = values[output] else {
        continue
      }
      // A value of its own keeps its name; the others are the same tensor under another.
      for other in [output, node.name]
      where !other.isEmpty && other != value && known.contains(value) && !known.contains(other) {
        aliases[other] = value
      }
    }
    for (alias, value) in landmarks(graph) where !known.contains(alias) && alias != value {
      aliases[alias] = value
    }
    do {
      try graph.checkMemory(size: size)
      return try Backbone(
        name: name, preprocessing: preprocessing, graph: graph, taps: taps(graph), aliases: aliases)
    } catch { throw .backbone(error) }
  }

  /// Values in our graph that the model gives.
  private var outputs: Set<String> {
    var names: Set<String> = []
    for output in model.graph.outputs {
      if case .computed(let name, _, _)? = values[output.name] { names.insert(name) }
    }
    return names
  }

  /// Values that are worth listing: not those that only the next normalisation, activation or reshape reads.
  private func taps(_ graph: Graph) -> [(name: String, kind: String)] {
    let uses = graph.useCounts
    var inner: Set<String> = []
    for node in graph.nodes {
      switch node.operation {
      case .batchNormalization, .clamp, .activation, .reshape, .flatten:
        for name in node.inputs where uses[name] == 1 { inner.insert(name) }
      default: break
      }
    }
    return graph.nodes.filter { !inner.contains($0.output) }.map { ($0.output, $0.operation.name) }
  }

  /// What our own architectures call the ends of a network.
  private func landmarks(_ graph: Graph) -> [(alias: String, value: String)] {
    var result: [(alias: String, value: String)] = []
    if let pool = graph.nodes.last(where: {
      if case .globalAveragePool = $0.operation { true } else { false }
    }) {
      result.append(("avgpool", pool.output))
    }
    guard var logits = graph.nodes.last else { return result }
    // Scores are what softmax is given, under whatever shape.
    func isSoftmax(_ node: Graph.Node) -> Bool {
      if case .softmax = node.operation { return true }
      return node.operation.name == "Softmax"
    }
    var node = logits
    while !isSoftmax(node), case .reshape = node.operation, let before = graph.node(producing: node.inputs[0])
    { node = before }
    if isSoftmax(node) {
      while let before = graph.node(producing: node.inputs[0]) {
        node = before
        guard case .reshape = node.operation, graph.node(producing: node.inputs[0]) != nil else { break }
        if shapes[node.output]?.rank == 1 { break }
      }
      logits = node
    }
    result.append(("logits", logits.output))
    let layer = graph.nodes.last { if case .fullyConnected = $0.operation { true } else { false } }
    if let layer { result.append(("penultimate", layer.inputs[0])) }
    return result
  }
}
