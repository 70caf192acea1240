// Normalizations for inference.

import TapTensors

extension OperatorTable {
  static func addNormalizations(to table: inout OperatorTable) {
    table.add("BatchNormalization") { context throws(OperatorError) in
      if try !context.flag("spatial", default: true) { throw .unsupported("spatial = 0") }
      if try context.flag("training_mode") {
        let (values, mean, variance) = try ONNXNormalization.batchOfItsOwn(
          try context.input(0), scale: try context.input(1), bias: try context.input(2),
          mean: try context.input(3), variance: try context.input(4), epsilon: try epsilon(context),
          momentum: try context.float("momentum", default: 0.9))
        return [values, mean, variance]
      }
      return [
        try ONNXNormalization.batch(
          try context.input(0), scale: try context.input(1), bias: try context.input(2),
          mean: try context.input(3), variance: try context.input(4), epsilon: try epsilon(context))
      ]
    }
    table.add("InstanceNormalization") { context throws(OperatorError) in
      [
        try ONNXNormalization.instance(
          try context.input(0), scale: try context.input(1), bias: try context.input(2),
          epsilon: try epsilon(context))
      ]
    }
    table.add("GroupNormalization") { context throws(OperatorError) in
      [
        try ONNXNormalization.group(
          try context.input(0), scale: try context.input(1), bias: try context.input(2),
          groups: try context.integer("num_groups"), epsilon: try epsilon(context))
      ]
    }
    table.add("LayerNormalization") { context throws(OperatorError) in
      let (values, means, inverses) = try ONNXNormalization.layer(
        try context.input(0), scale: try context.input(1), bias: context.optional(2),
        axis: try context.integer("axis", default: -1), epsilon: try epsilon(context))
      return [values, means, inverses]
    }
    table.add("RMSNormalization") { context throws(OperatorError) in
      [
        try ONNXNormalization.rootMeanSquare(
          try context.input(0), scale: try context.input(1), axis: try context.integer("axis", default: -1),
          epsilon: try epsilon(context))
      ]
    }
    table.add("MeanVarianceNormalization") { context throws(OperatorError) in
      [
        try ONNXNormalization.meanVariance(
          try context.input(0), axes: try context.integers("axes") ?? [0, 2, 3])
      ]
    }
    table.add("LpNormalization") { context throws(OperatorError) in
      [
        try ONNXNormalization.norm(
          try context.input(0), axis: try context.integer("axis", default: -1),
          p: try context.integer("p", default: 2))
      ]
    }
    table.add("LRN") { context throws(OperatorError) in
      [
        try ONNXNormalization.localResponse(
          try context.input(0), size: try context.integer("size"),
          alpha: try context.float("alpha", default: 0.0001), beta: try context.float("beta", default: 0.75),
          bias: try context.float("bias", default: 1))
      ]
    }
  }

  private static func epsilon(_ context: OperatorArguments) throws(OperatorError) -> Float {
    try context.float("epsilon", default: 1e-5)
  }
}
