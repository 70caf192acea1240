// Weights by name, as checkpoints have them: the input of an architecture.

/// Named float32 tensors of a checkpoint.
package struct StateDictionary: Hashable, Sendable {
  /// Tensors by name.
  package let tensors: [String: Tensor]

  /// A dictionary of these tensors.
  package init(_ tensors: [String: Tensor]) {
    self.tensors = tensors
  }

  /// The tensor of a name, or nil.
  package subscript(name: String) -> Tensor? { tensors[name] }
}
