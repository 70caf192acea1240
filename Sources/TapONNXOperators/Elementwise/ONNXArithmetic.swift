// Functions of two operands with broadcasting, element by element. Both operands have the type of the result. Integers
// wrap around, and integer division rounds toward zero as in C.

import TapTensors

package enum ONNXArithmetic {
  /// ONNX `Add`: a + b.
  package static func add(_ a: ONNXTensor, _ b: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try map(a, b, floats: { $0 + $1 }, integers: { $0 &+ $1 })
  }

  /// ONNX `Sub`: a - b.
  package static func subtract(_ a: ONNXTensor, _ b: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try map(a, b, floats: { $0 - $1 }, integers: { $0 &- $1 })
  }

  /// ONNX `Mul`: a · b.
  package static func multiply(_ a: ONNXTensor, _ b: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try map(a, b, floats: { $0 * $1 }, integers: { $0 &* $1 })
  }

  /// ONNX `Div`: a / b.
  ///
  /// - Throws: ``OperatorError/divisionByZero`` if an integer is divided by 0.
  package static func divide(_ a: ONNXTensor, _ b: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try checkDivisor(b)
    if a.type == .uint64 {
      return try map(
        a, b, floats: { $0 / $1 },
        integers: { Int64(bitPattern: UInt64(bitPattern: $0) / UInt64(bitPattern: $1)) })
    }
    return try map(a, b, floats: { $0 / $1 }, integers: { $0.dividedReportingOverflow(by: $1).partialValue })
  }

  /// ONNX `Mod`: the remainder of a division. The remainder has the sign of the divisor, or the sign of the dividend if
  /// `truncating` is true (`fmod = 1`).
  ///
  /// - Throws: ``OperatorError/divisionByZero`` if an integer is divided by 0.
  package static func remainder(
    _ a: ONNXTensor, _ b: ONNXTensor, truncating: Bool
  ) throws(OperatorError) -> ONNXTensor {
    try checkDivisor(b)
    if a.type == .uint64 {
      return try map(
        a, b, floats: { x, _ in x },
        integers: { Int64(bitPattern: UInt64(bitPattern: $0) % UInt64(bitPattern: $1)) })
    }
    return try map(
      a, b,
      floats: { x, y in
        let remainder = x.truncatingRemainder(dividingBy: y)
        return truncating || remainder == 0 || (remainder < 0) == (y < 0) ? remainder : remainder + y
      },
      integers: { x, y in
        let remainder = x.remainderReportingOverflow(dividingBy: y).partialValue
        return truncating || remainder == 0 || (remainder < 0) == (y < 0) ? remainder : remainder + y
      })
  }

  /// ONNX `Min` of two tensors. The result is NaN if either element is NaN.
  package static func minimum(_ a: ONNXTensor, _ b: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    if a.type == .uint64 {
      return try map(
        a, b, floats: { x, _ in x }, integers: { UInt64(bitPattern: $0) < UInt64(bitPattern: $1) ? $0 : $1 })
    }
    return try map(a, b, floats: { $0.isNaN || $0 < $1 ? $0 : $1 }, integers: { $0 < $1 ? $0 : $1 })
  }

  /// ONNX `Max` of two tensors. The result is NaN if either element is NaN.
  package static func maximum(_ a: ONNXTensor, _ b: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    if a.type == .uint64 {
      return try map(
        a, b, floats: { x, _ in x }, integers: { UInt64(bitPattern: $0) > UInt64(bitPattern: $1) ? $0 : $1 })
    }
    return try map(a, b, floats: { $0.isNaN || $0 > $1 ? $0 : $1 }, integers: { $0 > $1 ? $0 : $1 })
  }

  /// ONNX `Pow`: base^exponent. The result has the type of the base; the exponent may have another type.
  package static func power(
    _ base: ONNXTensor, _ exponent: ONNXTensor
  ) throws(OperatorError) -> ONNXTensor {
    let exponents = doubles(exponent)
    switch base.storage {
    case .floats(let x):
      let result = try ONNXBroadcasting.map(x, base.shape, exponents, exponent.shape) {
        Float(ONNXTranscendental.pow(Double($0), $1))
      }
      return ONNXTensor(shape: result.shape, floats: result.elements, type: base.type)
    case .integers(let x):
      let result = try ONNXBroadcasting.map(x, base.shape, exponents, exponent.shape) { integerPower($0, $1) }
      return ONNXTensor(shape: result.shape, integers: result.elements, type: base.type)
    }
  }

  /// ONNX `Sum`: the sum of one or more tensors.
  package static func sum(_ values: [ONNXTensor]) throws(OperatorError) -> ONNXTensor {
    try fold(values, add)
  }

  /// ONNX `Mean`: the sum of one or more tensors divided by their number.
  package static func mean(_ values: [ONNXTensor]) throws(OperatorError) -> ONNXTensor {
    let sum = try sum(values)
    let elements = try sum.floats()
    return ONNXTensor(shape: sum.shape, floats: elements.map { $0 / Float(values.count) }, type: sum.type)
  }

  /// Applies an operation of two tensors, such as ONNX `Min` or `Max`, to one or more tensors in order.
  package static func fold(
    _ values: [ONNXTensor],
    _ operation: (ONNXTensor, ONNXTensor) throws(OperatorError) -> ONNXTensor
  ) throws(OperatorError) -> ONNXTensor {
    guard var result = values.first else { throw .missing("the first input") }
    for value in values.dropFirst() { result = try operation(result, value) }
    return result
  }

  @inline(__always)
  private static func map(
    _ a: ONNXTensor, _ b: ONNXTensor, floats: (Float, Float) -> Float, integers: (Int64, Int64) -> Int64
  ) throws(OperatorError) -> ONNXTensor {
    guard a.type == b.type else {
      throw .wrongType(of: "the second input", expected: "\(a.type) as the first", found: b.type)
    }
    switch (a.storage, b.storage) {
    case (.floats(let x), .floats(let y)):
      let result = try ONNXBroadcasting.map(x, a.shape, y, b.shape, floats)
      return ONNXTensor(shape: result.shape, floats: result.elements, type: a.type)
    case (.integers(let x), .integers(let y)):
      let result = try ONNXBroadcasting.map(x, a.shape, y, b.shape, integers)
      return ONNXTensor(shape: result.shape, integers: result.elements, type: a.type)
    default: throw .wrongType(of: "the second input", expected: "\(a.type)", found: b.type)
    }
  }

  private static func checkDivisor(_ b: ONNXTensor) throws(OperatorError) {
    if case .integers(let divisors) = b.storage, divisors.contains(0) { throw .divisionByZero }
  }

  private static func doubles(_ value: ONNXTensor) -> [Double] {
    switch value.storage {
    case .floats(let elements): elements.map { Double($0) }
    case .integers(let elements): elements.map { Double($0) }
    }
  }

  /// The power x^y. If y is a whole number from 0 to 2^32 - 1, the power is exact and wraps around. For any other y,
  /// the power is a double that is rounded toward zero.
  private static func integerPower(_ x: Int64, _ y: Double) -> Int64 {
    guard y >= 0, y.rounded() == y, y < 0x1p32 else {
      return Int64(saturating: ONNXTranscendental.pow(Double(x), y))
    }
    var (result, base, exponent) = (Int64(1), x, Int64(y))
    while exponent > 0 {
      if exponent & 1 == 1 { result = result &* base }
      base = base &* base
      exponent >>= 1
    }
    return result
  }
}

extension Int64 {
  /// `x` rounded toward zero. Outside the range of Int64 the result is the nearest Int64; for NaN the result is 0.
  init(saturating x: Double) {
    if x.isNaN {
      self = 0
    } else if x >= 0x1p63 {
      self = .max
    } else if x < -0x1p63 {
      self = .min
    } else {
      self = Int64(x)
    }
  }
}
