import TapTensors

// Functions of one element, or of two that broadcast.

extension OperatorTable {
  static func addElementwise(to table: inout OperatorTable) {
    table.add("Add", binary(Arithmetic.add))
    table.add("Sub", binary(Arithmetic.subtract))
    table.add("Mul", binary(Arithmetic.multiply))
    table.add("Div", binary(Arithmetic.divide))
    table.add("Pow", binary(Arithmetic.power))
    table.add("Mod") { context throws(OperatorError) in
      let (a, b) = try context.operands()
      return [try Arithmetic.remainder(a, b, truncating: try context.flag("fmod"))]
    }
    table.add("Min") { context throws(OperatorError) in
      [try Arithmetic.fold(try context.allInputs(), Arithmetic.minimum)]
    }
    table.add("Max") { context throws(OperatorError) in
      [try Arithmetic.fold(try context.allInputs(), Arithmetic.maximum)]
    }
    table.add("Sum") { context throws(OperatorError) in [try Arithmetic.sum(try context.allInputs())] }
    table.add("Mean") { context throws(OperatorError) in [try Arithmetic.mean(try context.allInputs())] }

    table.add("Equal", binary(Comparison.equal))
    table.add("Less", binary(Comparison.less))
    table.add("LessOrEqual", binary(Comparison.lessOrEqual))
    table.add("Greater", binary(Comparison.greater))
    table.add("GreaterOrEqual", binary(Comparison.greaterOrEqual))
    table.add("And", binary(Comparison.and))
    table.add("Or", binary(Comparison.or))
    table.add("Xor", binary(Comparison.xor))
    table.add("Not", unary(Comparison.not))
    table.add("Where") { context throws(OperatorError) in
      [try Comparison.choose(try context.input(0), try context.input(1), try context.input(2))]
    }
    table.add("IsNaN") { context throws(OperatorError) in
      [try Comparison.test(try context.input(0)) { $0.isNaN }]
    }
    table.add("IsInf") { context throws(OperatorError) in
      let positive = try context.flag("detect_positive", default: true)
      let negative = try context.flag("detect_negative", default: true)
      return [
        try Comparison.test(try context.input(0)) { $0.isInfinite && ($0 > 0 ? positive : negative) }
      ]
    }

    table.add("Exp", unary(UnaryFunctions.exp))
    table.add("Log", unary(UnaryFunctions.log))
    table.add("Erf", unary(UnaryFunctions.erf))
    table.add("Sin", unary(UnaryFunctions.sine))
    table.add("Cos", unary(UnaryFunctions.cosine))
    table.add("Tan", unary(UnaryFunctions.tangent))
    table.add("Sqrt", unary(UnaryFunctions.squareRoot))
    table.add("Reciprocal", unary(UnaryFunctions.reciprocal))
    table.add("Abs", unary(UnaryFunctions.absolute))
    table.add("Neg", unary(UnaryFunctions.negate))
    table.add("Sign", unary(UnaryFunctions.sign))
    table.add("Floor", unary(UnaryFunctions.floor))
    table.add("Ceil", unary(UnaryFunctions.ceiling))
    table.add("Round", unary(UnaryFunctions.round))
    table.add("Clip") { context throws(OperatorError) in [try clip(context)] }
    table.add("Cast") { context throws(OperatorError) in
      let code = try context.integer("to")
      guard let type = ONNXDataType.type(Int64(code)) else {
        throw .unsupported("a tensor " + ONNXDataType.name(Int64(code)))
      }
      return [UnaryFunctions.cast(try context.input(0), to: type)]
    }
    table.add("CastLike") { context throws(OperatorError) in
      [UnaryFunctions.cast(try context.input(0), to: try context.input(1).type)]
    }
    table.add("Identity") { context throws(OperatorError) in [try context.input(0)] }
    table.add("Dropout") { context throws(OperatorError) in
      let x = try context.input(0)
      // From opset 12 on, an input turns dropout on; before 7, the absence of is_test.
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

  /// The operator of a function of one operand.
  static func unary(
    _ function: @escaping @Sendable (ONNXTensor) throws(OperatorError) -> ONNXTensor
  ) -> OperatorBody {
    { context throws(OperatorError) in [try function(try context.input(0))] }
  }

  /// The operator of a function of two operands that broadcast.
  private static func binary(
    _ function: @escaping @Sendable (ONNXTensor, ONNXTensor) throws(OperatorError) -> ONNXTensor
  ) -> OperatorBody {
    { context throws(OperatorError) in
      let (a, b) = try context.operands()
      return [try function(a, b)]
    }
  }

  /// Bounds are attributes before opset 11 and inputs since then.
  private static func clip(_ context: OperatorArguments) throws(OperatorError) -> ONNXTensor {
    let x = try context.input(0)
    guard context.opset < 11 else {
      return try UnaryFunctions.clip(x, lower: context.optional(1), upper: context.optional(2))
    }
    func bound(_ name: String) throws(OperatorError) -> ONNXTensor? {
      guard context.node.attributes[name] != nil else { return nil }
      return UnaryFunctions.cast(ONNXTensor(try context.float(name, default: 0)), to: x.type)
    }
    return try UnaryFunctions.clip(x, lower: try bound("min"), upper: try bound("max"))
  }
}
