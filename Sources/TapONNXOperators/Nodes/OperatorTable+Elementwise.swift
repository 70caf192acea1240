// Functions of one element, or of two elements whose tensors broadcast.

import TapTensors

extension OperatorTable {
  static func addElementwise(to table: inout OperatorTable) {
    table.add("Add", binary(ONNXArithmetic.add))
    table.add("Sub", binary(ONNXArithmetic.subtract))
    table.add("Mul", binary(ONNXArithmetic.multiply))
    table.add("Div", binary(ONNXArithmetic.divide))
    table.add("Pow", binary(ONNXArithmetic.power))
    table.add("Mod") { context throws(OperatorError) in
      let (a, b) = try context.operands()
      return [try ONNXArithmetic.remainder(a, b, truncating: try context.flag("fmod"))]
    }
    table.add("Min") { context throws(OperatorError) in
      [try ONNXArithmetic.fold(try context.allInputs(), ONNXArithmetic.minimum)]
    }
    table.add("Max") { context throws(OperatorError) in
      [try ONNXArithmetic.fold(try context.allInputs(), ONNXArithmetic.maximum)]
    }
    table.add("Sum") { context throws(OperatorError) in [try ONNXArithmetic.sum(try context.allInputs())] }
    table.add("Mean") { context throws(OperatorError) in [try ONNXArithmetic.mean(try context.allInputs())] }

    table.add("Equal", binary(ONNXComparison.equal))
    table.add("Less", binary(ONNXComparison.less))
    table.add("LessOrEqual", binary(ONNXComparison.lessOrEqual))
    table.add("Greater", binary(ONNXComparison.greater))
    table.add("GreaterOrEqual", binary(ONNXComparison.greaterOrEqual))
    table.add("And", binary(ONNXComparison.and))
    table.add("Or", binary(ONNXComparison.or))
    table.add("Xor", binary(ONNXComparison.xor))
    table.add("Not", unary(ONNXComparison.not))
    table.add("Where") { context throws(OperatorError) in
      [try ONNXComparison.choose(try context.input(0), try context.input(1), try context.input(2))]
    }
    table.add("IsNaN") { context throws(OperatorError) in
      [try ONNXComparison.test(try context.input(0)) { $0.isNaN }]
    }
    table.add("IsInf") { context throws(OperatorError) in
      let positive = try context.flag("detect_positive", default: true)
      let negative = try context.flag("detect_negative", default: true)
      return [
        try ONNXComparison.test(try context.input(0)) { $0.isInfinite && ($0 > 0 ? positive : negative) }
      ]
    }

    table.add("Exp", unary(ONNXUnaryFunctions.exp))
    table.add("Log", unary(ONNXUnaryFunctions.log))
    table.add("Erf", unary(ONNXUnaryFunctions.erf))
    table.add("Sin", unary(ONNXUnaryFunctions.sine))
    table.add("Cos", unary(ONNXUnaryFunctions.cosine))
    table.add("Tan", unary(ONNXUnaryFunctions.tangent))
    table.add("Sqrt", unary(ONNXUnaryFunctions.squareRoot))
    table.add("Reciprocal", unary(ONNXUnaryFunctions.reciprocal))
    table.add("Abs", unary(ONNXUnaryFunctions.absolute))
    table.add("Neg", unary(ONNXUnaryFunctions.negate))
    table.add("Sign", unary(ONNXUnaryFunctions.sign))
    table.add("Floor", unary(ONNXUnaryFunctions.floor))
    table.add("Ceil", unary(ONNXUnaryFunctions.ceiling))
    table.add("Round", unary(ONNXUnaryFunctions.round))
    table.add("Clip") { context throws(OperatorError) in [try clip(context)] }
    table.add("Cast") { context throws(OperatorError) in
      let code = try context.integer("to")
      guard let type = ONNXDataType.type(Int64(code)) else {
        throw .unsupported("a tensor " + ONNXDataType.name(Int64(code)))
      }
      return [ONNXUnaryFunctions.cast(try context.input(0), to: type)]
    }
    table.add("CastLike") { context throws(OperatorError) in
      [ONNXUnaryFunctions.cast(try context.input(0), to: try context.input(1).type)]
    }
    table.add("Identity") { context throws(OperatorError) in [try context.input(0)] }
    table.add("Dropout") { context throws(OperatorError) in
      let x = try context.input(0)
      // Dropout is active if the input training_mode is true (since opset 12), or if the attribute is_test is absent
      // (before opset 7).
      if let training = try context.scalar(input: 2, "training_mode"), training != 0 {
        throw .unsupported("training_mode")
      }
      let mask = [Int64](repeating: 1, count: x.count)
      return [
        x,
        context.opset < 10 && x.type.isFloat
          ? ONNXTensor(shape: x.shape, floats: mask.map { Float($0) }, type: x.type)
          : ONNXTensor(shape: x.shape, integers: mask, type: .bool),
      ]
    }
  }

  /// Makes an operator of a function of one operand.
  static func unary(
    _ function: @escaping @Sendable (ONNXTensor) throws(OperatorError) -> ONNXTensor
  ) -> OperatorBody {
    { context throws(OperatorError) in [try function(try context.input(0))] }
  }

  /// Makes an operator of a function of two operands that broadcast.
  private static func binary(
    _ function: @escaping @Sendable (ONNXTensor, ONNXTensor) throws(OperatorError) -> ONNXTensor
  ) -> OperatorBody {
    { context throws(OperatorError) in
      let (a, b) = try context.operands()
      return [try function(a, b)]
    }
  }

  /// The bounds are attributes before opset 11 and inputs since opset 11.
  private static func clip(_ context: OperatorArguments) throws(OperatorError) -> ONNXTensor {
    let x = try context.input(0)
    guard context.opset < 11 else {
      return try ONNXUnaryFunctions.clip(x, lower: context.optional(1), upper: context.optional(2))
    }
    func bound(_ name: String) throws(OperatorError) -> ONNXTensor? {
      guard context.node.attributes[name] != nil else { return nil }
      return ONNXUnaryFunctions.cast(ONNXTensor(try context.float(name, default: 0)), to: x.type)
    }
    return try ONNXUnaryFunctions.clip(x, lower: try bound("min"), upper: try bound("max"))
  }
}
