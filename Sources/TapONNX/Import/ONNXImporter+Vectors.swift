// Imports reshapes, concatenations, and layers over vectors.

import TapBackbone
import TapONNXOperators
import TapTensors

extension ONNXImporter {
  mutating func concatenation(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value? {
    var names: [String] = []
    var channels = 0
    var first: Shape?
    for input in inputs {
      guard let input, case .computed = input else { return nil }
      let (name, shape) = try laid(input)
      guard [2, 4].contains(shape.rank), shape[0] == 1, first.map({ $0.rank == shape.rank }) ?? true,
        first.map({ $0.extents.dropFirst(2) == shape.extents.dropFirst(2) }) ?? true
      else { return nil }
      first = first ?? shape
      channels += shape[1]
      names.append(name)
    }
    let axis = node.integer("axis") ?? 1
    guard let first, axis == 1 || axis == 1 - first.rank else { return nil }
    return append(node.outputs[0], Concatenation(), names, Shape([1, channels] + first.extents.dropFirst(2)))
  }

  /// Imports a change of shape. The evaluator finds the new shape by evaluating the node on zeros; the elements stay
  /// the same.
  mutating func reshaped(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value? {
    guard let x = inputs[0], case .computed = x else { return nil }
    let (name, shape) = try laid(x)
    var operands: [ONNXTensor?] = [
      ONNXTensor(shape: shape, floats: [Float](repeating: 0, count: shape.elementCount))
    ]
    for input in inputs.dropFirst() {
      switch input {
      case nil: operands.append(nil)
      case .constant(let tensor): operands.append(tensor)
      case .computed, .pixels: return nil
      }
    }
    let result = try ONNXEvaluator.evaluate(node, operands, opset: model.opsets[""] ?? 0)
    if result[0].shape == shape { return .computed(name: name, shape: shape, pads: nil) }
    let wanted = Self.ours(result[0].shape)
    if wanted == shapes[name] { return .computed(name: name, shape: result[0].shape, pads: nil) }
    return append(node.outputs[0], Reshape(wanted), [name], result[0].shape)
  }

  /// Imports a product with a constant matrix. The other operand is one vector, or rows along the last axis.
  mutating func fullyConnected(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason)
    -> Value?
  {
    guard inputs.count >= 2, let x = inputs[0], case .computed = x, case .constant(let matrix)? = inputs[1],
      matrix.rank == 2,
      case .floats(let elements) = matrix.storage
    else { return nil }
    let isGemm = node.operatorName == "Gemm"
    let isTransposed = isGemm && (node.integer("transB") ?? 0) != 0
    let (alpha, beta) = (isGemm ? node.float("alpha") ?? 1 : 1, isGemm ? node.float("beta") ?? 1 : 1)
    let (name, shape) = try laid(x)
    guard shape.rank == 2 || (shape.rank > 2 && !isGemm), node.integer("transA") ?? 0 == 0, alpha == 1,
      beta == 1
    else { return nil }
    let (outputs, count) =
      isTransposed ? (matrix.shape[0], matrix.shape[1]) : (matrix.shape[1], matrix.shape[0])
    guard count == shape[shape.rank - 1], outputs > 0, shapes[name]?.extents.last == count else { return nil }
    var bias = [Float](repeating: 0, count: outputs)
    if inputs.count > 2, let given = inputs[2] {
      guard case .constant(let tensor) = given, case .floats(let floats) = tensor.storage,
        [[outputs], [1, outputs]].contains(tensor.shape.extents)
      else { return nil }
      bias = floats
    }
    let weights = isTransposed ? elements : Self.transposed(elements, rows: count, columns: outputs)
    let layer = FullyConnected(weights: Tensor(shape: [outputs, count], elements: weights), bias: bias)
    return append(
      node.outputs[0], layer, [name], Shape(shape.extents.dropLast() + [outputs]))
  }

  static func transposed(_ elements: [Float], rows: Int, columns: Int) -> [Float] {
    var result = elements
    for column in 0..<columns {
      for row in 0..<rows { result[column * rows + row] = elements[row * columns + column] }
    }
    return result
  }

  mutating func softmax(_ node: ONNXNode, _ x: Value) throws(ONNXError.Reason) -> Value? {
    guard case .computed = x else { return nil }
    let (name, shape) = try laid(x)
    // Before opset 13, all axes from `axis` on form one vector.
    let isOld = (model.opsets[""] ?? 0) < 13
    let axis = node.integer("axis") ?? (isOld ? 1 : -1)
    let ends = shape.extents.dropFirst(2).allSatisfy { $0 == 1 }
    guard shape.rank >= 2, shape[0] == 1, ends,
      axis == 1 || axis == 1 - shape.rank || (axis == -1 && shape.rank == 2)
    else { return nil }
    return append(node.outputs[0], Softmax(), [name], shape, as: [shape[1]])
  }

  /// Appends an operator that needs its input in another shape than the value has.
  private mutating func append(
    _ name: String, _ operation: any Operator, _ inputs: [String], _ shape: Shape, as operand: Shape
  ) -> Value {
    guard let input = inputs.first, shapes[input] != operand else {
      return append(name, operation, inputs, shape)
    }
    let inner = unique(input + " as " + NodeHashText.shape(operand))
    nodes.append(Graph.Node(inner, Reshape(operand), [input]))
    shapes[inner] = operand
    return append(name, operation, [inner], shape)
  }
}
