// Comparisons and logic with broadcasting. The results are bools. A comparison with NaN is false.

import TapTensors

package enum ONNXComparison {
  /// ONNX `Equal`: a = b.
  package static func equal(_ a: ONNXTensor, _ b: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try map(a, b, floats: { $0 == $1 }, integers: { $0 == $1 })
  }

  /// ONNX `Less`: a < b.
  package static func less(_ a: ONNXTensor, _ b: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    if a.type == .uint64 {
      return try map(a, b, floats: { $0 < $1 }, integers: { UInt64(bitPattern: $0) < UInt64(bitPattern: $1) })
    }
    return try map(a, b, floats: { $0 < $1 }, integers: { $0 < $1 })
  }

  /// ONNX `LessOrEqual`: a <= b.
  package static func lessOrEqual(_ a: ONNXTensor, _ b: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    if a.type == .uint64 {
      return try map(
        a, b, floats: { $0 <= $1 }, integers: { UInt64(bitPattern: $0) <= UInt64(bitPattern: $1) })
    }
    return try map(a, b, floats: { $0 <= $1 }, integers: { $0 <= $1 })
  }

  /// ONNX `Greater`: a > b.
  package static func greater(_ a: ONNXTensor, _ b: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try less(b, a)
  }

  /// ONNX `GreaterOrEqual`: a >= b.
  package static func greaterOrEqual(
    _ a: ONNXTensor, _ b: ONNXTensor
  ) throws(OperatorError) -> ONNXTensor {
    try lessOrEqual(b, a)
  }

  /// ONNX `And`: the logical and of bools.
  package static func and(_ a: ONNXTensor, _ b: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try logic(a, b) { $0 & $1 }
  }

  /// ONNX `Or`: the logical or of bools.
  package static func or(_ a: ONNXTensor, _ b: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try logic(a, b) { $0 | $1 }
  }

  /// ONNX `Xor`: the exclusive or of bools.
  package static func xor(_ a: ONNXTensor, _ b: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    try logic(a, b) { $0 ^ $1 }
  }

  /// ONNX `Not`: the negation of bools.
  package static func not(_ a: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    ONNXTensor(shape: a.shape, integers: try a.bools("the input").map { 1 - $0 }, type: .bool)
  }

  /// ONNX `IsNaN` and `IsInf`: whether `predicate` holds for each float.
  package static func test(
    _ a: ONNXTensor, _ predicate: (Float) -> Bool
  ) throws(OperatorError) -> ONNXTensor {
    ONNXTensor(shape: a.shape, integers: try a.floats().map { predicate($0) ? 1 : 0 }, type: .bool)
  }

  /// ONNX `Where`: the element of a if the condition holds, otherwise the element of b. The condition, a and b
  /// broadcast.
  package static func choose(
    _ condition: ONNXTensor, _ a: ONNXTensor, _ b: ONNXTensor
  ) throws(OperatorError) -> ONNXTensor {
    guard a.type == b.type else {
      throw .wrongType(of: "the third input", expected: "\(a.type) as the second", found: b.type)
    }
    let shape = try ONNXBroadcasting.shape([condition.shape, a.shape, b.shape])
    _ = try condition.bools("the condition")
    let chosen = try condition.broadcast(to: shape).integers()
    switch (a.broadcast(to: shape).storage, b.broadcast(to: shape).storage) {
    case (.floats(let x), .floats(let y)):
      let elements = chosen.indices.map { chosen[$0] != 0 ? x[$0] : y[$0] }
      return ONNXTensor(shape: shape, storage: .floats(elements), type: a.type)
    case (.integers(let x), .integers(let y)):
      let elements = chosen.indices.map { chosen[$0] != 0 ? x[$0] : y[$0] }
      return ONNXTensor(shape: shape, storage: .integers(elements), type: a.type)
    default: throw .wrongType(of: "the third input", expected: "\(a.type)", found: b.type)
    }
  }

  private static func logic(
    _ a: ONNXTensor, _ b: ONNXTensor, _ function: (Int64, Int64) -> Int64
  ) throws(OperatorError) -> ONNXTensor {
    let (x, y) = (try a.bools("the first input"), try b.bools("the second input"))
    let result = try ONNXBroadcasting.map(x, a.shape, y, b.shape, function)
    return ONNXTensor(shape: result.shape, integers: result.elements, type: .bool)
  }

  @inline(__always)
  private static func map(
    _ a: ONNXTensor, _ b: ONNXTensor, floats: (Float, Float) -> Bool, integers: (Int64, Int64) -> Bool
  ) throws(OperatorError) -> ONNXTensor {
    guard a.type == b.type else {
      throw .wrongType(of: "the second input", expected: "\(a.type) as the first", found: b.type)
    }
    switch (a.storage, b.storage) {
    case (.floats(let x), .floats(let y)):
      let result = try ONNXBroadcasting.map(x, a.shape, y, b.shape) { floats($0, $1) ? Int64(1) : 0 }
      return ONNXTensor(shape: result.shape, integers: result.elements, type: .bool)
    case (.integers(let x), .integers(let y)):
      let result = try ONNXBroadcasting.map(x, a.shape, y, b.shape) { integers($0, $1) ? Int64(1) : 0 }
      return ONNXTensor(shape: result.shape, integers: result.elements, type: .bool)
    default: throw .wrongType(of: "the second input", expected: "\(a.type)", found: b.type)
    }
  }
}
