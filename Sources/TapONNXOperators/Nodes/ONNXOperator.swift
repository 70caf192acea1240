// A node as data, as in an ONNX file: a type, the version of the operator set that defines the type, and attributes.
// The type selects the function that computes the node, so a node can be written to a file and read again.

import TapTensors

/// One application of an operator, without its input values.
package struct ONNXOperator: Equatable, Sendable {
  /// ONNX's name of the operator, such as `LRN`.
  package let type: String
  /// The version of ONNX's own operator set that defines the operator.
  package let opset: Int
  package let attributes: [String: ONNXAttribute]
  /// The number of results that the node has.
  package let outputCount: Int

  package init(type: String, opset: Int, attributes: [String: ONNXAttribute] = [:], outputCount: Int = 1) {
    self.type = type
    self.opset = opset
    self.attributes = attributes
    self.outputCount = outputCount
  }

  /// The latest version of ONNX's operator set that the evaluators implement.
  package static let latestOpset = 28

  /// The names of the operators that have an evaluator, sorted.
  package static let types: [String] = OperatorTable.shared.bodies.keys.sorted()

  /// Whether the operator has an evaluator.
  package var hasEvaluator: Bool { OperatorTable.shared.bodies[type] != nil }

  /// Computes the results for some inputs; nil stands for an input that is left out. The number of results is
  /// ``outputCount`` or less.
  ///
  /// - Throws: ``OperatorError``, also if the operator has no evaluator.
  package func evaluate(_ inputs: [ONNXTensor?]) throws(OperatorError) -> [ONNXTensor] {
    guard let body = OperatorTable.shared.bodies[type] else { throw .unsupported("the operator \(type)") }
    return try body(OperatorArguments(node: self, inputs: inputs))
  }
}

/// An attribute: a constant that belongs to a node.
package enum ONNXAttribute: Equatable, Sendable {
  case float(Float)
  case integer(Int64)
  case text(String)
  case tensor(ONNXTensor)
  case floats([Float])
  case integers([Int64])
  case texts([String])
  /// An attribute of a kind that is not supported: a graph, a type, a sparse tensor, or a tensor of an unsupported
  /// type.
  case unsupported(String)
}

extension ONNXAttribute: CustomStringConvertible {
  package var description: String {
    switch self {
    case .float(let value): "the float \(value)"
    case .integer(let value): "the integer \(value)"
    case .text(let value): "the text \"\(value)\""
    case .tensor(let value): "a tensor of shape \(value.shape)"
    case .floats(let values): "a list of \(values.count) floats"
    case .integers(let values): "a list of \(values.count) integers"
    case .texts(let values): "a list of \(values.count) texts"
    case .unsupported(let what): what
    }
  }
}
