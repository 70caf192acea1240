// Operators that give the same elements another shape.

import TapTensors

extension OperatorTable {
  static func addShapes(to table: inout OperatorTable) {
    table.add("Reshape") { context throws(OperatorError) in
      guard let extents = try context.integers(input: 1, orAttribute: "shape") else {
        throw .missing("the shape")
      }
      return [
        try ONNXShapes.reshape(
          try context.input(0), to: extents, allowingZero: try context.flag("allowzero"))
      ]
    }
    table.add("Flatten") { context throws(OperatorError) in
      [try ONNXShapes.flatten(try context.input(0), axis: try context.integer("axis", default: 1))]
    }
    table.add("Transpose") { context throws(OperatorError) in
      [try ONNXShapes.transpose(try context.input(0), permutation: try context.integers("perm"))]
    }
    // The axes are an attribute before opset 13 and an input since opset 13.
    table.add("Squeeze") { context throws(OperatorError) in
      let axes = try context.integers(input: 1, orAttribute: "axes")
      return [try ONNXShapes.squeeze(try context.input(0), axes: axes)]
    }
    table.add("Unsqueeze") { context throws(OperatorError) in
      guard let axes = try context.integers(input: 1, orAttribute: "axes") else {
        throw .missing("axes")
      }
      return [try ONNXShapes.unsqueeze(try context.input(0), axes: axes)]
    }
    table.add("Expand") { context throws(OperatorError) in
      let extents = try context.indices(input: 1, "the shape") ?? []
      return [try ONNXShapes.expand(try context.input(0), to: extents)]
    }
    table.add("Tile") { context throws(OperatorError) in
      let repeats = try context.indices(input: 1, "repeats") ?? []
      return [try ONNXShapes.tile(try context.input(0), repeats: repeats)]
    }
    table.add("DepthToSpace") { context throws(OperatorError) in
      [
        try ONNXShapes.depthToSpace(
          try context.input(0), size: try context.integer("blocksize"),
          channelsFirst: try channelsFirst(context))
      ]
    }
    table.add("SpaceToDepth") { context throws(OperatorError) in
      [
        try ONNXShapes.spaceToDepth(
          try context.input(0), size: try context.integer("blocksize"),
          channelsFirst: try channelsFirst(context))
      ]
    }
    table.add("Trilu") { context throws(OperatorError) in
      [
        try ONNXShapes.triangle(
          try context.input(0), upper: try context.flag("upper", default: true),
          diagonal: try context.scalar(input: 1, "k") ?? 0)
      ]
    }
    table.add("Shape") { context throws(OperatorError) in
      let extents = try context.input(0).shape.extents
      func bound(_ name: String, _ value: Int) throws(OperatorError) -> Int {
        let bound = try context.integer(name, default: value)
        return max(0, min(extents.count, bound < 0 ? bound + extents.count : bound))
      }
      let (start, end) = (try bound("start", 0), try bound("end", extents.count))
      return [ONNXTensor(extents[start..<max(start, end)].map { Int64($0) })]
    }
    table.add("Size") { context throws(OperatorError) in
      [ONNXTensor(shape: [], integers: [Int64(try context.input(0).count)])]
    }
  }

  /// Whether the attribute `mode` is `CRD`. SpaceToDepth has this attribute since opset 28.
  private static func channelsFirst(_ context: OperatorArguments) throws(OperatorError) -> Bool {
    let mode = try context.text("mode", default: "DCR")
    guard mode == "DCR" || mode == "CRD" else {
      throw .wrongValue(of: "mode", expected: "DCR or CRD", found: "\"\(mode)\"")
    }
    return mode == "CRD"
  }
}
