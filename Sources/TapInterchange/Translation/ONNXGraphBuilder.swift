// Builds the messages of an ONNX graph (onnx.ai, onnx.proto of IR version 8): nodes, tensors, and names that are used
// only once.

import TapFormats
import TapONNXOperators
import TapTensors

/// An ONNX graph in construction. Nodes are added in the order in which they can be computed.
struct ONNXGraphBuilder {
  private var nodes: [ProtobufMessage] = []
  private var initializers: [ProtobufMessage] = []
  private var inputs: [ProtobufMessage] = []
  private var outputs: [ProtobufMessage] = []
  private var taken: Set<String>
  /// The name of the axis of images; nil for a batch of one image.
  let batchAxis: String?

  /// - Parameters:
  ///   - reserved: names that ``name(_:)`` does not give.
  ///   - batchAxis: the name of the axis of images; nil for a batch of one image.
  init(reserved: Set<String>, batchAxis: String?) {
    taken = reserved
    self.batchAxis = batchAxis
  }

  /// A name that no value has yet, made from `wanted`.
  mutating func name(_ wanted: String) -> String {
    var candidate = wanted
    var count = 2
    while !taken.insert(candidate).inserted {
      candidate = wanted + "_" + String(count)
      count += 1
    }
    return candidate
  }

  /// Adds a node with one output that has a given name, and returns the name.
  @discardableResult
  mutating func add(
    _ type: String, _ operands: [String], as output: String, _ attributes: [String: ONNXAttribute] = [:]
  ) -> String {
    add(type, operands, outputs: [output], attributes)
    return output
  }

  /// Adds a node whose output gets a new name made from `hint`, and returns the name.
  mutating func add(
    _ type: String, _ operands: [String], near hint: String, _ attributes: [String: ONNXAttribute] = [:]
  ) -> String {
    let output = name(hint + "." + type)
    return add(type, operands, as: output, attributes)
  }

  /// Adds a node with any number of outputs.
  mutating func add(
    _ type: String, _ operands: [String], outputs: [String], _ attributes: [String: ONNXAttribute]
  ) {
    var node = ProtobufMessage()
    for operand in operands { node.add(1, operand) }
    for output in outputs { node.add(2, output) }
    node.add(3, (outputs.first ?? "") + "/" + type)
    node.add(4, type)
    for (name, attribute) in attributes.sorted(by: { $0.key < $1.key }) {
      node.add(5, Self.message(name, attribute))
    }
    nodes.append(node)
  }

  /// Adds a tensor of float32 and returns its name, which is made from `hint`.
  mutating func constant(_ shape: [Int], _ elements: [Float], near hint: String) -> String {
    let name = name(hint)
    initializers.append(
      Self.message(ONNXTensor(shape: Shape(shape), floats: elements), named: name))
    return name
  }

  /// Adds a vector of int64 and returns its name.
  mutating func constant(_ integers: [Int], near hint: String) -> String {
    constant(ONNXTensor(integers.map(Int64.init)), near: hint)
  }

  /// Adds a tensor and returns its name.
  mutating func constant(_ tensor: ONNXTensor, near hint: String) -> String {
    let name = name(hint)
    initializers.append(Self.message(tensor, named: name))
    return name
  }

  /// Adds an input of the graph.
  ///
  /// - Parameter shape: the shape without the axis of images.
  mutating func addInput(_ name: String, _ type: ElementType, shape: [Int]) {
    inputs.append(valueInfo(name, type, shape: shape))
  }

  /// Adds an output of the graph, of float32.
  ///
  /// - Parameter shape: the shape without the axis of images.
  mutating func addOutput(_ name: String, shape: [Int]) {
    outputs.append(valueInfo(name, .float32, shape: shape))
  }

  /// The message of the graph.
  func graph(named name: String) -> ProtobufMessage {
    var graph = ProtobufMessage()
    for node in nodes { graph.add(1, node) }
    graph.add(2, name)
    for initializer in initializers { graph.add(5, initializer) }
    for input in inputs { graph.add(11, input) }
    for output in outputs { graph.add(12, output) }
    return graph
  }

  // MARK: - Messages

  private func valueInfo(_ name: String, _ type: ElementType, shape extents: [Int]) -> ProtobufMessage {
    var shape = ProtobufMessage()
    var batch = ProtobufMessage()
    if let batchAxis { batch.add(2, batchAxis) } else { batch.add(1, Int64(1)) }
    shape.add(1, batch)
    for extent in extents {
      var axis = ProtobufMessage()
      axis.add(1, Int64(extent))
      shape.add(1, axis)
    }
    var tensor = ProtobufMessage()
    tensor.add(1, ONNXDataType.code(type))
    tensor.add(2, shape)
    var typeMessage = ProtobufMessage()
    typeMessage.add(1, tensor)
    var info = ProtobufMessage()
    info.add(1, name)
    info.add(2, typeMessage)
    return info
  }

  private static func message(_ tensor: ONNXTensor, named name: String) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, packed: tensor.shape.extents.map(Int64.init))
    // Floats of other types are kept as float32 values here, so they are written as float32.
    switch tensor.storage {
    case .floats(let elements):
      message.add(2, ONNXDataType.code(.float32))
      message.add(8, name)
      message.add(9, floats: elements)
    case .integers(let elements):
      message.add(2, ONNXDataType.code(tensor.type))
      message.add(8, name)
      switch tensor.type {
      case .int64, .uint64: message.add(9, bytes: elements.littleEndianBytes)
      case .uint32: message.add(11, packed: elements)
      default: message.add(5, packed: elements)
      }
    }
    return message
  }

  private static func message(_ name: String, _ attribute: ONNXAttribute) -> ProtobufMessage {
    var message = ProtobufMessage()
    message.add(1, name)
    let type: Int64
    switch attribute {
    case .float(let value):
      message.add(2, value)
      type = 1
    case .integer(let value):
      message.add(3, value)
      type = 2
    case .text(let value):
      message.add(4, value)
      type = 3
    case .tensor(let value):
      message.add(5, Self.message(value, named: ""))
      type = 4
    case .floats(let values):
      message.add(7, floats: values)
      type = 6
    case .integers(let values):
      message.add(8, packed: values)
      type = 7
    case .texts(let values):
      for value in values { message.add(9, value) }
      type = 8
    case .unsupported(let what): preconditionFailure("an attribute that is \(what)")
    }
    message.add(20, type)
    return message
  }
}
