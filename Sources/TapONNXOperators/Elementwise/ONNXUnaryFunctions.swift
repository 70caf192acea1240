// Functions of one operand, element by element, except the activation functions.

import TapTensors

package enum ONNXUnaryFunctions {
  /// ONNX `Exp`: e^x.
  package static func exp(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try ONNXActivations.mapDouble(x, ONNXTranscendental.exp)
  }

  /// ONNX `Log`: ln x.
  package static func log(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try ONNXActivations.mapDouble(x, ONNXTranscendental.log)
  }

  /// ONNX `Erf`: 2/√π ∫ e^(-t²) dt from 0 to x.
  package static func erf(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try ONNXActivations.mapDouble(x, ONNXTranscendental.erf)
  }

  /// ONNX `Sin`: the sine.
  package static func sine(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try ONNXActivations.mapDouble(x) { ONNXTranscendental.sineAndCosine($0).sine }
  }

  /// ONNX `Cos`: the cosine.
  package static func cosine(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try ONNXActivations.mapDouble(x) { ONNXTranscendental.sineAndCosine($0).cosine }
  }

  /// ONNX `Tan`: the tangent.
  package static func tangent(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try ONNXActivations.mapDouble(x) {
      let (sine, cosine) = ONNXTranscendental.sineAndCosine($0)
      return sine / cosine
    }
  }

  /// ONNX `Sqrt`: the square root; NaN below 0.
  package static func squareRoot(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try ONNXActivations.map(x) { $0.squareRoot() }
  }

  /// ONNX `Reciprocal`: 1 / x.
  package static func reciprocal(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try ONNXActivations.map(x) { 1 / $0 }
  }

  /// ONNX `Floor`: the largest whole number that is not above x.
  package static func floor(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try ONNXActivations.map(x) { $0.rounded(.down) }
  }

  /// ONNX `Ceil`: the smallest whole number that is not below x.
  package static func ceiling(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try ONNXActivations.map(x) { $0.rounded(.up) }
  }

  /// ONNX `Round`: the nearest whole number. Ties are rounded to the even number.
  package static func round(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try ONNXActivations.map(x) { $0.rounded(.toNearestOrEven) }
  }

  /// ONNX `Abs`: |x|, for floats or integers.
  package static func absolute(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    if x.type == .uint64 { return x }
    return numeric(x, floats: { $0.magnitude }, integers: { $0 < 0 ? 0 &- $0 : $0 })
  }

  /// ONNX `Neg`: -x, for floats or integers.
  package static func negate(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    numeric(x, floats: { -$0 }, integers: { 0 &- $0 })
  }

  /// ONNX `Sign`: -1, 0 or 1, for floats or integers.
  package static func sign(_ x: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    if x.type == .uint64 {
      return numeric(x, floats: { $0 }, integers: { $0 == 0 ? 0 : 1 })
    }
    return numeric(x, floats: { $0 > 0 ? 1 : $0 < 0 ? -1 : $0 }, integers: { $0.signum() })
  }

  /// ONNX `Clip`: min(max(x, lower), upper). A bound that is nil has no effect.
  ///
  /// - Throws: ``OperatorError`` unless each bound is a scalar of x's type.
  package static func clip(
    _ x: ONNXTensor, lower: ONNXTensor?, upper: ONNXTensor?
  ) throws(OperatorError) -> ONNXTensor {
    var result = x
    if let lower {
      guard lower.count == 1 else {
        throw .wrongShape(of: "the lower bound", expected: "a scalar's", found: lower.shape)
      }
      result = try ONNXArithmetic.maximum(result, lower.with(shape: []))
    }
    if let upper {
      guard upper.count == 1 else {
        throw .wrongShape(of: "the upper bound", expected: "a scalar's", found: upper.shape)
      }
      result = try ONNXArithmetic.minimum(result, upper.with(shape: []))
    }
    return result
  }

  /// ONNX `Cast`: a cast to floats rounds to nearest. A cast to integers rounds toward zero and clips to the range of
  /// the type; NaN gives 0. A cast to bool gives whether the element differs from 0.
  package static func cast(_ x: ONNXTensor, to type: ElementType) -> ONNXTensor {
    switch x.storage {
    case .floats(let elements):
      if type.isFloat { return ONNXTensor(shape: x.shape, floats: elements, type: type) }
      if type == .bool {
        return ONNXTensor(shape: x.shape, integers: elements.map { $0 != 0 ? 1 : 0 }, type: .bool)
      }
      if type == .uint64 {
        let integers = elements.map { x -> Int64 in
          x >= 0x1p64 ? -1 : x >= 0x1p63 ? Int64(bitPattern: UInt64(x)) : Int64(saturating: Double(x))
        }
        return ONNXTensor(shape: x.shape, integers: integers, type: type)
      }
      let integers = elements.map { Int64(saturating: Double($0)) }
      return ONNXTensor(shape: x.shape, integers: integers, type: type)
    case .integers(let elements):
      if type.isFloat {
        let floats = elements.map { x.type == .uint64 ? Float(UInt64(bitPattern: $0)) : Float($0) }
        return ONNXTensor(shape: x.shape, floats: floats, type: type)
      }
      return ONNXTensor(shape: x.shape, integers: elements, type: type)
    }
  }

  @inline(__always)
  private static func numeric(
    _ x: ONNXTensor, floats: (Float) -> Float, integers: (Int64) -> Int64
  ) -> ONNXTensor {
    switch x.storage {
    case .floats(let elements): ONNXTensor(shape: x.shape, floats: elements.map(floats), type: x.type)
    case .integers(let elements): ONNXTensor(shape: x.shape, integers: elements.map(integers), type: x.type)
    }
  }
}
