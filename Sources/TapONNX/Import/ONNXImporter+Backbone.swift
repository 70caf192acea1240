// Lists the layers of a model and their names. A caller can tap any tensor by its name, and any node by its name.

import TapBackbone
import TapProvenance

extension ONNXImporter {
  /// The imported graph as a backbone.
  func backbone(name: String, preprocessing: Preprocessing) throws(ONNXError.Reason) -> Backbone {
    let landmarks = NetworkEnds(self)
    let graph = Graph(nodes).reduced(to: outputs(landmarks))
    let known = Set(graph.nodes.map(\.output))
    var aliases: [String: String] = [:]
    for node in model.graph.nodes {
      guard let output = node.outputs.first, let found = values[output], let value = found.located?.name
      else {
        continue
      }
      if case .computed(_, _, .some) = found { continue }
      // A value of our graph keeps its own name. Other names of the same tensor become aliases.
      for other in [output, node.name]
      where !other.isEmpty && other != value && known.contains(value) && !known.contains(other) {
        aliases[other] = value
      }
    }
    for (alias, value) in landmarks.names(graph, shapes: shapes)
    where !known.contains(alias) && alias != value && known.contains(value) { aliases[alias] = value }
    var backbone: Backbone
    do {
      try graph.checkMemory(size: size)
      backbone = try Backbone(
        name: name, preprocessing: preprocessing, graph: graph, taps: taps(graph), aliases: aliases)
    } catch { throw .backbone(error) }
    backbone.absent = absent(landmarks, known: known.union(aliases.keys))
    return backbone
  }

  private func absent(_ landmarks: NetworkEnds, known: Set<String>) -> AbsentLayers {
    var result = AbsentLayers()
    for node in model.graph.nodes {
      guard let reason = node.outputs.compactMap({ refused[$0] }).first?.description else { continue }
      result.count += 1
      result.firstReason = result.firstReason ?? reason
      for name in node.outputs + [node.name] where !name.isEmpty && !known.contains(name) {
        result.reasons[name] = reason
      }
    }
    if let reason = landmarks.absentPenultimate { result.reasons["penultimate"] = reason.description }
    return result
  }

  /// The values in our graph that the model outputs. If the model cannot be computed to its end, the values that the
  /// refused nodes read are included.
  private func outputs(_ landmarks: NetworkEnds) -> Set<String> {
    var names: Set<String> = []
    func add(_ name: String) {
      if let value = values[name]?.located?.name { names.insert(value) }
    }
    for output in model.graph.outputs { add(output.name) }
    for node in landmarks.needed where node.outputs.contains(where: { refused[$0] != nil }) {
      for input in node.inputs { add(input) }
    }
    return names
  }

  /// The values to list as layers. A value is left out if its only reader is a normalization, an activation or a
  /// reshape.
  private func taps(_ graph: Graph) -> [(name: String, kind: String)] {
    let uses = graph.useCounts
    var inner: Set<String> = []
    for node in graph.nodes {
      switch node.operation {
      case is BatchNormalization, is Clamp, is Activation, is Reshape, is Flatten:
        for name in node.inputs where uses[name] == 1 { inner.insert(name) }
      default: break
      }
    }
    return graph.nodes.filter { !inner.contains($0.output) }.map { ($0.output, $0.operation.name) }
  }
}
