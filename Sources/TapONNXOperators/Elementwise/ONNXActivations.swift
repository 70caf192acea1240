// Activation functions of floats, element by element. Exponentials, logarithms and hyperbolic tangents are computed in
// double precision, and each result is rounded once.

import TapTensors

package enum ONNXActivations {
  /// ONNX `Relu`: max(x, 0), for floats or integers. The result for NaN is NaN.
  package static func relu(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    if case .integers(let elements) = x.storage {
      return ONNXTensor(shape: x.shape, integers: elements.map { max($0, 0) }, type: x.type)
    }
    return try map(x) { $0 < 0 ? 0 : $0 }
  }

  /// ONNX `LeakyRelu`: x for x >= 0, alpha · x for x < 0.
  package static func leakyRelu(_ x: ONNXTensor, alpha: Float) throws(OperatorError) -> ONNXTensor {
    try map(x) { $0 < 0 ? alpha * $0 : $0 }
  }

  /// ONNX `PRelu`: x for x >= 0, slope · x for x < 0. The slope broadcasts to x.
  package static func parametricRelu(
    _ x: ONNXTensor, slope: ONNXTensor
  ) throws(OperatorError) -> ONNXTensor {
    guard slope.type == x.type else {
      throw .wrongType(of: "the slope", expected: "\(x.type) as the input", found: slope.type)
    }
    guard try ONNXBroadcasting.shape([x.shape, slope.shape]) == x.shape else {
      throw .wrongShape(of: "the slope", expected: "one that broadcasts to \(x.shape)", found: slope.shape)
    }
    if case .integers(let elements) = x.storage {
      let slopes = try slope.broadcast(to: x.shape).integers()
      let result = elements.indices.map { elements[$0] < 0 ? elements[$0] &* slopes[$0] : elements[$0] }
      return ONNXTensor(shape: x.shape, integers: result, type: x.type)
    }
    let result = try ONNXBroadcasting.map(try x.floats(), x.shape, try slope.floats(), slope.shape) {
      $0 < 0 ? $0 * $1 : $0
    }
    return ONNXTensor(shape: x.shape, floats: result.elements, type: x.type)
  }

  /// ONNX `Elu`: x for x >= 0, alpha (e^x - 1) for x < 0.
  package static func elu(_ x: ONNXTensor, alpha: Float) throws(OperatorError) -> ONNXTensor {
    try mapDouble(x) { $0 < 0 ? Double(alpha) * ONNXTranscendental.expMinusOne($0) : $0 }
  }

  /// ONNX `Selu`: gamma x for x > 0, gamma alpha (e^x - 1) for x <= 0.
  package static func selu(
    _ x: ONNXTensor, alpha: Float, gamma: Float
  ) throws(OperatorError) -> ONNXTensor {
    try mapDouble(x) {
      Double(gamma) * ($0 > 0 ? $0 : Double(alpha) * ONNXTranscendental.expMinusOne($0))
    }
  }

  /// ONNX `Celu`: max(x, 0) + min(0, alpha (e^(x / alpha) - 1)).
  package static func celu(_ x: ONNXTensor, alpha: Float) throws(OperatorError) -> ONNXTensor {
    let alpha = Double(alpha)
    return try mapDouble(x) {
      max($0, 0) + min(0, alpha * ONNXTranscendental.expMinusOne($0 / alpha))
    }
  }

  /// ONNX `ThresholdedRelu`: x for x > alpha, otherwise 0.
  package static func thresholdedRelu(_ x: ONNXTensor, alpha: Float) throws(OperatorError) -> ONNXTensor {
    try map(x) { $0 > alpha ? $0 : 0 }
  }

  /// ONNX `Sigmoid`: 1 / (1 + e^-x).
  package static func sigmoid(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try mapDouble(x, ONNXTranscendental.sigmoid)
  }

  /// ONNX `HardSigmoid`: max(0, min(1, alpha x + beta)).
  package static func hardSigmoid(
    _ x: ONNXTensor, alpha: Float, beta: Float
  ) throws(OperatorError) -> ONNXTensor {
    try map(x) { max(0, min(1, alpha * $0 + beta)) }
  }

  /// ONNX `HardSwish`: x max(0, min(1, x / 6 + 1/2)).
  package static func hardSwish(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try map(x) { $0 * max(0, min(1, $0 / 6 + 0.5)) }
  }

  /// ONNX `Swish` (SiLU for alpha = 1): x / (1 + e^(-alpha x)).
  package static func swish(_ x: ONNXTensor, alpha: Float) throws(OperatorError) -> ONNXTensor {
    try mapDouble(x) { $0 * ONNXTranscendental.sigmoid(Double(alpha) * $0) }
  }

  /// ONNX `Mish`: x tanh(ln(1 + e^x)).
  package static func mish(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try mapDouble(x) { $0 * ONNXTranscendental.tanh(ONNXTranscendental.softplus($0)) }
  }

  /// ONNX `Tanh`: the hyperbolic tangent.
  package static func tanh(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try mapDouble(x, ONNXTranscendental.tanh)
  }

  /// ONNX `Softplus`: ln(1 + e^x).
  package static func softplus(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try mapDouble(x, ONNXTranscendental.softplus)
  }

  /// ONNX `Softsign`: x / (1 + |x|).
  package static func softsign(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try map(x) { $0 / (1 + $0.magnitude) }
  }

  /// ONNX `Gelu`: x/2 (1 + erf(x / √2)). If `approximate` is true, x/2 (1 + tanh(√(2/π) (x + 0.044715 x³))).
  package static func gelu(_ x: ONNXTensor, approximate: Bool) throws(OperatorError) -> ONNXTensor {
    let scale = (2 / Double.pi).squareRoot()
    return try mapDouble(x) { x in
      approximate
        ? x / 2 * (1 + ONNXTranscendental.tanh(scale * (x + 0.044715 * x * x * x)))
        : x / 2 * (1 + ONNXTranscendental.erf(x / 2.0.squareRoot()))
    }
  }

  /// ONNX `Shrink`: x + bias for x < -lambda, x - bias for x > lambda, otherwise 0.
  package static func shrink(
    _ x: ONNXTensor, lambda: Float, bias: Float
  ) throws(OperatorError) -> ONNXTensor {
    if case .integers(let elements) = x.storage {
      let result = elements.map { element -> Int64 in
        let x = Float(element)
        return Int64(saturating: Double(x < -lambda ? x + bias : x > lambda ? x - bias : 0))
      }
      return ONNXTensor(shape: x.shape, integers: result, type: x.type)
    }
    return try map(x) { $0 < -lambda ? $0 + bias : $0 > lambda ? $0 - bias : 0 }
  }

  @inline(__always)
  static func map(_ x: ONNXTensor, _ function: (Float) -> Float) throws(OperatorError) -> ONNXTensor {
    ONNXTensor(shape: x.shape, floats: try x.floats().map(function), type: x.type)
  }

  static func mapDouble(
    _ x: ONNXTensor, _ function: (Double) -> Double
  ) throws(OperatorError) -> ONNXTensor {
    ONNXTensor(shape: x.shape, floats: try x.floats().map { Float(function(Double($0))) }, type: x.type)
  }
}
