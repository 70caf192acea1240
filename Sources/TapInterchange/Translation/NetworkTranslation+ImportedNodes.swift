// Nodes that came from an ONNX file. They keep their form if the operator set of the export defines it in the same way.

import TapBackbone
import TapONNXOperators
import TapTensors

extension NetworkTranslation {
  mutating func add(
    _ imported: ImportedNode, _ operands: [String], _ node: Graph.Node, as output: String
  ) throws(ExportError) {
    let operation = imported.node
    if let reason = OperatorSetChanges.reason(against: operation, at: ONNXExport.opset) {
      throw .notTranslatable(node: node.output, operation: operation.type, reason: reason)
    }
    for (name, attribute) in operation.attributes {
      if case .unsupported(let what) = attribute {
        throw .notTranslatable(
          node: node.output, operation: operation.type, reason: "its attribute '\(name)' is \(what)")
      }
    }
    let results: [ONNXTensor]
    do {
      results = try imported.results(
        imported.inputShapes.map { [Float](repeating: 0, count: $0.elementCount) })
    } catch {
      throw .notTranslatable(node: node.output, operation: operation.type, reason: "\(error)")
    }
    var names: [String] = []
    var values = zip(operands, imported.inputShapes).makeIterator()
    for operand in imported.operands {
      switch operand {
      case .absent: names.append("")
      case .constant(let tensor): names.append(builder.constant(tensor, near: output + ".constant"))
      case .value(let seen):
        guard let (value, own) = values.next() else { preconditionFailure("\(output) lacks an operand") }
        names.append(reshaped(value, from: [1] + own.extents, to: seen.extents, near: output))
      }
    }
    while names.last == "" { names.removeLast() }
    let shape = results[imported.result].shape.extents
    let wanted = [1] + imported.outputShape.extents
    let own = shape == wanted ? output : builder.name(output + "." + operation.type)
    let outputs = results.indices.map { $0 == imported.result ? own : builder.name(output + ".unused") }
    builder.add(operation.type, names, outputs: outputs, operation.attributes)
    if own != output {
      builder.add("Reshape", [own, builder.constant(wanted, near: output + ".shape")], as: output)
    }
  }

  /// A value with the axes that a node sees. The batch is one image, so the shape is fixed.
  private mutating func reshaped(_ value: String, from own: [Int], to seen: [Int], near hint: String) -> String {
    guard own != seen else { return value }
    return builder.add("Reshape", [value, builder.constant(seen, near: hint + ".shape")], near: hint)
  }
}
