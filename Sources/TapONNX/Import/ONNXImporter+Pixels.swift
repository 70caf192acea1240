// Imports values whose channels are the last axis in ONNX, [1, H, W, C], such as ConvNeXt's values between its two
// transpositions. Our graph keeps the value before the transposition, since our memory order is channels last anyway. A
// product with a matrix becomes a convolution with a kernel of one pixel.

import TapBackbone
import TapONNXOperators
import TapTensors

/// A value whose channels are the last axis in ONNX and the first axis in our graph.
struct ChannelsLastValue {
  /// The name of the value in our graph, which has shape [C, H, W].
  let name: String
  /// The shape in ONNX: [1, H, W, C].
  let shape: Shape
  /// The transpositions before this value that our graph leaves out, by the names of their outputs.
  let origins: Set<String>

  var channels: Int { shape[3] }
}

/// The transpositions to channels last that our graph leaves out. The importer imports the model in several rounds. The
/// last round leaves out only transpositions that may be left out.
///
/// A transposition is left out only under two conditions: a later transposition returns to channels first, and a
/// product or a normalization over the channels is between the two transpositions. In all other cases the graph keeps
/// the transposition, so that graphs and identities of earlier versions do not change.
struct OmittedTransposes {
  /// The transpositions that stay in every round, by the names of their outputs.
  var kept: Set<String> = []
  /// The transpositions that this round leaves out. Among these, the transpositions in `worthwhile` have a product or a
  /// normalization after them. The values of the transpositions in `needed` are read by another kind of node.
  var left: Set<String> = []
  var worthwhile: Set<String> = []
  var needed: Set<String> = []
  private var round = 0
  private static let rounds = 8

  /// The set to try in the next round; nil if every transposition that was left out may be left out.
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

/// The evaluator's results for nodes without a kernel, computed on zeros. The results are kept from one round to the
/// next.
final class ZeroResults {
  private var results: [String: [ONNXTensor]] = [:]

  func results(
    of node: ONNXNode, _ operands: [ONNXTensor?], opset: Int
  ) throws(ONNXError.Reason) -> [ONNXTensor] {
    // The key needs no constants: a node's constants do not change between rounds.
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
  /// The number of nodes that read each value. An output of the graph counts as one more reader.
  var readers: [String: Int] {
    var readers: [String: Int] = [:]
    for node in nodes { for name in node.inputs { readers[name, default: 0] += 1 } }
    for output in outputs { readers[output.name, default: 0] += 1 }
    return readers
  }
}

extension ONNXImporter {
  /// Imports a transposition of an image to channels last as a channels-last value.
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

  /// Our operator for a node that reads channels-last values; nil if we have no kernel for the node.
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
        Convolution(
          weights: Tensor(
            shape: [outputs, count, 1, 1],
            elements: Self.transposed(elements, rows: count, columns: outputs)),
          padding: .symmetric(0)), [x])
    case "Add", "Sub", "Mul", "Div":
      guard inputs.count == 2 else { return nil }
      switch inputs[1] {
      case .constant(let constant)?: return affine(node, x, constant, isReversed: false)
      case .pixels(let other)? where other.shape == x.shape && ["Add", "Mul"].contains(node.operatorName):
        return append(node, node.operatorName == "Add" ? Addition() : Multiplication(), [x, other])
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
        node.outputs[0], GlobalAveragePooling(), [x.name], keepsAxes ? [1, 1, 1, x.channels] : [1, x.channels])
    default: return nil
    }
  }

  /// Imports a sum, difference or product whose first operand is a constant and whose second operand is the value.
  private mutating func reversed(_ node: ONNXNode, _ inputs: [Value?]) -> Value? {
    guard ["Add", "Sub", "Mul"].contains(node.operatorName), inputs.count == 2,
      case .constant(let constant)? = inputs[0], case .pixels(let x)? = inputs[1]
    else { return nil }
    return affine(node, x, constant, isReversed: true)
  }

  /// Imports an operation with a constant, which is one number or one number for each channel.
  private mutating func affine(
    _ node: ONNXNode, _ x: ChannelsLastValue, _ constant: ONNXTensor, isReversed: Bool
  ) -> Value? {
    guard case .floats(let numbers) = constant.storage, constant.rank <= 4,
      numbers.count == 1 || (numbers.count == x.channels && constant.shape.extents.last == x.channels),
      let map = Self.map(
        node, (0..<x.channels).map { Double(numbers.count == 1 ? numbers[0] : numbers[$0]) },
        isReversed: isReversed)
    else { return nil }
    return append(node, map, [x])
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
      node, LayerNormalization(gamma: gamma, beta: beta, epsilon: epsilon), [x])
  }

  private mutating func append(_ node: ONNXNode, _ operation: any Operator, _ inputs: [ChannelsLastValue])
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

  /// The value in ONNX's order of axes. Since this order is needed, the next round keeps the transposition.
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
