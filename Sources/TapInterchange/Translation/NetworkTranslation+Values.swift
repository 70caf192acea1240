// Activations, normalizations, products and layers over vectors.

import TapBackbone
import TapONNXOperators
import TapTensors

extension NetworkTranslation {
  mutating func add(_ clamp: Clamp, _ operands: [String], as output: String) {
    guard clamp != .relu else {
      builder.add("Relu", operands, as: output)
      return
    }
    func bound(_ value: Float, _ name: String, _ builder: inout ONNXGraphBuilder) -> String {
      value.isFinite ? builder.constant([], [value], near: output + "." + name) : ""
    }
    let minimum = bound(clamp.minimum, "min", &builder)
    let maximum = bound(clamp.maximum, "max", &builder)
    var all = operands + [minimum, maximum]
    while all.last == "" { all.removeLast() }
    builder.add("Clip", all, as: output)
  }

  mutating func add(_ activation: Activation, _ operands: [String], as output: String) {
    switch activation {
    case .sigmoid: builder.add("Sigmoid", operands, as: output)
    case .tanh: builder.add("Tanh", operands, as: output)
    case .hardSwish: builder.add("HardSwish", operands, as: output)
    case .hardSigmoid:
      builder.add("HardSigmoid", operands, as: output, ["alpha": .float(1 / 6), "beta": .float(0.5)])
    case .silu:
      let gate = builder.add("Sigmoid", operands, near: output)
      builder.add("Mul", [operands[0], gate], as: output)
    case .gelu:
      // The operator Gelu came with operator set 20. Importers recognize these five nodes.
      let root = builder.constant([], [Float(2).squareRoot()], near: output + ".root")
      let one = builder.constant([], [1], near: output + ".one")
      let half = builder.constant([], [0.5], near: output + ".half")
      let scaled = builder.add("Div", [operands[0], root], near: output)
      let error = builder.add("Erf", [scaled], near: output)
      let sum = builder.add("Add", [error, one], near: output)
      let product = builder.add("Mul", [operands[0], sum], near: output)
      builder.add("Mul", [product, half], as: output)
    }
  }

  mutating func add(_ normalization: BatchNormalization, _ operands: [String], as output: String) {
    let channels = normalization.channels
    let zeros = [Float](repeating: 0, count: channels)
    let ones = [Float](repeating: 1, count: channels)
    let parts = [
      builder.constant([channels], normalization.scale.map { Float($0) }, near: output + ".scale"),
      builder.constant([channels], normalization.shift.map { Float($0) }, near: output + ".shift"),
      builder.constant([channels], zeros, near: output + ".mean"),
      builder.constant([channels], ones, near: output + ".variance"),
    ]
    builder.add("BatchNormalization", operands + parts, as: output, ["epsilon": .float(0)])
  }

  /// ONNX normalizes over the last axes, so the channels of an image become the last axis and go back.
  mutating func add(
    _ normalization: LayerNormalization, _ operands: [String], _ input: Shape, as output: String
  ) {
    let channels = normalization.gamma.count
    let scale = builder.constant([channels], normalization.gamma, near: output + ".scale")
    let shift = builder.constant([channels], normalization.beta, near: output + ".shift")
    let attributes: [String: ONNXAttribute] = [
      "axis": .integer(-1), "epsilon": .float(Float(normalization.epsilon)),
    ]
    guard input.rank == 3 else {
      builder.add("LayerNormalization", [operands[0], scale, shift], as: output, attributes)
      return
    }
    let last = builder.add("Transpose", operands, near: output, ["perm": .integers([0, 2, 3, 1])])
    let normalized = builder.add("LayerNormalization", [last, scale, shift], near: output, attributes)
    builder.add("Transpose", [normalized], as: output, ["perm": .integers([0, 3, 1, 2])])
  }

  /// A product of two values. A factor for each channel gets the axes of an image.
  mutating func addProduct(_ operands: [String], _ shapes: [Shape], as output: String) {
    var factor = operands[1]
    if shapes[1].rank == 1, shapes[0].rank == 3 {
      let gates = builder.name(output + ".gates")
      addReshape(factor, to: [shapes[1][0], 1, 1], as: gates)
      factor = gates
    }
    builder.add("Mul", [operands[0], factor], as: output)
  }

  mutating func add(_ layer: FullyConnected, _ operands: [String], _ input: Shape, as output: String) {
    let (outputs, inputs) = (layer.outputFeatures, layer.inputFeatures)
    let bias = builder.constant([outputs], layer.bias, near: output + ".bias")
    if input.rank == 1 {
      let weights = builder.constant([outputs, inputs], layer.weights.elements, near: output + ".weight")
      builder.add("Gemm", [operands[0], weights, bias], as: output, ["transB": .integer(1)])
      return
    }
    var transposed = layer.weights.elements
    for o in 0..<outputs {
      for i in 0..<inputs { transposed[i * outputs + o] = layer.weights.elements[o * inputs + i] }
    }
    let weights = builder.constant([inputs, outputs], transposed, near: output + ".weight")
    let product = builder.add("MatMul", [operands[0], weights], near: output)
    builder.add("Add", [product, bias], as: output)
  }
}
