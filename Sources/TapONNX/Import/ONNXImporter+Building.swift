// Adds nodes to our graph, with their names and shapes.

import TapBackbone
import TapONNXOperators
import TapTensors

extension ONNXImporter {
  /// The shape in our graph: the ONNX shape without the batch axis of extent 1.
  static func ours(_ shape: Shape) -> Shape {
    shape.rank > 1 && shape[0] == 1 ? Shape(Array(shape.extents.dropFirst())) : shape.rank == 0 ? [1] : shape
  }

  /// Appends one of our operators. `shape` is the ONNX shape of the result; a reshape follows if our operator's result
  /// has fewer axes.
  mutating func append(
    _ name: String, _ operation: any Operator, _ inputs: [String], _ shape: Shape
  ) -> Value {
    let operands = inputs.map { shapes[$0] ?? [] }
    let wanted = Self.ours(shape)
    let found = (try? operation.resultShape(operands)) ?? wanted
    let unique = self.unique(name)
    nodes.append(Graph.Node(unique, operation, inputs))
    shapes[unique] = found
    guard found != wanted else { return .computed(name: unique, shape: shape, pads: nil) }
    // The vector keeps the tensor's own name, since callers usually tap the vector.
    let reshaped = self.unique(name + " as " + NodeHashText.shape(wanted))
    nodes.append(Graph.Node(reshaped, Reshape(wanted), [unique]))
    shapes[reshaped] = wanted
    return .computed(name: reshaped, shape: shape, pads: nil)
  }

  /// A computed value after its pending zeros have been added around it.
  mutating func laid(_ value: Value) throws(ONNXError.Reason) -> (name: String, shape: Shape) {
    if case .pixels(let pixels) = value { return try laid(pixels) }
    guard case .computed(let name, let shape, let pads) = value else { preconditionFailure("a constant") }
    guard let pads else { return (name, shape) }
    let inner = Shape([1, shape[1], shape[2] - pads.top - pads.bottom, shape[3] - pads.left - pads.right])
    let temporary = unique("\(name) without zeros")
    values[temporary] = .computed(name: name, shape: inner, pads: nil)
    let padding = [0, 0, pads.top, pads.left, 0, 0, pads.bottom, pads.right].map(Int64.init)
    let node = ONNXNode(
      operatorName: "Pad", inputs: [temporary], outputs: ["\(name) with zeros"],
      attributes: ["pads": .integers(padding)])
    // In opsets 2 to 10, the pads are an attribute.
    let results = try ONNXEvaluator.evaluate(
      node, [ONNXTensor(shape: inner, floats: [Float](repeating: 0, count: inner.elementCount))], opset: 10)
    let operation = ImportedNode(
      node: node.operation(opset: 10), operands: [.value(inner)], attributes: NodeHashText.pads(pads),
      inputShapes: [shapes[name] ?? []], outputShape: Self.ours(results[0].shape))
    guard case .computed(let laid, _, _) = append("\(name) with zeros", operation, [name], shape)
    else {
      preconditionFailure("computed")
    }
    return (laid, shape)
  }

  /// A name that no value has yet, made from `name`.
  mutating func unique(_ name: String) -> String {
    var candidate = name
    var count = 2
    while !taken.insert(candidate).inserted {
      candidate = "\(name) (\(count))"
      count += 1
    }
    return candidate
  }
}
