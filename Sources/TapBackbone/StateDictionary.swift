// Weights by name, as checkpoints hold them: what an architecture is built from.

import TapTensors

/// Named float32 tensors of a checkpoint.
public struct StateDictionary: Hashable, Sendable {
  public let tensors: [String: Tensor]

  public init(_ tensors: [String: Tensor]) {
    self.tensors = tensors
  }

  public subscript(name: String) -> Tensor? { tensors[name] }
}
