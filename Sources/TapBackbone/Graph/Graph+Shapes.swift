// The shape of each value for a given input, and the cost of each value.

import TapTensors

extension Graph {
  /// The logical shape of every value, without the batch axis: `[C, H, W]` or `[features]`.
  ///
  /// - Throws: ``BackboneError/operandMismatch`` when an operator cannot take its inputs.
  package func shapes(input: Shape) throws(BackboneError) -> [String: Shape] {
    var shapes = [Graph.input: input]
    for node in nodes {
      var operands: [Shape] = []
      for name in node.inputs {
        guard let shape = shapes[name] else { preconditionFailure("\(name) has no shape yet") }
        operands.append(shape)
      }
      shapes[node.output] = try node.operation.outputShape(node: node.output, operands)
    }
    return shapes
  }

  /// The number of multiply-adds that computing `target` takes for one image.
  package func multiplyAdds(of target: String, shapes: [String: Shape]) -> Int {
    reduced(to: [target]).nodes.reduce(0) { sum, node in
      sum + node.operation.multiplyAdds(output: shapes[node.output] ?? [])
    }
  }
}
