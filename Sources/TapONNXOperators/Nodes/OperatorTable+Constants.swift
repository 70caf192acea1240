// Operators whose results depend only on attributes and shapes.

import TapTensors

extension OperatorTable {
  static func addConstants(to table: inout OperatorTable) {
    table.add("Constant") { context throws(OperatorError) in
      if let value = try context.tensor("value") { return [value] }
      if let values = try context.floats("value_floats") {
        return [ONNXTensor(shape: Shape([values.count]), floats: values)]
      }
      if let values = try context.integers("value_ints") { return [ONNXTensor(values.map { Int64($0) })] }
      let attributes = context.node.attributes
      if attributes["value_float"] != nil {
        return [ONNXTensor(try context.float("value_float", default: 0))]
      }
      if attributes["value_int"] != nil {
        return [ONNXTensor(shape: [], integers: [Int64(try context.integer("value_int"))])]
      }
      if let other = attributes.keys.min() { throw .unsupported("the attribute \(other)") }
      throw .missing("value")
    }
    table.add("ConstantOfShape") { context throws(OperatorError) in
      let extents = try context.indices(input: 0, "the shape") ?? []
      let value = try context.tensor("value") ?? ONNXTensor(shape: [1], floats: [0])
      return [try ONNXShapes.constant(value, shape: extents)]
    }
    table.add("Range") { context throws(OperatorError) in
      [
        try ONNXShapes.range(
          from: try context.input(0), to: try context.input(1), by: try context.input(2))
      ]
    }
  }
}
