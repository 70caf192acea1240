// Imports operators for which we have a kernel. Each function returns nil if our kernel does not compute the node; the
// evaluator then runs the node.

import TapBackbone
import TapONNXOperators
import TapTensors

extension ONNXImporter {
  /// Our operator for a node; nil if we have no kernel for the node.
  mutating func lowered(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value? {
    guard node.domain.isEmpty, let first = inputs.first ?? nil, !node.outputs.isEmpty else { return nil }
    if inputs.contains(where: { if case .pixels? = $0 { true } else { false } }) {
      return loweredPixels(node, inputs)
    }
    if let operation = pointwise(node, inputs) { return try unary(node, first, operation) }
    switch node.operatorName {
    case "Identity", "Dropout", "Cast", "CastLike": return try alias(node, first)
    case "Conv": return try convolution(node, inputs)
    case "BatchNormalization": return try batchNormalization(node, inputs)
    case "Add", "Sub", "Mul", "Div": return try arithmetic(node, inputs)
    case "MaxPool", "AveragePool": return try pooling(node, first)
    case "GlobalAveragePool": return try globalAverage(node, first, keepsAxes: true)
    case "ReduceMean": return try reducedMean(node, inputs)
    case "Concat": return try concatenation(node, inputs)
    case "Flatten", "Reshape", "Squeeze", "Unsqueeze": return try reshaped(node, inputs)
    case "Gemm", "MatMul": return try fullyConnected(node, inputs)
    case "Softmax": return try softmax(node, first)
    case "Pad": return try pad(node, inputs)
    case "Transpose": return try transposed(node, first)
    default: return nil
    }
  }

  /// Our operator for a node that maps each element separately; nil if we have no kernel for the node.
  func pointwise(_ node: ONNXNode, _ inputs: [Value?]) -> (any Operator)? {
    switch node.operatorName {
    case "Relu": return Clamp.relu
    case "Clip": return clip(node, inputs)
    case "Sigmoid": return Activation.sigmoid
    case "Tanh": return Activation.tanh
    case "HardSwish": return Activation.hardSwish
    case "HardSigmoid":
      let slope = node.float("alpha") ?? 0.2
      return abs(slope - 1 / 6) < 1e-6 && node.float("beta") ?? 0.5 == 0.5 ? Activation.hardSigmoid : nil
    case "Gelu": return node.text("approximate") ?? "none" == "none" ? Activation.gelu : nil
    default: return nil
    }
  }

  // MARK: - The same value

  /// Imports nodes that leave an image's values unchanged.
  func alias(_ node: ONNXNode, _ x: Value) throws(ONNXError.Reason) -> Value? {
    if case .constant = x { return nil }
    if node.operatorName.hasPrefix("Cast") {
      // Code 1 is float, 10 is float16, 11 is double. We compute all three in float32.
      if let to = node.integer("to"), ![1, 10, 11].contains(to) { return nil }
      if node.operatorName == "CastLike" { return nil }
    }
    if node.outputs.count > 1, !node.outputs[1].isEmpty { return nil }
    return x
  }

  private mutating func unary(_ node: ONNXNode, _ x: Value, _ operation: any Operator) throws(ONNXError.Reason)
    -> Value?
  {
    guard case .computed = x else { return nil }
    let (name, shape) = try laid(x)
    return append(node.outputs[0], operation, [name], shape)
  }

  private func clip(_ node: ONNXNode, _ inputs: [Value?]) -> (any Operator)? {
    func bound(_ index: Int, _ attribute: String, _ absent: Float) -> Float? {
      guard inputs.count > index, let input = inputs[index] else { return node.float(attribute) ?? absent }
      guard case .constant(let tensor) = input, case .floats(let floats) = tensor.storage, floats.count == 1
      else { return nil }
      return floats[0]
    }
    guard let minimum = bound(1, "min", -.infinity), let maximum = bound(2, "max", .infinity),
      minimum <= maximum
    else { return nil }
    return Clamp(minimum: minimum, maximum: maximum)
  }
}

extension ONNXNode {
  /// The attribute of the requested type. An attribute of another type counts as absent here; the evaluator reports the
  /// error.
  func integer(_ name: String) -> Int? {
    if case .integer(let value)? = attributes[name] { Int(value) } else { nil }
  }

  func integers(_ name: String) -> [Int]? {
    if case .integers(let values)? = attributes[name] { values.map { Int($0) } } else { nil }
  }

  func float(_ name: String) -> Float? {
    if case .float(let value)? = attributes[name] { value } else { nil }
  }

  func text(_ name: String) -> String? {
    if case .text(let value)? = attributes[name] { value } else { nil }
  }
}
