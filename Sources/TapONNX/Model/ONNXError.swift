// The reasons why a file is not an ONNX model that can be evaluated, and the text of each reason.

import TapBackbone
import TapFileSystem
import TapFormats
import TapONNXOperators
import TapTensors

/// An ONNX model could not be read or evaluated.
public struct ONNXError: Error, Equatable, CustomStringConvertible {
  /// The path as the caller gave it.
  public let path: String
  package let reason: Reason

  package init(path: String, reason: Reason) {
    self.path = path
    self.reason = reason
  }

  public var description: String {
    if case .file(let error) = reason { "\(error)" } else { "\(path): \(reason)" }
  }

  package enum Reason: Error, Equatable {
    /// The file of the model, or a file with external data, cannot be read.
    case file(FileSystemError)
    case protobuf(ProtobufError)
    /// The file is valid protobuf, but lacks a part that every model has.
    case notModel(missing: String)
    /// The version or the domain of an operator set is unknown.
    case opset(domain: String, version: Int, supported: ClosedRange<Int>)
    /// A part of the format that is not supported: functions, sparse initializers.
    case unsupportedPart(String)
    /// The elements have a type that is not supported, such as strings, 8-bit floats or 4-bit integers.
    case unsupportedType(of: String, type: String)
    /// A tensor's dimensions are negative, overflow, or exceed the limit.
    case badShape(tensor: String, dims: [Int64])
    /// The amount of a tensor's data does not match the tensor's shape.
    case wrongCount(tensor: String, expected: Int, found: Int, unit: String)
    /// All initializers together have too many elements.
    case tooManyElements(tensor: String, limit: Int)
    /// External data do not match the tensor.
    case externalData(tensor: String, problem: String)
    /// Two values have the same name.
    case duplicateName(String)
    /// An attribute's type and value do not agree.
    case badAttribute(node: String, attribute: String, type: Int)
    /// A node has an input that is not defined.
    case undefinedValue(name: String, node: String)
    /// Nodes depend on each other in a cycle.
    case cycle(nodes: [String])
    /// An output of the graph is not defined.
    case undefinedOutput(String)
    case unsupportedOperator(ONNXNodeReference, supported: [String])
    /// An operator refuses its inputs or attributes.
    case node(ONNXNodeReference, OperatorError)
    case missingInput(name: String)
    case unknownInput(name: String, expected: [String])
    case wrongInput(name: String, expected: String, found: String)
    /// A weight is NaN.
    case notFinite(tensor: String, index: Int)
    /// The parts of the built graph do not fit together.
    case backbone(BackboneError)
  }
}

/// The node to which an error belongs.
package struct ONNXNodeReference: Hashable, Sendable, CustomStringConvertible {
  package let operatorName: String
  package let domain: String
  /// The node's name. If the node has no name, this is the name of its first output.
  package let node: String
  package let opset: Int

  package init(operatorName: String, domain: String, node: String, opset: Int) {
    self.operatorName = operatorName
    self.domain = domain
    self.node = node
    self.opset = opset
  }

  package var description: String {
    "\(domain.isEmpty ? "" : domain + ".")\(operatorName) \"\(node)\" (opset \(opset))"
  }
}

extension ONNXError.Reason {
  /// Whether the file may be valid but needs an unsupported part. The layers before that part can be computed.
  package var isUnsupported: Bool {
    switch self {
    case .unsupportedOperator, .node(_, .unsupported): true
    default: false
    }
  }
}

extension ONNXError.Reason: CustomStringConvertible {
  package var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .protobuf(let error): "not a sound ONNX file: \(error)"
    case .notModel(let missing): "not an ONNX model: it has no \(missing)"
    case .opset(let domain, let version, let supported):
      "the operator set \"\(domain)\" has version \(version); supported are \(supported.lowerBound) to "
        + "\(supported.upperBound). Export the model with another one"
    case .unsupportedPart(let part): "the model has \(part), which are not supported"
    case .unsupportedType(let value, let type): "\"\(value)\" is \(type), which is not supported"
    case .badShape(let tensor, let dims):
      "the tensor \"\(tensor)\" has the dimensions \(dims); expected none negative and at most "
        + "\(ONNXTensor.elementLimit) elements"
    case .wrongCount(let tensor, let expected, let found, let unit):
      "the tensor \"\(tensor)\" should have \(expected) \(unit) but has \(found)"
    case .tooManyElements(let tensor, let limit):
      "the tensors up to \"\(tensor)\" have more than \(limit) elements in all"
    case .externalData(let tensor, let problem): "the external data of \"\(tensor)\": \(problem)"
    case .duplicateName(let name): "the value \"\(name)\" is defined twice"
    case .badAttribute(let node, let attribute, let type):
      "the attribute \"\(attribute)\" of the node \"\(node)\" has no value of its type \(type)"
    case .undefinedValue(let name, let node):
      "the input \"\(name)\" of the node \"\(node)\" is neither an input or initializer of the graph nor an "
        + "output of a node"
    case .cycle(let nodes):
      "the nodes \(nodes.map { "\"\($0)\"" }.joined(separator: ", ")) wait for one another's outputs"
    case .undefinedOutput(let name): "the graph's output \"\(name)\" is not defined by any node"
    case .unsupportedOperator(let node, let supported):
      "the operator of \(node) is not supported. Supported are \(supported.joined(separator: ", "))"
    case .node(let node, let error): "\(node): \(error)"
    case .missingInput(let name): "the input \"\(name)\" is missing"
    case .unknownInput(let name, let expected):
      "\"\(name)\" is no input of the model; its inputs are \(expected.joined(separator: ", "))"
    case .wrongInput(let name, let expected, let found):
      "the input \"\(name)\" should be \(expected) but is \(found)"
    case .notFinite(let tensor, let index):
      "the weights are damaged: element \(index) of \"\(tensor)\" is not a number"
    case .backbone(let error): "\(error)"
    }
  }
}
