// Converts messages to a model. Every reference is resolved, every tensor has its values, and every name is defined
// only once.

import TapFileSystem
import TapFormats
import TapONNXOperators
import TapTensors

extension ONNXModel {
  /// Reads the file of a model.
  ///
  /// Cost: the file is mapped, and every tensor is copied once.
  ///
  /// - Throws: ``ONNXError`` for everything that is invalid or not supported. An operator is checked only when it is
  ///   evaluated.
  package init(path: String) throws(ONNXError) {
    do throws(ONNXError.Reason) {
      let file: MappedFile
      do throws(FileSystemError) {
        file = try MappedFile(path: path)
      } catch {
        throw .file(error)
      }
      self = try file.withBytes { (bytes) throws(ONNXError.Reason) in
        try ONNXModel(bytes, folder: FileSystem.parent(of: path))
      }
    } catch {
      throw ONNXError(path: path, reason: error)
    }
  }

  /// Reads a model from memory. `folder` is the folder of the model's external data.
  package init(_ bytes: Span<UInt8>, folder: String? = nil) throws(ONNXError.Reason) {
    let message: ModelMessage
    do throws(ProtobufError) {
      message = try ModelMessage(bytes)
    } catch {
      throw .protobuf(error)
    }
    guard let version = message.irVersion else { throw .notModel(missing: "version") }
    guard let graph = message.graph else { throw .notModel(missing: "graph") }
    guard !message.opsets.isEmpty else { throw .notModel(missing: "operator sets") }
    guard message.functionCount == 0 else { throw .unsupportedPart("functions of its own") }
    var opsets: [String: Int] = [:]
    for opset in message.opsets {
      let domain = Self.domain(opset.domain)
      guard opsets.updateValue(Int(opset.version), forKey: domain) == nil else {
        throw .duplicateName("operator set \(domain)")
      }
    }
    if let version = opsets[""], !Self.supportedOpsets.contains(version) {
      throw .opset(domain: "ai.onnx", version: version, supported: Self.supportedOpsets)
    }
    irVersion = Int(version)
    producer = [message.producerName, message.producerVersion].filter { !$0.isEmpty }.joined(separator: " ")
    self.opsets = opsets
    metadata = Dictionary(message.metadata.map { ($0.key, $0.value) }) { first, _ in first }
    self.graph = try ONNXGraph(graph, bytes, folder: folder)
  }

  /// The domain of ONNX's own operators has two names: "" and "ai.onnx".
  static func domain(_ name: String) -> String { name == "ai.onnx" ? "" : name }
}

extension ONNXGraph {
  fileprivate init(
    _ message: GraphMessage, _ bytes: Span<UInt8>, folder: String?
  ) throws(ONNXError.Reason) {
    guard message.sparseInitializerCount == 0 else { throw .unsupportedPart("sparse initializers") }
    var reader = ONNXTensorReader(folder: folder)
    var initializers: [String: ONNXTensor] = [:]
    for tensor in message.initializers {
      let value = try reader.value(tensor, name: tensor.name, in: bytes)
      guard initializers.updateValue(value, forKey: tensor.name) == nil else {
        throw .duplicateName(tensor.name)
      }
    }
    // Before IR version 4, graphs also listed their initializers as inputs.
    var inputs: [ONNXValueInfo] = []
    var defined = Set(initializers.keys)
    for input in message.inputs where initializers[input.name] == nil {
      guard defined.insert(input.name).inserted else { throw .duplicateName(input.name) }
      inputs.append(try Self.info(input))
    }
    var nodes: [ONNXNode] = []
    for node in message.nodes { nodes.append(try Self.node(node, bytes, &reader)) }
    self.nodes = try Self.sorted(nodes, defined: &defined)
    name = message.name
    self.inputs = inputs
    self.initializers = initializers
    var outputs: [ONNXValueInfo] = []
    for output in message.outputs {
      guard defined.contains(output.name) else { throw .undefinedOutput(output.name) }
      outputs.append(try Self.info(output))
    }
    guard !outputs.isEmpty else { throw .notModel(missing: "outputs") }
    self.outputs = outputs
    var values: [String: ONNXValueInfo] = [:]
    for value in message.values { values[value.name] = try Self.info(value) }
    self.values = values
  }

  private static func info(_ message: ValueInfoMessage) throws(ONNXError.Reason) -> ONNXValueInfo {
    let type: ONNXValueType
    switch message.type {
    case .tensor(let code, let dimensions):
      guard let elementType = ONNXDataType.type(code) else {
        type = .unsupported("a tensor " + ONNXDataType.name(code))
        break
      }
      var axes: [ONNXDimension]? = dimensions == nil ? nil : []
      for dimension in dimensions ?? [] {
        switch dimension {
        case .extent(let extent):
          // Some exporters write -1 or 0 for an unknown extent.
          axes?.append(extent > 0 ? .extent(Int(extent)) : extent == 0 ? .extent(0) : .unknown)
        case .symbol(let name): axes?.append(name.isEmpty ? .unknown : .symbol(name))
        case .unknown: axes?.append(.unknown)
        }
      }
      type = .tensor(elementType, axes)
    case .other(let name): type = .unsupported(name)
    case nil: type = .unsupported("of no type")
    }
    return ONNXValueInfo(name: message.name, type: type)
  }

  private static func node(
    _ message: NodeMessage, _ bytes: Span<UInt8>, _ reader: inout ONNXTensorReader
  ) throws(ONNXError.Reason) -> ONNXNode {
    let label = message.name.isEmpty ? message.outputs.first ?? message.operatorName : message.name
    var attributes: [String: ONNXAttribute] = [:]
    for attribute in message.attributes {
      let value = try Self.attribute(attribute, node: label, bytes, &reader)
      guard attributes.updateValue(value, forKey: attribute.name) == nil else {
        throw .duplicateName("\(attribute.name) of \(label)")
      }
    }
    return ONNXNode(
      name: message.name, operatorName: message.operatorName, domain: ONNXModel.domain(message.domain),
      inputs: message.inputs, outputs: message.outputs, attributes: attributes)
  }

  private static func attribute(
    _ message: AttributeMessage, node: String, _ bytes: Span<UInt8>, _ reader: inout ONNXTensorReader
  ) throws(ONNXError.Reason) -> ONNXAttribute {
    func text(_ range: Range<Int>) throws(ONNXError.Reason) -> String {
      let units = bytes.values(UInt8.self, at: range.lowerBound, count: range.count)
      guard let text = String(validating: units, as: UTF8.self) else {
        throw .badAttribute(node: node, attribute: message.name, type: 3)
      }
      return text
    }
    guard message.reference.isEmpty else { return .unsupported("a function's attribute") }
    // Some writers leave out a value that is 0 or empty. In this case only the attribute's type shows the kind of the
    // value.
    switch message.type {
    case 1: return .float(message.float ?? 0)
    case 2: return .integer(message.integer ?? 0)
    case 3: return .text(try text(message.text ?? 0..<0))
    case 4:
      guard let tensor = message.tensor else { break }
      guard ONNXDataType.type(tensor.type) != nil else {
        return .unsupported("a tensor " + ONNXDataType.name(tensor.type))
      }
      return .tensor(try reader.value(tensor, name: "\(message.name) of \(node)", in: bytes))
    case 5, 10: return .unsupported("a graph")
    case 6: return .floats(message.floats)
    case 7: return .integers(message.integers)
    case 8:
      var texts: [String] = []
      for range in message.texts { texts.append(try text(range)) }
      return .texts(texts)
    case 0:
      if let value = message.integer { return .integer(value) }
      if let value = message.float { return .float(value) }
      if let range = message.text { return .text(try text(range)) }
      if !message.integers.isEmpty { return .integers(message.integers) }
      if !message.floats.isEmpty { return .floats(message.floats) }
    case 9, 11...14: return .unsupported("a sparse tensor, a type or a list of them")
    default: break
    }
    throw .badAttribute(node: node, attribute: message.name, type: Int(message.type))
  }

  /// The nodes in an order in which each node follows the nodes whose results it reads. The result is the file's order
  /// if that order is possible.
  ///
  /// - Parameter defined: the values that are defined before the first node. After the call, it has all values.
  private static func sorted(
    _ nodes: [ONNXNode], defined: inout Set<String>
  ) throws(ONNXError.Reason) -> [ONNXNode] {
    let known = defined
    var makers: [String: Int] = [:]
    for (index, node) in nodes.enumerated() {
      for output in node.outputs where !output.isEmpty {
        guard defined.insert(output).inserted else { throw .duplicateName(output) }
        makers[output] = index
      }
    }
    // Kahn's algorithm. If several nodes can be next, the first of them in the file is taken.
    var waiting = [Int](repeating: 0, count: nodes.count)
    var readers = [[Int]](repeating: [], count: nodes.count)
    for (index, node) in nodes.enumerated() {
      for input in Set(node.inputs) where !input.isEmpty && !known.contains(input) {
        guard let maker = makers[input] else { throw .undefinedValue(name: input, node: node.label) }
        waiting[index] += 1
        readers[maker].append(index)
      }
    }
    var order: [Int] = []
    var ready: [Int] = []
    // If a node makes nodes ready that are earlier in the file, those nodes come before the node after `next`.
    for next in nodes.indices {
      if waiting[next] == 0 { ready.append(next) }
      while let index = ready.popLast() {
        guard waiting[index] == 0 else { continue }
        waiting[index] = -1
        order.append(index)
        for reader in readers[index].reversed() {
          waiting[reader] -= 1
          if waiting[reader] == 0 && reader <= next { ready.append(reader) }
        }
      }
    }
    guard order.count == nodes.count else {
      let stuck = nodes.indices.filter { waiting[$0] > 0 }.prefix(8).map { nodes[$0].label }
      throw .cycle(nodes: stuck)
    }
    return order.map { nodes[$0] }
  }
}
