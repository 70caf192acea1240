// Imports sums and products. The operands are two values, or a value and a constant. With a constant, the operation is
// an affine map.

import TapBackbone
import TapONNXOperators
import TapTensors

extension ONNXImporter {
  mutating func batchNormalization(
    _ node: ONNXNode, _ inputs: [Value?]
  ) throws(ONNXError.Reason) -> Value? {
    guard inputs.count == 5, let x = inputs[0], case .computed = x,
      node.integer("training_mode") ?? 0 == 0, node.outputs.count == 1 || node.outputs[1].isEmpty
    else {
      return nil
    }
    var parameters: [[Float]] = []
    for input in inputs.dropFirst() {
      guard case .constant(let tensor)? = input, case .floats(let floats) = tensor.storage else { return nil }
      parameters.append(floats)
    }
    let (name, shape) = try laid(x)
    let channels = shape.rank > 1 ? shape[1] : 0
    guard [2, 4].contains(shape.rank), shape[0] == 1, parameters.allSatisfy({ $0.count == channels }) else {
      return nil
    }
    let map = BatchNormalization(
      gamma: parameters[0], beta: parameters[1], mean: parameters[2], variance: parameters[3],
      epsilon: Double(node.float("epsilon") ?? 1e-5))
    return append(node.outputs[0], map, [name], shape)
  }

  mutating func arithmetic(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value? {
    guard inputs.count == 2, let a = inputs[0], let b = inputs[1] else { return nil }
    switch (a, b) {
    case (.computed, .computed): return try combination(node, a, b)
    case (.computed, .constant(let tensor)): return try affine(node, a, tensor, isReversed: false)
    case (.constant(let tensor), .computed): return try affine(node, b, tensor, isReversed: true)
    default: return nil
    }
  }

  /// Imports a sum or product of two values. One of the values may hold one number for each channel.
  private mutating func combination(_ node: ONNXNode, _ a: Value, _ b: Value) throws(ONNXError.Reason)
    -> Value?
  {
    guard ["Add", "Mul"].contains(node.operatorName) else { return nil }
    let (first, second) = (try laid(a), try laid(b))
    if first.shape == second.shape {
      return append(
        node.outputs[0], node.operatorName == "Add" ? Addition() : Multiplication(), [first.name, second.name],
        first.shape
      )
    }
    guard node.operatorName == "Mul" else { return nil }
    let (large, small) =
      first.shape.elementCount > second.shape.elementCount ? (first, second) : (second, first)
    guard large.shape.rank == 4, large.shape[0] == 1, small.shape == [1, large.shape[1], 1, 1] else {
      return nil
    }
    return append(node.outputs[0], Multiplication(), [large.name, small.name], large.shape)
  }

  /// Imports an operation of a value and a constant as `y = scale x + shift`. The constant is one number, or one number
  /// for each channel.
  private mutating func affine(
    _ node: ONNXNode, _ x: Value, _ constant: ONNXTensor, isReversed: Bool
  ) throws(ONNXError.Reason) -> Value? {
    guard case .floats(let numbers) = constant.storage else { return nil }
    let (name, shape) = try laid(x)
    guard [2, 4].contains(shape.rank), shape[0] == 1 else { return nil }
    let channels = shape[1]
    let axes = [1, channels] + (shape.rank == 4 ? [1, 1] : [])
    let padded = [Int](repeating: 1, count: max(0, shape.rank - constant.rank)) + constant.shape.extents
    guard numbers.count == 1 && constant.rank <= shape.rank || padded == axes else { return nil }
    let perChannel = (0..<channels).map { Double(numbers.count == 1 ? numbers[0] : numbers[$0]) }
    guard let map = Self.map(node, perChannel, isReversed: isReversed) else { return nil }
    return append(node.outputs[0], map, [name], shape)
  }

  /// The affine map of each channel for a sum, difference, product or quotient with constants; nil if the operation is
  /// not an affine map.
  static func map(_ node: ONNXNode, _ constants: [Double], isReversed: Bool) -> BatchNormalization? {
    let ones = [Double](repeating: 1, count: constants.count)
    let zeros = [Double](repeating: 0, count: constants.count)
    let map: BatchNormalization
    switch (node.operatorName, isReversed) {
    case ("Add", _): map = BatchNormalization(scale: ones, shift: constants)
    case ("Sub", false): map = BatchNormalization(scale: ones, shift: constants.map { -$0 })
    case ("Sub", true): map = BatchNormalization(scale: ones.map { -$0 }, shift: constants)
    case ("Mul", _): map = BatchNormalization(scale: constants, shift: zeros)
    case ("Div", false) where constants.allSatisfy { $0 != 0 }:
      map = BatchNormalization(scale: constants.map { 1 / $0 }, shift: zeros)
    default: return nil
    }
    return (map.scale + map.shift).allSatisfy(\.isFinite) ? map : nil
  }
}
