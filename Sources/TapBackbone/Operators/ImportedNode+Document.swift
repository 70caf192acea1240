// An ONNX node in the document of a graph, since format 2:
//
//   {"operator": "node", "type": "LRN", "opset": 13, "attributes": {name: attribute}, "operands": [operand],
//    "results": 1, "result": 0, "shape": [64, 56, 56], "identity": text}
//
// An operand is one of three things: {"value": its shape in the graph, "as": the shape that the node sees},
// {"constant": tensor}, or null if the operand is left out. An attribute is an object with its kind as the only key:
// {"float": 0.75}. A tensor has {"type": "float32", "shape": [3], …} and either "tensor" or "elements". "tensor" is the
// part's name of the tensor outside the document. "elements" has the numbers; it is used for integers, for few floats,
// and for floats that are not all finite. A float that is not finite is "inf", "-inf" or "nan".

import TapFormats
import TapONNXOperators
import TapTensors

extension ImportedNode: DocumentedOperator {
  package static let documentKinds = ["node"]
  package static let firstFormat = 2
  /// Numbers that are not finite are written as texts.
  package var isStorable: Bool { true }

  /// The largest number of floats that "elements" has if all of them are finite.
  private static let fewElements = 8
  private static let largestCount = 10_000

  package func write(to node: inout NodeWriter) {
    var count = 0
    func document(_ value: ONNXTensor) -> JSONValue {
      var fields: [String: JSONValue] = [
        "type": .string(value.type.description), "shape": Self.document(value.shape),
      ]
      switch value.storage {
      case .integers(let elements):
        fields["elements"] = .array(elements.map { .integer(Int($0)) })
      case .floats(let elements):
        if elements.count <= Self.fewElements || !elements.allSatisfy(\.isFinite) {
          fields["elements"] = .array(elements.map(Self.document))
        } else {
          let part = "constant" + String(count)
          count += 1
          node.add(part, Tensor(shape: value.shape, elements: elements))
          fields["tensor"] = .string(part)
        }
      }
      return .object(fields)
    }
    func document(_ attribute: ONNXAttribute) -> JSONValue {
      switch attribute {
      case .float(let value): .object(["float": Self.document(value)])
      case .integer(let value): .object(["integer": .integer(Int(value))])
      case .text(let value): .object(["text": .string(value)])
      case .tensor(let value): .object(["tensor": document(value)])
      case .floats(let values): .object(["floats": .array(values.map(Self.document))])
      case .integers(let values): .object(["integers": .array(values.map { .integer(Int($0)) })])
      case .texts(let values): .object(["texts": .array(values.map(JSONValue.string))])
      case .unsupported(let what): .object(["unsupported": .string(what)])
      }
    }
    var inputs = inputShapes[...]
    let operands = operands.map { operand -> JSONValue in
      switch operand {
      case .value(let shape):
        .object(["value": Self.document(inputs.popFirst() ?? shape), "as": Self.document(shape)])
      case .constant(let value): .object(["constant": document(value)])
      case .absent: .null
      }
    }
    // The attributes are written in a fixed order, since the parts are counted.
    var attributes: [String: JSONValue] = [:]
    for (name, attribute) in self.node.attributes.sorted(by: { $0.key < $1.key }) {
      attributes[name] = document(attribute)
    }
    node["type"] = .string(self.node.type)
    node["opset"] = .integer(self.node.opset)
    node["attributes"] = .object(attributes)
    node["operands"] = .array(operands)
    node["results"] = .integer(self.node.outputCount)
    node["result"] = .integer(result)
    node["shape"] = Self.document(outputShape)
    node["identity"] = .string(self.attributes)
  }

  /// Reads the fields of a node. Does not check that the node can be computed with its inputs.
  package init(_ document: NodeReader) throws(GraphDocumentError) {
    let reader = OperationReader(node: document)
    let type = document["type"]?.stringValue ?? ""
    let opset = try reader.integer("opset", 1...Int.max)
    guard opset <= ONNXOperator.latestOpset else {
      throw reader.error(
        "its operator set has version \(opset), and this program knows those up to \(ONNXOperator.latestOpset): use a "
          + "later version of the program")
    }
    guard let entries = document["attributes"]?.objectValue else {
      throw reader.error("'attributes' must be an object")
    }
    var attributes: [String: ONNXAttribute] = [:]
    for (name, entry) in entries { attributes[name] = try reader.attribute(name, entry) }
    let results = try reader.integer("results", 1...Self.largestCount)
    let node = ONNXOperator(type: type, opset: opset, attributes: attributes, outputCount: results)
    guard node.hasEvaluator else {
      throw reader.error(
        "this program has no definition of its type '\(type)': use the version of the program that wrote the file, or a later one"
      )
    }
    guard let list = document["operands"]?.arrayValue, list.count <= Self.largestCount else {
      throw reader.error("'operands' must be a list")
    }
    var operands: [Operand] = []
    var inputShapes: [Shape] = []
    for (place, entry) in list.enumerated() {
      if entry == .null {
        operands.append(.absent)
      } else if let constant = entry["constant"] {
        operands.append(.constant(try reader.value("operand \(place)", constant)))
      } else {
        let (own, seen) = (
          try reader.shape("'value' of operand \(place)", entry["value"]),
          try reader.shape("'as' of operand \(place)", entry["as"])
        )
        guard own.elementCount == seen.elementCount else {
          throw reader.error("operand \(place) has the shape \(own) and cannot be seen as \(seen)")
        }
        operands.append(.value(seen))
        inputShapes.append(own)
      }
    }
    guard let identity = document["identity"]?.stringValue else {
      throw reader.error("'identity' must be a text")
    }
    let shape = try reader.shape("'shape'", document["shape"])
    guard shape.rank > 0, shape.elementCount > 0 else {
      throw reader.error("'shape' must be of one or more extents above 0, found \(shape)")
    }
    self.init(
      node: node, operands: operands, result: try reader.integer("result", 0...(results - 1)),
      attributes: identity, inputShapes: inputShapes,
      outputShape: shape)
  }

  fileprivate static func document(_ shape: Shape) -> JSONValue {
    .array(shape.extents.map(JSONValue.integer))
  }

  fileprivate static func document(_ value: Float) -> JSONValue {
    value.isFinite ? .number(Double(value)) : .string(value.isNaN ? "nan" : value < 0 ? "-inf" : "inf")
  }
}

/// Reads and checks the parts of a node.
private struct OperationReader {
  let node: NodeReader

  func error(_ problem: String) -> GraphDocumentError { node.error(problem) }

  func integer(_ name: String, _ range: ClosedRange<Int>) throws(GraphDocumentError) -> Int {
    guard let value = node[name]?.intValue, range.contains(value) else {
      let end = range.upperBound == .max ? "up" : "to \(range.upperBound)"
      throw error("'\(name)' must be an integer from \(range.lowerBound) \(end)")
    }
    return value
  }

  func shape(_ name: String, _ document: JSONValue?) throws(GraphDocumentError) -> Shape {
    let extents = document?.arrayValue?.compactMap(\.intValue) ?? []
    guard let list = document?.arrayValue, list.count == extents.count,
      let shape = try? Shape(ofResult: extents)
    else {
      throw error(
        "\(name) must be a list of extents from 0 up, of at most \(ONNXTensor.elementLimit) elements together"
      )
    }
    return shape
  }

  func value(_ name: String, _ document: JSONValue) throws(GraphDocumentError) -> ONNXTensor {
    let word = document["type"]?.stringValue ?? ""
    guard let type = ElementType(rawValue: word) else {
      throw error("\(name) is of the type '\(word)', which is unknown")
    }
    let shape = try shape("'shape' of \(name)", document["shape"])
    if let part = document["tensor"]?.stringValue {
      guard type.isFloat else { throw error("\(name) is of \(type), and tensors are of floats") }
      guard let tensor = node.tensor(part) else { throw error("the tensor '\(part)' of \(name) is missing") }
      guard tensor.shape == shape else {
        throw error("the tensor '\(part)' has the shape \(tensor.shape), expected \(shape)")
      }
      return ONNXTensor(shape: shape, floats: tensor.elements, type: type)
    }
    guard let elements = document["elements"], elements.arrayValue?.count == shape.elementCount else {
      throw error("\(name) must have a 'tensor', or \(shape.elementCount) 'elements'")
    }
    return type.isFloat
      ? ONNXTensor(shape: shape, floats: try floats(name, elements), type: type)
      : ONNXTensor(shape: shape, integers: try integers(name, elements), type: type)
  }

  func attribute(_ name: String, _ document: JSONValue) throws(GraphDocumentError) -> ONNXAttribute {
    let label = "the attribute '\(name)'"
    guard let fields = document.objectValue, fields.count == 1, let (kind, value) = fields.first else {
      throw error("\(label) must have one value of one kind")
    }
    switch (kind, value) {
    case ("float", _): return .float(try float(label, value))
    case ("floats", .array): return .floats(try floats(label, value))
    case ("integer", .integer(let integer)): return .integer(Int64(integer))
    case ("integers", .array): return .integers(try integers(label, value))
    case ("text", .string(let text)): return .text(text)
    case ("texts", .array(let list)):
      let texts = list.compactMap(\.stringValue)
      guard texts.count == list.count else { throw error("\(label) must be texts") }
      return .texts(texts)
    case ("tensor", _): return .tensor(try self.value(label, value))
    case ("unsupported", .string(let what)): return .unsupported(what)
    default: throw error("\(label) is \(value.kind) of the kind '\(kind)', which does not fit or is unknown")
    }
  }

  private func float(_ name: String, _ document: JSONValue) throws(GraphDocumentError) -> Float {
    switch document.stringValue {
    case "inf": return .infinity
    case "-inf": return -.infinity
    case "nan": return .nan
    default: break
    }
    guard let double = document.doubleValue, Float(double).isFinite else {
      throw error("\(name) must be of floats, found \(document.shown)")
    }
    return Float(double)
  }

  private func floats(_ name: String, _ document: JSONValue) throws(GraphDocumentError) -> [Float] {
    var floats: [Float] = []
    for element in document.arrayValue ?? [] { floats.append(try float(name, element)) }
    return floats
  }

  private func integers(_ name: String, _ document: JSONValue) throws(GraphDocumentError) -> [Int64] {
    let list = document.arrayValue ?? []
    let integers = list.compactMap { $0.intValue.map { Int64($0) } }
    guard integers.count == list.count else { throw error("\(name) must be of integers of 64 bits") }
    return integers
  }
}
