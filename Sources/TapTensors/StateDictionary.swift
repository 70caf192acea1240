// Weights by name, as checkpoints contain them. Networks are built from these weights.

/// Named float32 tensors of a checkpoint.
package struct StateDictionary: Hashable, Sendable {
  /// Tensors by name.
  package let tensors: [String: Tensor]

  /// A dictionary of the given tensors.
  package init(_ tensors: [String: Tensor]) {
    self.tensors = tensors
  }

  /// The tensor with this name; nil if there is none.
  package subscript(name: String) -> Tensor? { tensors[name] }
}
