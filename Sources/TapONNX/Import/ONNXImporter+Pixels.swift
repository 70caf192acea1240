// Values that are channels last in ONNX, such as ConvNeXt's between its transpositions: [1, H, W, C]. Our graph keeps
// the value before the transposition, whose memory is channels last anyway, and a product with a matrix is a
// convolution of one pixel.

import TapBackbone
import TapONNXOperators
import TapTensors

/// A value whose channels are ONNX's last axis and our first.
struct ChannelsLastValue {
  /// In our graph, of shape [C, H, W].
  let name: String
  /// In ONNX: [1, H, W, C].
  let shape: Shape
  /// The transpositions left out before it, by their outputs.
  let origins: Set<String>

  var channels: Int { shape[3] }
}

/// The transpositions to channels last that are left out of our graph.
///
/// They are left out only if the values return to channels first, and only if a product or a normalization over the
/// channels is in between: otherwise a graph stays the same as before, and with it its identity.
struct OmittedTransposes {
  /// Those that stay, whatever follows them.
  var kept: Set<String> = []
  /// Those that were left out; of them those with a node in between, and those whose values other nodes read.
  var left: Set<String> = []
  var worthwhile: Set<String> = []
  var needed: Set<String> = []
  private var round = 0
  private static let rounds = 8

  /// The next set to try; nil if everything that was left out could be.
  var next: OmittedTransposes? {
    let wrong = needed.union(left.subtracting(worthwhile))
    guard !wrong.isEmpty else { return nil }
    var result = OmittedTransposes()
    result.kept = kept.union(wrong)
    result.round = round + 1
    return result
  }

  func canLeave(_ output: String) -> Bool { round < Self.rounds && !kept.contains(output) }
}

/// The results of nodes without a kernel for zeros, kept from one round to the next.
final class ZeroResults {
  private var results: [String: [ONNXTensor]] = [:]

  func results(
    of node: ONNXNode, _ operands: [ONNXTensor?], opset: Int
  ) throws(ONNXError.Reason) -> [ONNXTensor] {
    // Constants are the same if the node's shapes are.
    let key =
      node.outputs.joined(separator: "\n") + "\n"
      + operands.map { $0?.shape.description ?? "-" }.joined(separator: " ")
    if let found = results[key] { return found }
    let found = try ONNXEvaluator.evaluate(node, operands, opset: opset)
    results[key] = found
    return found
  }
}

extension ONNXGraph {
  /// The number of nodes that read each value; an output of the graph counts once more.
  var readers: [String: Int] {
    var readers: [String: Int] = [:]
    for node in nodes { for name in node.inputs { readers[name, default: 0] += 1 } }
    for output in outputs { readers[output.name, default: 0] += 1 }
    return readers
  }
}

extension ONNXImporter {
  /// An image as it would be channels last in ONNX.
  mutating func transposed(_ node: ONNXNode, _ x: Value) throws(ONNXError.Reason) -> Value? {
    guard case .computed = x, node.integers("perm") == [0, 2, 3, 1], transposes.canLeave(node.outputs[0]),
      let shape = x.located?.shape, shape.rank == 4, shape[0] == 1
    else { return nil }
    let name = try laid(x).name
    guard shapes[name]?.rank == 3 else { return nil }
    transposes.left.insert(node.outputs[0])
    return .pixels(
      ChannelsLastValue(name: name, shape: [1, shape[2], shape[3], shape[1]], origins: [node.outputs[0]]))
  }

  /// Our operator for a node that reads such values, or nil.
  mutating func loweredPixels(_ node: ONNXNode, _ inputs: [Value?]) -> Value? {
    guard case .pixels(let x)? = inputs[0] else { return reversed(node, inputs) }
    if let operation = pointwise(node, inputs) { return append(node, operation, [x]) }
    switch node.operatorName {
    case "Identity", "Dropout", "Cast", "CastLike": return (try? alias(node, .pixels(x))) ?? nil
    case "Transpose":
      guard node.integers("perm") == [0, 3, 1, 2] else { return nil }
      return .computed(name: x.name, shape: [1, x.channels, x.shape[1], x.shape[2]], pads: nil)
    case "LayerNormalization": return layerNormalization(node, x, inputs)
    case "MatMul":
      guard inputs.count == 2, case .constant(let matrix)? = inputs[1], matrix.rank == 2,
        matrix.shape[0] == x.channels, matrix.shape[1] > 0, case .floats(let elements) = matrix.storage
      else { return nil }
      let (count, outputs) = (matrix.shape[0], matrix.shape[1])
      transposes.worthwhile.formUnion(x.origins)
      return append(
        node,
        .convolution(
          TapBackbone.Convolution(
            weights: Tensor(
              shape: [outputs, count, 1, 1],
              elements: Self.transposed(elements, rows: count, columns: outputs)),
            padding: .symmetric(0))), [x])
    case "Add", "Sub", "Mul", "Div":
      guard inputs.count == 2 else { return nil }
      switch inputs[1] {
      case .constant(let constant)?: return affine(node, x, constant, isReversed: false)
      case .pixels(let other)? where other.shape == x.shape && ["Add", "Mul"].contains(node.operatorName):
        return append(node, node.operatorName == "Add" ? .add : .multiply, [x, other])
      default: return nil
      }
    case "ReduceMean":
      var axes = node.integers("axes")
      if inputs.count > 1, case .constant(let tensor)? = inputs[1] {
        axes = (try? tensor.integers("axes"))?.map { Int($0) }
      }
      guard let axes, Set(axes.map { $0 < 0 ? $0 + 4 : $0 }) == [1, 2] else { return nil }
      let keepsAxes = (node.integer("keepdims") ?? 1) != 0
      return append(
        node.outputs[0], .globalAveragePool, [x.name], keepsAxes ? [1, 1, 1, x.channels] : [1, x.channels])
    default: return nil
    }
  }

  /// A constant before the value.
  private mutating func reversed(_ node: ONNXNode, _ inputs: [Value?]) -> Value? {
    guard ["Add", "Sub", "Mul"].contains(node.operatorName), inputs.count == 2,
      case .constant(let constant)? = inputs[0], case .pixels(let x)? = inputs[1]
    else { return nil }
    return affine(node, x, constant, isReversed: true)
  }

  /// A constant for all channels or for each.
  private mutating func affine(
    _ node: ONNXNode, _ x: ChannelsLastValue, _ constant: ONNXTensor, isReversed: Bool
  ) -> Value? {
    guard case .floats(let numbers) = constant.storage, constant.rank <= 4,
      numbers.count == 1 || (numbers.count == x.channels && constant.shape.extents.last == x.channels),
      let map = Self.map(
        node, (0..<x.channels).map { Double(numbers.count == 1 ? numbers[0] : numbers[$0]) },
        isReversed: isReversed)
    else { return nil }
    return append(node, .batchNormalization(map), [x])
  }

  private mutating func layerNormalization(_ node: ONNXNode, _ x: ChannelsLastValue, _ inputs: [Value?])
    -> Value?
  {
    guard inputs.count >= 2, [-1, 3].contains(node.integer("axis") ?? -1),
      node.outputs.dropFirst().allSatisfy({ readers[$0] == nil }),
      case .constant(let scale)? = inputs[1], scale.shape == [x.channels],
      case .floats(let gamma) = scale.storage
    else { return nil }
    var beta = [Float](repeating: 0, count: x.channels)
    if inputs.count > 2, let given = inputs[2] {
      guard case .constant(let bias) = given, bias.shape == scale.shape,
        case .floats(let floats) = bias.storage
      else { return nil }
      beta = floats
    }
    transposes.worthwhile.formUnion(x.origins)
    let epsilon = Double(node.float("epsilon") ?? 1e-5)
    return append(
      node, .layerNormalization(LayerNormalization(gamma: gamma, beta: beta, epsilon: epsilon)), [x])
  }

  private mutating func append(_ node: ONNXNode, _ operation: Operator, _ inputs: [ChannelsLastValue])
    -> Value?
  {
    let operands = inputs.map { shapes[$0.name] ?? [] }
    guard let found = try? operation.resultShape(operands), found.rank == 3 else { return nil }
    let name = unique(node.outputs[0])
    nodes.append(Graph.Node(name, operation, inputs.map(\.name)))
    shapes[name] = found
    return .pixels(
      ChannelsLastValue(
        name: name, shape: [1, found[1], found[2], found[0]],
        origins: inputs.reduce(into: []) { $0.formUnion($1.origins) }))
  }

  /// The value as ONNX has it. The transposition was needed, so another round will keep it from the beginning.
  mutating func laid(_ pixels: ChannelsLastValue) throws(ONNXError.Reason) -> (name: String, shape: Shape) {
    transposes.needed.formUnion(pixels.origins)
    let shape: Shape = [1, pixels.channels, pixels.shape[1], pixels.shape[2]]
    let temporary = unique("\(pixels.name) channels first")
    values[temporary] = .computed(name: pixels.name, shape: shape, pads: nil)
    let results = try general(
      ONNXNode(
        operatorName: "Transpose", inputs: [temporary], outputs: ["\(pixels.name) channels last"],
        attributes: ["perm": .integers([0, 2, 3, 1])]))
    guard let located = results[0].located else { preconditionFailure("computed") }
    return located
  }
}
