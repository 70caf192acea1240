// Runs a model node by node in plain Swift. The results define what faster kernels must compute. The importer replaces
// nodes that depend only on constants by their results.

import TapONNXOperators
import TapTensors

/// Evaluates a model on given inputs.
package struct ONNXEvaluator: Sendable {
  package let model: ONNXModel

  /// The names of ONNX's own operators that can be evaluated, sorted.
  package static let supportedOperators: [String] = ONNXOperator.types

  package init(_ model: ONNXModel) { self.model = model }

  /// The values of the graph's outputs, or of the values in `names`, by name. Only the nodes that these values depend
  /// on are run.
  ///
  /// - Parameters:
  ///   - inputs: a tensor for each of ``ONNXGraph/inputs``. A tensor with the name of an initializer replaces the
  ///     initializer.
  ///   - names: the values to return; nil returns the graph's outputs.
  /// - Throws: ``ONNXError/Reason`` if an input is missing, or has another type or shape than declared. The same error
  ///   is thrown if an operator is not supported or refuses its inputs, or if the values that are needed at one time
  ///   have more than ``ONNXModel/parameterLimit`` elements.
  package func evaluate(
    _ inputs: [String: ONNXTensor], outputs names: [String]? = nil
  ) throws(ONNXError.Reason) -> [String: ONNXTensor] {
    let graph = model.graph
    let wanted = names ?? graph.outputs.map(\.name)
    try check(inputs)
    let (needed, readers) = plan(Set(wanted), given: Set(inputs.keys))
    var remaining = readers
    var values = graph.initializers.merging(inputs) { _, input in input }
    var live = 0
    for (index, node) in graph.nodes.enumerated() where needed[index] {
      var operands: [ONNXTensor?] = []
      for name in node.inputs {
        guard !name.isEmpty else {
          operands.append(nil)
          continue
        }
        guard let value = values[name] else { throw .missingInput(name: name) }
        operands.append(value)
      }
      let results = try Self.evaluate(node, operands, opset: model.opsets[node.domain] ?? 0)
      operands = []
      for (name, result) in zip(node.outputs, results) where (remaining[name] ?? 0) > 0 {
        live += result.count
        guard live <= ONNXModel.parameterLimit else {
          throw .tooManyElements(tensor: name, limit: ONNXModel.parameterLimit)
        }
        values[name] = result
      }
      for name in Set(node.inputs) where !name.isEmpty {
        remaining[name, default: 1] -= 1
        if remaining[name] == 0, graph.initializers[name] == nil, inputs[name] == nil {
          live -= values.removeValue(forKey: name)?.count ?? 0
        }
      }
    }
    var results: [String: ONNXTensor] = [:]
    for name in wanted {
      guard let value = values[name] else { throw .missingInput(name: name) }
      results[name] = value
    }
    return results
  }

  /// The results of one node, in the order of its outputs.
  ///
  /// - Parameter opset: the version of the operator set of the node's domain.
  /// - Throws: ``ONNXError/Reason`` if the operator is not supported or refuses its inputs.
  package static func evaluate(
    _ node: ONNXNode, _ inputs: [ONNXTensor?], opset: Int
  ) throws(ONNXError.Reason) -> [ONNXTensor] {
    let reference = ONNXNodeReference(
      operatorName: node.operatorName, domain: node.domain, node: node.label, opset: opset)
    let operation = node.operation(opset: opset)
    guard node.domain.isEmpty, operation.hasEvaluator else {
      throw .unsupportedOperator(reference, supported: supportedOperators)
    }
    do throws(OperatorError) {
      let results = try operation.evaluate(inputs)
      if node.outputs.count > results.count, node.outputs[results.count...].contains(where: { !$0.isEmpty }) {
        throw .unsupported("output \(results.count)")
      }
      return results
    } catch {
      throw .node(reference, error)
    }
  }

  /// The nodes that the wanted values depend on, and the number of readers of each value. The caller counts as one
  /// reader of each wanted value.
  private func plan(_ wanted: Set<String>, given: Set<String>) -> (needed: [Bool], readers: [String: Int]) {
    let nodes = model.graph.nodes
    var needed = [Bool](repeating: false, count: nodes.count)
    var readers: [String: Int] = [:]
    for name in wanted { readers[name] = 1 }
    for (index, node) in nodes.enumerated().reversed() {
      guard node.outputs.contains(where: { readers[$0] != nil && !given.contains($0) }) else { continue }
      needed[index] = true
      for name in Set(node.inputs) where !name.isEmpty { readers[name, default: 0] += 1 }
    }
    return (needed, readers)
  }

  private func check(_ inputs: [String: ONNXTensor]) throws(ONNXError.Reason) {
    let graph = model.graph
    for (name, value) in inputs {
      if let initializer = graph.initializers[name] {
        guard value.type == initializer.type else {
          throw .wrongInput(name: name, expected: "of \(initializer.type)", found: "of \(value.type)")
        }
        continue
      }
      guard let info = graph.inputs.first(where: { $0.name == name }) else {
        throw .unknownInput(name: name, expected: graph.inputs.map(\.name))
      }
      try check(value, info)
    }
  }

  private func check(_ value: ONNXTensor, _ info: ONNXValueInfo) throws(ONNXError.Reason) {
    switch info.type {
    case .unsupported(let what): throw .unsupportedType(of: info.name, type: what)
    case .tensor(let type, let dimensions):
      guard type == value.type else {
        throw .wrongInput(name: info.name, expected: "of \(type)", found: "of \(value.type)")
      }
      guard let dimensions else { return }
      let fits =
        dimensions.count == value.rank
        && zip(dimensions, value.shape.extents).allSatisfy { dimension, extent in
          if case .extent(let expected) = dimension { expected == extent } else { true }
        }
      guard fits else {
        throw .wrongInput(
          name: info.name, expected: "of shape \(ONNXDimension.text(dimensions))",
          found: "of shape \(value.shape)")
      }
    }
  }
}
