// Imports convolutions, poolings and means over the image.

import TapBackbone
import TapONNXOperators
import TapTensors

extension ONNXImporter {
  /// The two axes of a window over an image of `height` by `width` pixels. These sides already include the zeros of
  /// `around`.
  private func axes(
    _ node: ONNXNode, kernel: [Int], height: Int, width: Int, around: Pads?
  ) -> (WindowAxis, WindowAxis)? {
    let strides = node.integers("strides") ?? [1, 1]
    let dilations = node.integers("dilations") ?? [1, 1]
    var pads = node.integers("pads") ?? [0, 0, 0, 0]
    let roundsUp = (node.integer("ceil_mode") ?? 0) != 0
    guard kernel.count == 2, strides.count == 2, dilations.count == 2, pads.count == 4,
      (kernel + strides + dilations).allSatisfy({ 1...4096 ~= $0 }), pads.allSatisfy({ 0...4096 ~= $0 })
    else { return nil }
    switch node.text("auto_pad") ?? "NOTSET" {
    case "NOTSET": break
    case "VALID": pads = [0, 0, 0, 0]
    case "SAME_UPPER", "SAME_LOWER":
      for (axis, extent) in [height, width].enumerated() {
        let output = (extent + strides[axis] - 1) / strides[axis]
        let total = max((output - 1) * strides[axis] + dilations[axis] * (kernel[axis] - 1) + 1 - extent, 0)
        let before = node.text("auto_pad") == "SAME_UPPER" ? total / 2 : total - total / 2
        (pads[axis], pads[axis + 2]) = (before, total - before)
      }
    default: return nil
    }
    let zeros = around ?? Pads()
    func axis(_ index: Int, _ before: Int, _ after: Int) -> WindowAxis {
      WindowAxis(
        kernel: kernel[index], stride: strides[index], dilation: dilations[index],
        padding: .around(before: pads[index] + before, after: pads[index + 2] + after), roundsUp: roundsUp)
    }
    return (axis(0, zeros.top, zeros.bottom), axis(1, zeros.left, zeros.right))
  }

  mutating func convolution(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value? {
    guard case .computed(let name, let shape, let pads)? = inputs[0], shape.rank == 4, shape[0] == 1,
      inputs.count >= 2,
      case .constant(let weights)? = inputs[1], weights.rank == 4,
      case .floats(let elements) = weights.storage
    else { return nil }
    var bias: [Float]?
    if inputs.count > 2, let given = inputs[2] {
      guard case .constant(let tensor) = given, case .floats(let floats) = tensor.storage,
        tensor.shape.extents == [weights.shape[0]]
      else { return nil }
      bias = floats
    }
    let groups = node.integer("group") ?? 1
    guard groups >= 1, weights.shape[0] > 0, weights.shape[0] % groups == 0,
      let (vertical, horizontal) = axes(
        node, kernel: [weights.shape[2], weights.shape[3]], height: shape[2], width: shape[3], around: pads)
    else { return nil }
    let operation = Convolution(
      weights: Tensor(shape: weights.shape, elements: elements), bias: bias, vertical: vertical,
      horizontal: horizontal, groups: groups)
    return appendChecked(node, operation, [name])
  }

  /// Appends an operator whose result has a batch of one image. The result is nil if the operator refuses its inputs.
  private mutating func appendChecked(_ node: ONNXNode, _ operation: any Operator, _ inputs: [String]) -> Value? {
    guard let result = try? operation.resultShape(inputs.map { shapes[$0] ?? [] }) else { return nil }
    return append(node.outputs[0], operation, inputs, Shape([1] + result.extents))
  }

  mutating func pooling(_ node: ONNXNode, _ x: Value) throws(ONNXError.Reason) -> Value? {
    guard case .computed = x, node.outputs.count == 1 || node.outputs[1].isEmpty else { return nil }
    let (name, shape) = try laid(x)
    guard shape.rank == 4, shape[0] == 1, let kernel = node.integers("kernel_shape"),
      let (vertical, horizontal) = axes(node, kernel: kernel, height: shape[2], width: shape[3], around: nil)
    else { return nil }
    let countsPadding = (node.integer("count_include_pad") ?? 0) != 0
    let kind: WindowPooling.Kind =
      node.operatorName == "MaxPool" ? .maximum : .average(countsPadding: countsPadding)
    let operation = WindowPooling(kind, vertical: vertical, horizontal: horizontal)
    // A mean with rounding up or dilation is left to the evaluator, whose definition decides the unusual cases, such as
    // windows completely on padding.
    let isPlain = !vertical.roundsUp && vertical.dilation == 1 && horizontal.dilation == 1
    guard isPlain || kind == .maximum else { return nil }
    return appendChecked(node, operation, [name])
  }

  /// Imports zeros around an image. The zeros are not added here; the convolution that reads the image adds them.
  mutating func pad(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value? {
    guard case .computed(let name, let shape, nil)? = inputs[0], shape.rank == 4, shape[0] == 1,
      (node.text("mode") ?? "constant") == "constant"
    else { return nil }
    var amounts = node.integers("pads")
    if inputs.count > 1, case .constant(let tensor)? = inputs[1] {
      amounts = (try? tensor.integers("pads"))?.map { Int($0) }
    }
    if inputs.count > 2, let value = inputs[2] {
      guard case .constant(let tensor) = value, case .floats(let floats) = tensor.storage, floats == [0]
      else { return nil }
    } else if node.float("value") ?? 0 != 0 {
      return nil
    }
    guard inputs.count < 4, let amounts, amounts.count == 8, amounts.allSatisfy({ 0...4096 ~= $0 }),
      amounts[0] == 0, amounts[1] == 0, amounts[4] == 0, amounts[5] == 0
    else { return nil }
    let pads = Pads(top: amounts[2], left: amounts[3], bottom: amounts[6], right: amounts[7])
    return .computed(
      name: name,
      shape: [1, shape[1], shape[2] + pads.top + pads.bottom, shape[3] + pads.left + pads.right], pads: pads)
  }

  mutating func globalAverage(
    _ node: ONNXNode, _ x: Value, keepsAxes: Bool
  ) throws(ONNXError.Reason) -> Value? {
    guard case .computed = x else { return nil }
    let (name, shape) = try laid(x)
    guard shape.rank == 4, shape[0] == 1 else { return nil }
    return append(
      node.outputs[0], GlobalAveragePooling(), [name], keepsAxes ? [1, shape[1], 1, 1] : [1, shape[1]])
  }

  mutating func reducedMean(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value? {
    guard let x = inputs[0] else { return nil }
    var axes = node.integers("axes")
    if inputs.count > 1, case .constant(let tensor)? = inputs[1] {
      axes = (try? tensor.integers("axes"))?.map { Int($0) }
    }
    guard let axes, Set(axes.map { $0 < 0 ? $0 + 4 : $0 }) == [2, 3] else { return nil }
    return try globalAverage(node, x, keepsAxes: (node.integer("keepdims") ?? 1) != 0)
  }
}
