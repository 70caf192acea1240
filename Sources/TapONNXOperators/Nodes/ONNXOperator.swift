// A node as data: a type, the version of the operator set that defines it, and attributes, as in an ONNX file. The type
// selects the function that computes it, so a node can be written to a file and read again.

import TapTensors

/// One application of an operator, without its input values.
package struct ONNXOperator: Equatable, Sendable {
  /// ONNX's name of the operator: `LRN`.
  package let type: String
  /// The version of ONNX's own operator set.
  package let opset: Int
  package let attributes: [String: ONNXAttribute]
  /// The number of results.
  package let outputCount: Int

  package init(type: String, opset: Int, attributes: [String: ONNXAttribute] = [:], outputCount: Int = 1) {
    self.type = type
    self.opset = opset
    self.attributes = attributes
    self.outputCount = outputCount
  }

  /// The latest version of the operator set that evaluators know.
  package static let latestOpset = 28

  /// Types that have an evaluator, sorted.
  package static let types: [String] = OperatorTable.shared.bodies.keys.sorted()

  /// Whether the type has an evaluator.
  package var hasEvaluator: Bool { OperatorTable.shared.bodies[type] != nil }

  /// The results for some inputs, nil for one that is left out; at most as many as the operator has here.
  ///
  /// - Throws: ``OperatorError``, also for a type without an evaluator.
  package func evaluate(_ inputs: [ONNXTensor?]) throws(OperatorError) -> [ONNXTensor] {
    guard let body = OperatorTable.shared.bodies[type] else { throw .unsupported("the operator \(type)") }
    return try body(OperatorArguments(node: self, inputs: inputs))
  }
}

/// A constant that belongs to a node.
package enum ONNXAttribute: Equatable, Sendable {
  case float(Float)
  case integer(Int64)
  case text(String)
  case tensor(ONNXTensor)
  case floats([Float])
  case integers([Int64])
  case texts([String])
  /// Graphs, types, sparse tensors and tensors of types that are not supported.
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
