import TapFormats
import TestSupport

// Models written field by field: what no exporter writes can be written too.

/// A node: operator, inputs, outputs, attributes of integers.
struct NodeSketch {
  var operatorName: String
  var inputs: [String]
  var outputs: [String]
  var integers: [String: [Int64]] = [:]
}

/// An initializer of float32, or whatever is made of it.
struct TensorSketch {
  var name: String
  var dims: [Int64]
  var type: Int64 = 1
  var raw: [UInt8]?
  var location: [String: String]?

  init(_ name: String, _ dims: [Int64], _ values: [Float]) {
    self.name = name
    self.dims = dims
    raw = values.littleEndianBytes
  }
}

/// The bytes of a model whose input is `x`, `[1, 2, 4, 4]` unless said otherwise, and whose output is `y`.
func modelBytes(
  _ nodes: [NodeSketch], _ initializers: [TensorSketch] = [], opset: Int64 = 13, output: String = "y",
  inputShape: [Int64] = [1, 2, 4, 4]
) -> [UInt8] {
  func describe(_ name: String, _ dims: [Int64], _ message: inout MessageBytes) {
    message.text(1, name)
    message.message(2) { type in
      type.message(1) { tensor in
        tensor.integer(1, 1)
        tensor.message(2) { shape in
          for extent in dims { shape.message(1) { $0.integer(1, extent) } }
        }
      }
    }
  }
  var model = MessageBytes()
  model.integer(1, 7)
  model.text(2, "tests")
  model.message(7) { graph in
    for node in nodes {
      graph.message(1) { message in
        for name in node.inputs { message.text(1, name) }
        for name in node.outputs { message.text(2, name) }
        message.text(4, node.operatorName)
        for (name, values) in node.integers.sorted(by: { $0.key < $1.key }) {
          message.message(5) { attribute in
            attribute.text(1, name)
            for value in values { attribute.integer(8, value) }
            attribute.integer(20, 7)
          }
        }
      }
    }
    graph.text(2, "graph")
    for tensor in initializers {
      graph.message(5) { message in
        for extent in tensor.dims { message.integer(1, extent) }
        message.integer(2, tensor.type)
        message.text(8, tensor.name)
        if let location = tensor.location {
          for (key, value) in location.sorted(by: { $0.key < $1.key }) {
            message.message(13) {
              $0.text(1, key)
              $0.text(2, value)
            }
          }
          message.integer(14, 1)
        } else if let raw = tensor.raw {
          message.data(9, raw)
        }
      }
    }
    graph.message(11) { describe("x", inputShape, &$0) }
    graph.message(12) { $0.text(1, output) }
  }
  model.message(8) { $0.integer(2, opset) }
  return model.bytes
}
