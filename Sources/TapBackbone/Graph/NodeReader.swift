// Reads and checks one node of a document.

import TapFormats
import TapTensors

/// One node of a document.
package struct NodeReader {
  private static let largestExtent = 1 << 20

  let format: Int
  /// The index of the node in the document.
  let index: Int
  let entry: JSONValue
  /// The tensors of all nodes.
  let tensors: [String: Tensor]

  /// The word for the operator.
  var kind: String { entry["operator"]?.stringValue ?? "" }

  /// The number of the node's inputs.
  var inputCount: Int { entry["inputs"]?.arrayValue?.count ?? 0 }

  /// An attribute of the operator.
  subscript(_ field: String) -> JSONValue? { entry[field] }

  func error(_ problem: String) -> GraphDocumentError { GraphDocumentError(node: index, problem: problem) }

  /// Reads the operator with its weights.
  func operation() throws(GraphDocumentError) -> any Operator {
    guard let type = OperatorRegistry.type(kind, format: format) else {
      throw error("the operator '\(kind)' is unknown")
    }
    return try type.init(self)
  }

  func integer(_ name: String, _ range: ClosedRange<Int>) throws(GraphDocumentError) -> Int {
    guard let value = entry[name]?.intValue, range.contains(value) else {
      throw error("'\(name)' must be an integer from \(range.lowerBound) to \(range.upperBound)")
    }
    return value
  }

  /// Reads a window along an axis; its sizes must be within the range of image networks.
  func axis(_ name: String) throws(GraphDocumentError) -> WindowAxis {
    guard let axis = entry[name].flatMap(WindowAxis.init(document:)) else {
      throw error("'\(name)' must say kernel, stride, dilation, padding and roundsUp of a window")
    }
    return axis
  }

  /// A tensor of the operator. Nil if the document does not have it.
  func tensor(_ part: String) -> Tensor? { tensors["\(index).\(part)"] }

  func weights(rank: Int) throws(GraphDocumentError) -> Tensor {
    guard let tensor = tensor("weights") else { throw error("the tensor '\(index).weights' is missing") }
    guard tensor.shape.rank == rank,
      tensor.shape.extents.allSatisfy({ (1...Self.largestExtent).contains($0) })
    else { throw error("the weights have shape \(tensor.shape), expected rank \(rank)") }
    return tensor
  }

  func bias(_ count: Int) throws(GraphDocumentError) -> [Float]? {
    guard let tensor = tensor("bias") else { return nil }
    guard tensor.shape.extents == [count] else {
      throw error("the bias has shape \(tensor.shape), expected [\(count)]")
    }
    return tensor.elements
  }
}
