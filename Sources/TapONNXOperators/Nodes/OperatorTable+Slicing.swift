// Operators that slice, join and pad tensors.

import TapTensors

extension OperatorTable {
  static func addSlicing(to table: inout OperatorTable) {
    table.add("Concat") { context throws(OperatorError) in
      [try ONNXSlicing.concatenate(try context.allInputs(), axis: try context.integer("axis", default: 1))]
    }
    table.add("Split") { context throws(OperatorError) in
      let x = try context.input(0)
      let axis = try context.integer("axis")
      if let sizes = try context.integers(input: 1, orAttribute: "split") {
        return try ONNXSlicing.split(x, sizes: sizes, axis: axis)
      }
      let count = try context.integer("num_outputs", default: context.node.outputCount)
      return try ONNXSlicing.split(x, count: count, axis: axis)
    }
    table.add("Slice") { context throws(OperatorError) in [try slice(context)] }
    table.add("Gather") { context throws(OperatorError) in
      [
        try ONNXSlicing.gather(
          try context.input(0), indices: try context.input(1), axis: try context.integer("axis"))
      ]
    }
    table.add("GatherElements") { context throws(OperatorError) in
      [
        try ONNXSlicing.gatherElements(
          try context.input(0), indices: try context.input(1), axis: try context.integer("axis"))
      ]
    }
    table.add("Pad") { context throws(OperatorError) in [try pad(context)] }
  }

  /// The bounds are attributes before opset 10 and inputs since opset 10.
  private static func slice(_ context: OperatorArguments) throws(OperatorError) -> ONNXTensor {
    guard let starts = try context.integers(input: 1, orAttribute: "starts") else { throw .missing("starts") }
    guard let ends = try context.integers(input: 2, orAttribute: "ends") else { throw .missing("ends") }
    return try ONNXSlicing.slice(
      try context.input(0), starts: starts.map { Int64($0) }, ends: ends.map { Int64($0) },
      axes: try context.integers(input: 3, orAttribute: "axes"),
      steps: try context.integers(input: 4, "steps"))
  }

  /// The pads and the padding value are attributes before opset 11 and inputs since opset 11.
  private static func pad(_ context: OperatorArguments) throws(OperatorError) -> ONNXTensor {
    let x = try context.input(0)
    let name = context.node.attributes["paddings"] == nil ? "pads" : "paddings"
    guard let pads = try context.integers(input: 1, orAttribute: name) else { throw .missing("pads") }
    var value = context.optional(2)
    if context.opset < 11 {
      value = ONNXUnaryFunctions.cast(ONNXTensor(try context.float("value", default: 0)), to: x.type)
    }
    return try ONNXPadding.pad(
      x, try context.choice("mode", default: ONNXPadding.Mode.constant), pads: pads,
      axes: try context.indices(input: 3, "axes"), value: value)
  }
}
