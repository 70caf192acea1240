// Activation functions and softmax.

import TapTensors

extension OperatorTable {
  static func addActivations(to table: inout OperatorTable) {
    table.add("Relu", unary(ONNXActivations.relu))
    table.add("LeakyRelu") { context throws(OperatorError) in
      [try ONNXActivations.leakyRelu(try context.input(0), alpha: try context.float("alpha", default: 0.01))]
    }
    table.add("PRelu") { context throws(OperatorError) in
      let x = try context.input(0)
      var slope = try context.input(1)
      // Before opset 7, a slope that is a vector has one number for each channel.
      if context.opset < 7, slope.rank == 1, x.rank > 2, slope.count != 1 {
        slope = try ONNXShapes.unsqueeze(slope, axes: Array(1..<x.rank - 1))
      }
      return [try ONNXActivations.parametricRelu(x, slope: slope)]
    }
    table.add("Elu") { context throws(OperatorError) in
      [try ONNXActivations.elu(try context.input(0), alpha: try context.float("alpha", default: 1))]
    }
    table.add("Selu") { context throws(OperatorError) in
      // The default values are those of the specification, rounded to float32.
      let alpha = try context.float("alpha", default: 1.673_263_192_176_818_8)
      let gamma = try context.float("gamma", default: 1.050_701_022_148_132_3)
      return [try ONNXActivations.selu(try context.input(0), alpha: alpha, gamma: gamma)]
    }
    table.add("Celu") { context throws(OperatorError) in
      [try ONNXActivations.celu(try context.input(0), alpha: try context.float("alpha", default: 1))]
    }
    table.add("ThresholdedRelu") { context throws(OperatorError) in
      [
        try ONNXActivations.thresholdedRelu(
          try context.input(0), alpha: try context.float("alpha", default: 1))
      ]
    }
    table.add("Sigmoid", unary(ONNXActivations.sigmoid))
    table.add("HardSigmoid") { context throws(OperatorError) in
      let (alpha, beta) = (try context.float("alpha", default: 0.2), try context.float("beta", default: 0.5))
      return [try ONNXActivations.hardSigmoid(try context.input(0), alpha: alpha, beta: beta)]
    }
    table.add("HardSwish", unary(ONNXActivations.hardSwish))
    table.add("Swish") { context throws(OperatorError) in
      [try ONNXActivations.swish(try context.input(0), alpha: try context.float("alpha", default: 1))]
    }
    table.add("Mish", unary(ONNXActivations.mish))
    table.add("Tanh", unary(ONNXActivations.tanh))
    table.add("Softplus", unary(ONNXActivations.softplus))
    table.add("Softsign", unary(ONNXActivations.softsign))
    table.add("Gelu") { context throws(OperatorError) in
      let approximation = try context.text("approximate", default: "none")
      guard approximation == "none" || approximation == "tanh" else {
        throw .wrongValue(of: "approximate", expected: "none or tanh", found: "\"\(approximation)\"")
      }
      return [try ONNXActivations.gelu(try context.input(0), approximate: approximation == "tanh")]
    }
    table.add("Shrink") { context throws(OperatorError) in
      let (lambda, bias) = (try context.float("lambd", default: 0.5), try context.float("bias", default: 0))
      return [try ONNXActivations.shrink(try context.input(0), lambda: lambda, bias: bias)]
    }
    table.add("Softmax") { context throws(OperatorError) in
      [try ONNXSoftmax.softmax(try context.input(0), try run(context))]
    }
    table.add("LogSoftmax") { context throws(OperatorError) in
      [try ONNXSoftmax.logSoftmax(try context.input(0), try run(context))]
    }
    table.add("Hardmax") { context throws(OperatorError) in
      [try ONNXSoftmax.hardmax(try context.input(0), try run(context))]
    }
  }

  private static func run(_ context: OperatorArguments) throws(OperatorError) -> ONNXSoftmax.Run {
    context.opset < 13
      ? .from(axis: try context.integer("axis", default: 1))
      : .along(axis: try context.integer("axis", default: -1))
  }
}
