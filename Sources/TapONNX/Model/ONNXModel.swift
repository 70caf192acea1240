// A model of the Open Neural Network Exchange format as checked values (onnx.ai, onnx.proto of IR version 3 and later).

import TapONNXOperators
import TapTensors

/// An ONNX model: a graph of operators, sorted so that every node follows the nodes that it reads.
package struct ONNXModel: Sendable {
  package let irVersion: Int
  /// The name and the version of the program that wrote the model.
  package let producer: String
  /// The versions of the operator sets, by domain. The domain of ONNX's own operators is "".
  package let opsets: [String: Int]
  package let graph: ONNXGraph
  package let metadata: [String: String]

  /// The largest number of elements of all initializers and constants together: 4 GiB of floats.
  package static let parameterLimit = 1 << 30

  /// The versions of ONNX's own operator set that are supported.
  package static let supportedOpsets = 6...ONNXOperator.latestOpset
}

/// The nodes of a model and the values between the nodes.
package struct ONNXGraph: Sendable {
  package let name: String
  /// The nodes in an order in which they can be evaluated. This is the file's order if that order is possible.
  package let nodes: [ONNXNode]
  /// The inputs that a caller must provide; inputs with an initializer are left out.
  package let inputs: [ONNXValueInfo]
  package let outputs: [ONNXValueInfo]
  /// The weights and other constants, by name.
  package let initializers: [String: ONNXTensor]
  /// The file's description of values between nodes. The computed values are not compared with this description.
  package let values: [String: ONNXValueInfo]
}

/// One application of an operator.
package struct ONNXNode: Sendable {
  /// The node's name in the file, which may be empty.
  package let name: String
  package let operatorName: String
  /// The domain of the operator; "" for ONNX's own operators.
  package let domain: String
  /// The names of the input values; "" for an optional input that is left out.
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

  /// The operator of the node with its attributes, without names of values. An evaluator needs no more.
  ///
  /// - Parameter opset: the version of the operator set of the node's domain.
  func operation(opset: Int) -> ONNXOperator {
    ONNXOperator(type: operatorName, opset: opset, attributes: attributes, outputCount: outputs.count)
  }

  /// The node's name. If the name is empty, the label is the name of the node's first output.
  package var label: String { name.isEmpty ? outputs.first { !$0.isEmpty } ?? operatorName : name }
}

/// A value's name and the file's description of the value.
package struct ONNXValueInfo: Hashable, Sendable {
  package let name: String
  package let type: ONNXValueType

  package init(name: String, type: ONNXValueType) {
    self.name = name
    self.type = type
  }
}

package enum ONNXValueType: Hashable, Sendable {
  /// A tensor: the type of its elements, and its axes. The axes are nil if the file does not give them.
  case tensor(ElementType, [ONNXDimension]?)
  /// A type that is not supported: a tensor of other elements, a sequence, a map, or no type.
  case unsupported(String)
}

/// The extent of an axis.
package enum ONNXDimension: Hashable, Sendable {
  case extent(Int)
  /// A symbol. Axes with the same symbol have the same extent.
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

  /// The dimensions as text, such as `[batch, 3, ?, 224]`.
  static func text(_ dimensions: [ONNXDimension]) -> String {
    "[" + dimensions.map(\.description).joined(separator: ", ") + "]"
  }
}
