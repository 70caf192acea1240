// Models written field by field, including models that no exporter writes.

import TapFormats
import TestSupport

/// A node with its operator, its inputs, its outputs, its attributes of integers, and its other attributes.
struct NodeSketch {
  var operatorName: String
  var inputs: [String]
  var outputs: [String]
  var integers: [String: [Int64]] = [:]
  var attributes: [String: AttributeSketch] = [:]
}

/// An attribute of any type that the importer reads, or a graph, which it does not read.
enum AttributeSketch {
  case float(Float)
  case integer(Int64)
  case text(String)
  case tensor(TensorSketch)
  case floats([Float])
  case texts([String])
  case graph

  func write(_ name: String, to message: inout MessageBytes) {
    message.text(1, name)
    switch self {
    case .float(let value):
      message.float(2, value)
      message.integer(20, 1)
    case .integer(let value):
      message.integer(3, value)
      message.integer(20, 2)
    case .text(let value):
      message.text(4, value)
      message.integer(20, 3)
    case .tensor(let value):
      message.message(5) { value.write(to: &$0) }
      message.integer(20, 4)
    case .graph: message.integer(20, 5)
    case .floats(let values):
      for value in values { message.float(7, value) }
      message.integer(20, 6)
    case .texts(let values):
      for value in values { message.text(9, value) }
      message.integer(20, 8)
    }
  }
}

/// An initializer of float32, or of another type made from it.
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

  /// A tensor of int64, or of bool if `isBool`.
  init(_ name: String, _ dims: [Int64], integers: [Int64], isBool: Bool = false) {
    self.name = name
    self.dims = dims
    type = isBool ? 9 : 7
    raw = isBool ? integers.map { UInt8($0) } : integers.littleEndianBytes
  }

  func write(to message: inout MessageBytes) {
    for extent in dims { message.integer(1, extent) }
    message.integer(2, type)
    message.text(8, name)
    if let location {
      for (key, value) in location.sorted(by: { $0.key < $1.key }) {
        message.message(13) {
          $0.text(1, key)
          $0.text(2, value)
        }
      }
      message.integer(14, 1)
    } else if let raw {
      message.data(9, raw)
    }
  }
}

/// The bytes of a model whose input is `x`, by default `[1, 2, 4, 4]`, and whose output is `y`.
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
        for (name, value) in node.attributes.sorted(by: { $0.key < $1.key }) {
          message.message(5) { value.write(name, to: &$0) }
        }
      }
    }
    graph.text(2, "graph")
    for tensor in initializers {
      graph.message(5) { tensor.write(to: &$0) }
    }
    graph.message(11) { describe("x", inputShape, &$0) }
    graph.message(12) { $0.text(1, output) }
  }
  model.message(8) { $0.integer(2, opset) }
  return model.bytes
}
