// Writes one node of a document.

import TapFormats
import TapTensors

/// The fields and the tensors of one node.
package struct NodeWriter {
  private let index: Int
  private(set) var fields: [String: JSONValue]
  private(set) var tensors: [(name: String, tensor: Tensor)] = []

  /// - Parameters:
  ///   - index: the index of the node in the document.
  ///   - fields: the fields that every node has.
  init(index: Int, fields: [String: JSONValue]) {
    self.index = index
    self.fields = fields
  }

  /// An attribute of the operator.
  subscript(_ field: String) -> JSONValue? {
    get { fields[field] }
    set { fields[field] = newValue }
  }

  /// Adds a tensor of the operator.
  mutating func add(_ part: String, _ tensor: Tensor) { tensors.append(("\(index).\(part)", tensor)) }
}
