// Reductions over axes.

import TapTensors

extension OperatorTable {
  static func addReductions(to table: inout OperatorTable) {
    let kinds: [(String, ONNXReductions.Kind)] = [
      ("ReduceSum", .sum), ("ReduceMean", .mean), ("ReduceProd", .product), ("ReduceMax", .maximum),
      ("ReduceMin", .minimum), ("ReduceL1", .l1), ("ReduceL2", .l2), ("ReduceSumSquare", .sumOfSquares),
      ("ReduceLogSum", .logOfSum), ("ReduceLogSumExp", .logOfSumOfExponentials),
    ]
    for (name, kind) in kinds {
      table.add(name) { context throws(OperatorError) in [try reduce(context, kind)] }
    }
    table.add("CumSum") { context throws(OperatorError) in
      guard let axis = try context.scalar(input: 1, "the axis") else { throw .missing("the axis") }
      return [
        try ONNXReductions.cumulativeSum(
          try context.input(0), axis: Int(axis), exclusive: try context.flag("exclusive"),
          reversed: try context.flag("reverse"))
      ]
    }
    table.add("ArgMax") { context throws(OperatorError) in [try index(context, greatest: true)] }
    table.add("ArgMin") { context throws(OperatorError) in [try index(context, greatest: false)] }
  }

  /// The axes are an attribute before opset 18 (before opset 13 for sums), and an input since then. If the axes are
  /// absent, all axes are reduced.
  private static func reduce(
    _ context: OperatorArguments, _ kind: ONNXReductions.Kind
  ) throws(OperatorError) -> ONNXTensor {
    let x = try context.input(0)
    var axes = try context.integers(input: 1, orAttribute: "axes")
    if axes?.isEmpty != false {
      if try context.flag("noop_with_empty_axes") { return try pointwise(x, kind) }
      axes = nil
    }
    return try ONNXReductions.reduce(
      x, kind, axes: axes, keepingAxes: try context.flag("keepdims", default: true))
  }

  /// Applies the reduction to each element alone. A logarithm or a square changes the element; a sum does not.
  private static func pointwise(
    _ x: ONNXTensor, _ kind: ONNXReductions.Kind
  ) throws(OperatorError) -> ONNXTensor {
    let column = try ONNXShapes.unsqueeze(x, axes: [-1])
    return try ONNXReductions.reduce(column, kind, axes: [-1], keepingAxes: false)
  }

  private static func index(_ context: OperatorArguments, greatest: Bool) throws(OperatorError) -> ONNXTensor {
    try ONNXReductions.index(
      try context.input(0), greatest: greatest, axis: try context.integer("axis"),
      keepingAxis: try context.flag("keepdims", default: true), last: try context.flag("select_last_index"))
  }
}
