// Convolutions and poolings.

import TapTensors

extension OperatorTable {
  static func addWindows(to table: inout OperatorTable) {
    table.add("Conv") { context throws(OperatorError) in
      [
        try ONNXConvolution.convolve(
          try context.input(0), weights: try context.input(1), bias: context.optional(2),
          groups: try context.integer("group", default: 1), try window(context))
      ]
    }
    table.add("ConvTranspose") { context throws(OperatorError) in
      [
        try ONNXConvolution.convolveTransposed(
          try context.input(0), weights: try context.input(1), bias: context.optional(2),
          groups: try context.integer("group", default: 1), try window(context),
          outputPadding: try context.integers("output_padding"),
          outputExtents: try context.integers("output_shape"))
      ]
    }
    table.add("MaxPool") { context throws(OperatorError) in
      let (values, indices) = try ONNXPooling.maximum(
        try context.input(0), try poolingWindow(context), columnMajor: try context.flag("storage_order"))
      return [values, indices]
    }
    table.add("AveragePool") { context throws(OperatorError) in
      [
        try ONNXPooling.average(
          try context.input(0), try poolingWindow(context),
          countingPadding: try context.flag("count_include_pad"))
      ]
    }
    table.add("LpPool") { context throws(OperatorError) in
      [
        try ONNXPooling.norm(
          try context.input(0), try poolingWindow(context), p: try context.integer("p", default: 2))
      ]
    }
    table.add("GlobalAveragePool") { context throws(OperatorError) in [try global(context, .mean)] }
    table.add("GlobalMaxPool") { context throws(OperatorError) in [try global(context, .maximum)] }
  }

  private static func window(_ context: OperatorArguments) throws(OperatorError) -> ONNXWindowAttributes {
    ONNXWindowAttributes(
      kernel: try context.integers("kernel_shape") ?? [], strides: try context.integers("strides"),
      dilations: try context.integers("dilations"), pads: try context.integers("pads"),
      automatic: try context.choice("auto_pad", default: ONNXAutomaticPadding.none),
      ceilMode: try context.flag("ceil_mode"))
  }

  private static func poolingWindow(_ context: OperatorArguments) throws(OperatorError)
    -> ONNXWindowAttributes
  {
    guard context.node.attributes["kernel_shape"] != nil else { throw .missing("kernel_shape") }
    return try window(context)
  }

  private static func global(
    _ context: OperatorArguments, _ kind: ONNXReductions.Kind
  ) throws(OperatorError) -> ONNXTensor {
    let x = try context.input(0)
    guard x.rank >= 3 else { throw .wrongRank(of: "the input", expected: "3 or more", shape: x.shape) }
    return try ONNXReductions.reduce(x, kind, axes: Array(2..<x.rank), keepingAxes: true)
  }
}
