// Finds the ends of a network in a model's nodes: the last pooling, the input of the last layer, and the scores. The
// ends get the names that they have in our architectures. The importer may have refused some of the nodes.

import TapBackbone
import TapTensors

struct NetworkEnds {
  /// The nodes that the model's outputs depend on, in order of evaluation.
  let needed: [ONNXNode]
  /// The value in our graph that the last layer reads.
  private var penultimate: String?
  /// The reason why the value that the last layer reads cannot be computed; nil if the value can be computed.
  private(set) var absentPenultimate: ONNXError.Reason?
  private let isComplete: Bool

  init(_ importer: ONNXImporter) {
    let model = importer.model
    var wanted = Set(model.graph.outputs.map(\.name))
    var nodes: [ONNXNode] = []
    for node in model.graph.nodes.reversed() where node.outputs.contains(where: { wanted.contains($0) }) {
      nodes.append(node)
      wanted.formUnion(node.inputs)
    }
    needed = nodes.reversed()
    isComplete = !needed.contains { $0.outputs.contains { importer.refused[$0] != nil } }
    guard let input = lastInput(importer) else { return }
    if let reason = importer.refused[input] {
      absentPenultimate = reason
    } else if let name = importer.values[input]?.located?.name {
      penultimate = importer.flat(name)
    }
  }

  /// The input of the last layer. If exactly one product follows the last global pooling, the last layer is this
  /// product. Its input is the pooling's result, or the result of a normalization between the pooling and the product.
  /// Otherwise the last layer is the last Gemm or MatMul over a vector.
  private func lastInput(_ importer: ONNXImporter) -> String? {
    if let pooling = needed.lastIndex(where: importer.isGlobalPooling) {
      var reached = Set(needed[pooling].outputs)
      var products: [String] = []
      for node in needed[(pooling + 1)...] where node.inputs.contains(where: { reached.contains($0) }) {
        reached.formUnion(node.outputs)
        if let input = importer.product(node) { products.append(input) }
      }
      if products.count == 1 { return products[0] }
    }
    return needed.last { ["Gemm", "MatMul"].contains($0.operatorName) && importer.isLayer($0) }
      .flatMap(importer.product)
  }

  /// Our names for the ends of the network, each with the value that the name means.
  func names(_ graph: Graph, shapes: [String: Shape]) -> [(alias: String, value: String)] {
    var result: [(alias: String, value: String)] = []
    if let pool = graph.nodes.last(where: { $0.operation is GlobalAveragePooling }) {
      result.append(("avgpool", pool.output))
    }
    guard let last = graph.nodes.last else { return result }
    if isComplete { result.append(("logits", scores(last, graph, shapes).output)) }
    if let penultimate { result.append(("penultimate", penultimate)) }
    return result
  }

  /// The scores before softmax. If the network ends with softmax, the scores are the input of softmax, in any shape.
  private func scores(_ last: Graph.Node, _ graph: Graph, _ shapes: [String: Shape]) -> Graph.Node {
    func isSoftmax(_ node: Graph.Node) -> Bool {
      node.operation is Softmax || node.operation.name == "Softmax"
    }
    var node = last
    while !isSoftmax(node), node.operation is Reshape, let before = graph.node(producing: node.inputs[0]) {
      node = before
    }
    guard isSoftmax(node) else { return last }
    while let before = graph.node(producing: node.inputs[0]) {
      node = before
      guard node.operation is Reshape, graph.node(producing: node.inputs[0]) != nil else { break }
      if shapes[node.output]?.rank == 1 { break }
    }
    return node
  }
}

extension ONNXImporter {
  /// Whether a node computes one number for each channel of an image.
  func isGlobalPooling(_ node: ONNXNode) -> Bool {
    let names = ["GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceMax", "AveragePool", "MaxPool"]
    guard node.domain.isEmpty, names.contains(node.operatorName), let input = node.inputs.first,
      let output = node.outputs.first, let from = values[input]?.located?.shape,
      let to = values[output]?.located?.shape
    else { return node.operatorName.hasPrefix("Global") }
    if node.operatorName.hasPrefix("Global") { return true }
    return from.rank >= 3 && to.elementCount > 1 && to.elementCount < from.elementCount
      && to.extents.count { $0 > 1 } == 1
  }

  /// The value that a product with a constant matrix reads; nil for nodes that are not such products.
  func product(_ node: ONNXNode) -> String? {
    guard node.domain.isEmpty, node.inputs.count >= 2 else { return nil }
    switch node.operatorName {
    case "Gemm", "MatMul":
      if isConstant(node.inputs[1]) { return node.inputs[0] }
      return isConstant(node.inputs[0]) ? node.inputs[1] : nil
    case "Conv":
      guard case .constant(let weights)? = values[node.inputs[1]], weights.rank == 4,
        weights.shape.extents[2...] == [1, 1]
      else { return nil }
      return node.inputs[0]
    default: return nil
    }
  }

  /// Whether a node is a product that reads one vector. The answer is also true if the product's input cannot be
  /// computed.
  func isLayer(_ node: ONNXNode) -> Bool {
    guard let input = product(node) else { return false }
    guard let shape = values[input]?.located?.shape else { return refused[input] != nil }
    return shape.elementCount == shape.extents.last
  }

  private func isConstant(_ name: String) -> Bool {
    if case .constant? = values[name] { true } else { false }
  }

  /// The value before the reshapes that made this value; the search stops at a vector.
  func flat(_ name: String) -> String {
    var name = name
    while (shapes[name]?.rank ?? 0) > 1, let node = nodes.last(where: { $0.output == name }),
      node.operation is Reshape
    {
      name = node.inputs[0]
    }
    return name
  }
}
