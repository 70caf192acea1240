// Operators that have a kernel of ours. Each function answers nil where a node is something else than the kernel computes; then
// the evaluator's definition runs.

import TapBackbone
import TapOperations
import TapTensors

extension ONNXImporter {
  /// Our operator for a node, or nil.
  mutating func lowered(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value? {
    guard node.domain.isEmpty, let first = inputs.first ?? nil else { return nil }
    switch node.operatorName {
    case "Identity", "Dropout", "Cast", "CastLike": return try alias(node, first)
    case "Conv": return try convolution(node, inputs)
    case "BatchNormalization": return try batchNormalization(node, inputs)
    case "Relu": return try unary(node, first, .clamp(.relu))
    case "Clip": return try clip(node, inputs)
    case "Sigmoid": return try unary(node, first, .activation(.sigmoid))
    case "Tanh": return try unary(node, first, .activation(.tanh))
    case "HardSwish": return try unary(node, first, .activation(.hardSwish))
    case "HardSigmoid":
      let slope = node.float("alpha") ?? 0.2
      guard abs(slope - 1 / 6) < 1e-6, node.float("beta") ?? 0.5 == 0.5 else { return nil }
      return try unary(node, first, .activation(.hardSigmoid))
    case "Gelu":
      guard node.text("approximate") ?? "none" == "none" else { return nil }
      return try unary(node, first, .activation(.gelu))
    case "Add", "Sub", "Mul", "Div": return try arithmetic(node, inputs)
    case "MaxPool", "AveragePool": return try pooling(node, first)
    case "GlobalAveragePool": return try globalAverage(node, first, keepsAxes: true)
    case "ReduceMean": return try reducedMean(node, inputs)
    case "Concat": return try concatenation(node, inputs)
    case "Flatten", "Reshape", "Squeeze", "Unsqueeze": return try reshaped(node, inputs)
    case "Gemm", "MatMul": return try fullyConnected(node, inputs)
    case "Softmax": return try softmax(node, first)
    case "Pad": return try pad(node, inputs)
    default: return nil
    }
  }

  // MARK: - The same value

  /// What only passes a picture's values on.
  private func alias(_ node: ONNXNode, _ x: Value) throws(ONNXError.Reason) -> Value? {
    guard case .computed = x else { return nil }
    if node.operatorName.hasPrefix("Cast") {
      // 1 is float, 10 float16, 11 double: all are computed in float32 here.
      if let to = node.integer("to"), ![1, 10, 11].contains(to) { return nil }
      if node.operatorName == "CastLike" { return nil }
    }
    if node.outputs.count > 1, !node.outputs[1].isEmpty { return nil }
    return x
  }

  private mutating func unary(_ node: ONNXNode, _ x: Value, _ operation: Operator) throws(ONNXError.Reason)
    -> Value?
  {
    guard case .computed = x else { return nil }
    let (name, shape) = try laid(x)
    return append(node.outputs[0], operation, [name], shape)
  }

  private mutating func clip(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value? {
    func bound(_ index: Int, _ attribute: String, _ absent: Float) -> Float? {
      guard inputs.count > index, let input = inputs[index] else { return node.float(attribute) ?? absent }
      guard case .constant(let tensor) = input, case .floats(let floats) = tensor.storage, floats.count == 1
      else { return nil }
      return floats[0]
    }
    guard let x = inputs[0], let minimum = bound(1, "min", -.infinity),
      let maximum = bound(2, "max", .infinity),
      minimum <= maximum
    else { return nil }
    return try unary(node, x, .clamp(Clamp(minimum: minimum, maximum: maximum)))
  }

  // MARK: - Windows

  /// The two axes of a window over a picture of `height` by `width` pixels, `around` of which are zeros already.
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

  private mutating func convolution(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value? {
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
    let operation = Operator.convolution(
      TapBackbone.Convolution(
        weights: Tensor(shape: weights.shape, elements: elements), bias: bias, vertical: vertical,
        horizontal: horizontal, groups: groups))
    return appendChecked(node, operation, [name])
  }

  /// Appends an operator whose result has a batch of one; nil where it does not take what it is given.
  private mutating func appendChecked(_ node: ONNXNode, _ operation: Operator, _ inputs: [String]) -> Value? {
    guard let result = try? operation.resultShape(inputs.map { shapes[$0] ?? [] }) else { return nil }
    return append(node.outputs[0], operation, inputs, Shape([1] + result.extents))
  }

  private mutating func pooling(_ node: ONNXNode, _ x: Value) throws(ONNXError.Reason) -> Value? {
    guard case .computed = x, node.outputs.count == 1 || node.outputs[1].isEmpty else { return nil }
    let (name, shape) = try laid(x)
    guard shape.rank == 4, shape[0] == 1, let kernel = node.integers("kernel_shape"),
      let (vertical, horizontal) = axes(node, kernel: kernel, height: shape[2], width: shape[3], around: nil)
    else { return nil }
    let countsPadding = (node.integer("count_include_pad") ?? 0) != 0
    let kind: WindowPooling.Kind =
      node.operatorName == "MaxPool" ? .maximum : .average(countsPadding: countsPadding)
    let operation = Operator.windowPooling(
      WindowPooling(kind, vertical: vertical, horizontal: horizontal))
    // Where rounding up, dilation or a window that lies wholly on padding come together, the definition decides.
    let isPlain = !vertical.roundsUp && vertical.dilation == 1 && horizontal.dilation == 1
    guard isPlain || kind == .maximum else { return nil }
    return appendChecked(node, operation, [name])
  }

  /// Zeros around a picture wait for the convolution that reads them.
  private mutating func pad(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value? {
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

  // MARK: - Means

  private mutating func globalAverage(
    _ node: ONNXNode, _ x: Value, keepsAxes: Bool
  ) throws(ONNXError.Reason) -> Value? {
    guard case .computed = x else { return nil }
    let (name, shape) = try laid(x)
    guard shape.rank == 4, shape[0] == 1 else { return nil }
    return append(
      node.outputs[0], .globalAveragePool, [name], keepsAxes ? [1, shape[1], 1, 1] : [1, shape[1]])
  }

  private mutating func reducedMean(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value? {
    guard let x = inputs[0] else { return nil }
    var axes = node.integers("axes")
    if inputs.count > 1, case .constant(let tensor)? = inputs[1] {
      axes = (try? tensor.integers("axes"))?.map { Int($0) }
    }
    guard let axes, Set(axes.map { $0 < 0 ? $0 + 4 : $0 }) == [2, 3] else { return nil }
    return try globalAverage(node, x, keepsAxes: (node.integer("keepdims") ?? 1) != 0)
  }

  // MARK: - Element by element

  private mutating func batchNormalization(
    _ node: ONNXNode, _ inputs: [Value?]
  ) throws(ONNXError.Reason) -> Value? {
    guard inputs.count == 5, let x = inputs[0], case .computed = x,
      node.outputs.count == 1 || node.outputs[1].isEmpty
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
    return append(node.outputs[0], .batchNormalization(map), [name], shape)
  }

  private mutating func arithmetic(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value? {
    guard inputs.count == 2, let a = inputs[0], let b = inputs[1] else { return nil }
    switch (a, b) {
    case (.computed, .computed): return try combination(node, a, b)
    case (.computed, .constant(let tensor)): return try affine(node, a, tensor, isReversed: false)
    case (.constant(let tensor), .computed): return try affine(node, b, tensor, isReversed: true)
    default: return nil
    }
  }

  /// A sum of two values, or a product, also with a value for each channel.
  private mutating func combination(_ node: ONNXNode, _ a: Value, _ b: Value) throws(ONNXError.Reason)
    -> Value?
  {
    guard ["Add", "Mul"].contains(node.operatorName) else { return nil }
    let (first, second) = (try laid(a), try laid(b))
    if first.shape == second.shape {
      return append(
        node.outputs[0], node.operatorName == "Add" ? .add : .multiply, [first.name, second.name], first.shape
      )
    }
    guard node.operatorName == "Mul" else { return nil }
    let (large, small) =
      first.shape.elementCount > second.shape.elementCount ? (first, second) : (second, first)
    guard large.shape.rank == 4, large.shape[0] == 1, small.shape == [1, large.shape[1], 1, 1] else {
      return nil
    }
    return append(node.outputs[0], .multiply, [large.name, small.name], large.shape)
  }

  /// A value and a constant, one number or one for each channel: `y = scale x + shift`.
  private mutating func affine(
    _ node: ONNXNode, _ x: Value, _ constant: TensorValue, isReversed: Bool
  ) throws(ONNXError.Reason) -> Value? {
    guard case .floats(let numbers) = constant.storage else { return nil }
    let (name, shape) = try laid(x)
    guard [2, 4].contains(shape.rank), shape[0] == 1 else { return nil }
    let channels = shape[1]
    let axes = [1, channels] + (shape.rank == 4 ? [1, 1] : [])
    let padded = [Int](repeating: 1, count: max(0, shape.rank - constant.rank)) + constant.shape.extents
    guard numbers.count == 1 && constant.rank <= shape.rank || padded == axes else { return nil }
    let perChannel = (0..<channels).map { Double(numbers.count == 1 ? numbers[0] : numbers[$0]) }
    let ones = [Double](repeating: 1, count: channels)
    let zeros = [Double](repeating: 0, count: channels)
    let map: BatchNormalization
    switch (node.operatorName, isReversed) {
    case ("Add", _): map = BatchNormalization(scale: ones, shift: perChannel)
    case ("Sub", false): map = BatchNormalization(scale: ones, shift: perChannel.map { -$0 })
    case ("Sub", true): map = BatchNormalization(scale: ones.map { -$0 }, shift: perChannel)
    case ("Mul", _): map = BatchNormalization(scale: perChannel, shift: zeros)
    case ("Div", false) where perChannel.allSatisfy { $0 != 0 }:
      map = BatchNormalization(scale: perChannel.map { 1 / $0 }, shift: zeros)
    default: return nil
    }
    guard (map.scale + map.shift).allSatisfy(\.isFinite) else { return nil }
    return append(node.outputs[0], .batchNormalization(map), [name], shape)
  }

  // MARK: - Shapes

  private mutating func concatenation(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value?
  {
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
    return append(node.outputs[0], .concatenate, names, Shape([1, channels] + first.extents.dropFirst(2)))
  }

  /// The shape is what the evaluator gives zeros; the elements stay as they are.
  private mutating func reshaped(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason) -> Value? {
    guard let x = inputs[0], case .computed = x else { return nil }
    let (name, shape) = try laid(x)
    var operands: [TensorValue?] = [
      TensorValue(shape: shape, floats: [Float](repeating: 0, count: shape.elementCount))
    ]
    for input in inputs.dropFirst() {
      switch input {
      case nil: operands.append(nil)
      case .constant(let tensor): operands.append(tensor)
      case .computed: return nil
      }
    }
    let result = try ONNXEvaluator.evaluate(node, operands, opset: model.opsets[""] ?? 0)
    if result[0].shape == shape { return .computed(name: name, shape: shape, pads: nil) }
    let wanted = Self.ours(result[0].shape)
    if wanted == shapes[name] { return .computed(name: name, shape: result[0].shape, pads: nil) }
    return append(node.outputs[0], .reshape(wanted), [name], result[0].shape)
  }

  // MARK: - Vectors

  private mutating func fullyConnected(_ node: ONNXNode, _ inputs: [Value?]) throws(ONNXError.Reason)
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
    guard shape.rank == 2, shape[0] == 1, node.integer("transA") ?? 0 == 0, alpha == 1, beta == 1 else {
      return nil
    }
    let (outputs, count) =
      isTransposed ? (matrix.shape[0], matrix.shape[1]) : (matrix.shape[1], matrix.shape[0])
    guard count == shape[1], outputs > 0 else { return nil }
    var bias = [Float](repeating: 0, count: outputs)
    if inputs.count > 2, let given = inputs[2] {
      guard case .constant(let tensor) = given, case .floats(let floats) = tensor.storage,
        [[outputs], [1, outputs]].contains(tensor.shape.extents)
      else { return nil }
      bias = floats
    }
    var weights = elements
    if !isTransposed {
      for output in 0..<outputs {
        for input in 0..<count { weights[output * count + input] = elements[input * outputs + output] }
      }
    }
    let layer = FullyConnected(weights: Tensor(shape: [outputs, count], elements: weights), bias: bias)
    return append(node.outputs[0], .fullyConnected(layer), [name], [1, outputs])
  }

  private mutating func softmax(_ node: ONNXNode, _ x: Value) throws(ONNXError.Reason) -> Value? {
    guard case .computed = x else { return nil }
    let (name, shape) = try laid(x)
    // Before opset 13 everything from the axis on is one vector.
    let isOld = (model.opsets[""] ?? 0) < 13
    let axis = node.integer("axis") ?? (isOld ? 1 : -1)
    let ends = shape.extents.dropFirst(2).allSatisfy { $0 == 1 }
    guard shape.rank >= 2, shape[0] == 1, ends,
      axis == 1 || axis == 1 - shape.rank || (axis == -1 && shape.rank == 2)
    else { return nil }
    return append(node.outputs[0], .softmax, [name], shape, as: [shape[1]])
  }

  /// Appends an operator that wants its input under another shape.
  private mutating func append(
    _ name: String, _ operation: Operator, _ inputs: [String], _ shape: Shape, as operand: Shape
  ) -> Value {
    guard let input = inputs.first, shapes[input] != operand else {
      return append(name, operation, inputs, shape)
    }
    let inner = unique("\(input) as \(operand)")
    nodes.append(Graph.Node(inner, .reshape(operand), [input]))
    shapes[inner] = operand
    return append(name, operation, [inner], shape)
  }
}

extension ONNXNode {
  /// Attributes of the type asked for; another type counts as absent, and the evaluator will object to it.
  fileprivate func integer(_ name: String) -> Int? {
    if case .integer(let value)? = attributes[name] { Int(value) } else { nil }
  }

  fileprivate func integers(_ name: String) -> [Int]? {
    if case .integers(let values)? = attributes[name] { values.map { Int($0) } } else { nil }
  }

  fileprivate func float(_ name: String) -> Float? {
    if case .float(let value)? = attributes[name] { value } else { nil }
  }

  fileprivate func text(_ name: String) -> String? {
    if case .text(let value)? = attributes[name] { value } else { nil }
  }
}
