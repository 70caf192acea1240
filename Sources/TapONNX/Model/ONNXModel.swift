// A model of the Open Neural Network Exchange format (onnx.ai, onnx.proto of IR version 3 and later), as checked
// values.

import TapONNXOperators
import TapTensors

/// An ONNX model: a graph of operators, sorted so that every node follows the nodes that it reads.
package struct ONNXModel: Sendable {
  package let irVersion: Int
  /// Name and version of the program that wrote it.
  package let producer: String
  /// Versions of the operator sets by domain; ONNX's own has the domain "".
  package let opsets: [String: Int]
  package let graph: ONNXGraph
  package let metadata: [String: String]

  /// The largest total of elements of initializers and constants: 4 GB of floats.
  package static let parameterLimit = 1 << 30

  /// The supported versions of ONNX's own operator set.
  package static let supportedOpsets = 6...ONNXOperator.latestOpset
}

/// Nodes and the values between them.
package struct ONNXGraph: Sendable {
  package let name: String
  /// In an order in which they can be evaluated: that of the file if possible.
  package let nodes: [ONNXNode]
  /// The inputs to feed: those without an initializer.
  package let inputs: [ONNXValueInfo]
  package let outputs: [ONNXValueInfo]
  /// Weights and other constants by name.
  package let initializers: [String: ONNXTensor]
  /// The file's description of values between nodes. Not compared with the computed values.
  package let values: [String: ONNXValueInfo]
}

/// One application of an operator.
package struct ONNXNode: Sendable {
  /// The file's name for it, which may be empty.
  package let name: String
  package let operatorName: String
  /// "" for ONNX's own operators.
  package let domain: String
  /// Names of values; "" if an optional one is left out.
  package let inputs: [String]
  package let outputs: [String]
  package let attributes: [String: ONNXAttribute]

  package init(
    name: String = "", operatorName: String, domain: String = "", inputs: [String], outputs: [String],
    attributes: [String: ONNXAttribute] = [:]
  ) {
    self.name = name
    self.operatorName = operatorName
    self.domain = domain
    self.inputs = inputs
    self.outputs = outputs
    self.attributes = attributes
  }

  /// The node without its names, as an evaluator needs it.
  ///
  /// - Parameter opset: the version of its domain's operator set.
  func operation(opset: Int) -> ONNXOperator {
    ONNXOperator(type: operatorName, opset: opset, attributes: attributes, outputCount: outputs.count)
  }

  /// Its name, else that of its first output.
  package var label: String { name.isEmpty ? outputs.first { !$0.isEmpty } ?? operatorName : name }
}

/// A value's name and the file's description of it.
package struct ONNXValueInfo: Hashable, Sendable {
  package let name: String
  package let type: ONNXValueType

  package init(name: String, type: ONNXValueType) {
    self.name = name
    self.type = type
  }
}

package enum ONNXValueType: Hashable, Sendable {
  /// A tensor; nil if the axes are not given.
  case tensor(ElementType, [ONNXDimension]?)
  /// A tensor of elements that are not supported, a sequence, a map, or nothing at all.
  case unsupported(String)
}

/// The extent of an axis.
package enum ONNXDimension: Hashable, Sendable {
  case extent(Int)
  /// A name for the same extent everywhere.
  case symbol(String)
  case unknown
}

extension ONNXValueType: CustomStringConvertible {
  package var description: String {
    switch self {
    case .tensor(let type, let dimensions?): "of \(type), \(ONNXDimension.text(dimensions))"
    case .tensor(let type, nil): "of \(type), its axes not given"
    case .unsupported(let what): what
    }
  }
}

extension ONNXDimension: CustomStringConvertible {
  package var description: String {
    switch self {
    case .extent(let extent): String(extent)
    case .symbol(let name): name
    case .unknown: "?"
    }
  }

  /// `[batch, 3, ?, 224]`.
  static func text(_ dimensions: [ONNXDimension]) -> String {
    "[" + dimensions.map(\.description).joined(separator: ", ") + "]"
  }
}
