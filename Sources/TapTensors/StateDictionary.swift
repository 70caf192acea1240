// Weights by name, as checkpoints have them: the input of an architecture.

/// Named float32 tensors of a checkpoint.
public struct StateDictionary: Hashable, Sendable {
  /// Tensors by name.
  public let tensors: [String: Tensor]

  /// A dictionary of these tensors.
  public init(_ tensors: [String: Tensor]) {
    self.tensors = tensors
  }

  /// The tensor of a name, or nil.
  public subscript(name: String) -> Tensor? { tensors[name] }
}
