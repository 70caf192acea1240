// The reasons why a pickle is refused. The unpickler never calls a function that a pickle names, so a hostile file can
// only cause these errors.

/// The pickle is invalid, or needs more than a state dict needs.
package enum PickleError: Error, Equatable, Sendable, CustomStringConvertible {
  case truncated(offset: Int)
  /// An instruction that state dicts never need.
  case refusedOpcode(name: String, offset: Int)
  /// A Python function or class that state dicts never need.
  case refusedGlobal(String)
  /// A permitted function is called with invalid arguments.
  case badCall(of: String, offset: Int)
  case unsupportedProtocol(Int)
  /// The stack does not have the values that the instruction needs.
  case badStack(offset: Int)
  case unknownMemo(Int)
  case invalidText(offset: Int)
  case numberTooLarge(offset: Int)
  /// The pickle refers to an object outside itself that is not a storage.
  case badStorage(offset: Int)
  case tooManyInstructions(limit: Int)

  package var description: String {
    switch self {
    case .truncated(let offset): "the pickle is cut off at byte \(offset)"
    case .refusedOpcode(let name, let offset):
      "the pickle uses the instruction \(name) at byte \(offset), which no state dict needs; refused"
    case .refusedGlobal(let name) where Self.isQuantized(name):
      "the weights are quantized (\(name)), which is not read. Save the float32 model's state_dict(), or export the network to "
        + "ONNX"
    case .refusedGlobal(let name) where Self.isModule(name):
      "a whole pickled model (its class is \(name)), not its weights; refused, and nothing was run. If you trust the file, load "
        + "it in PyTorch and save model.state_dict()"
    case .refusedGlobal(let name):
      "the pickle asks for the Python object \(name), which no state dict needs; refused, and nothing was run. "
        + "If you trust the file, load it in PyTorch and save model.state_dict()"
    case .badCall(let function, let offset):
      "the pickle calls \(function) at byte \(offset) with arguments that it does not take"
    case .unsupportedProtocol(let version): "the pickle protocol is \(version); expected 2"
    case .badStack(let offset): "the pickle is not sound at byte \(offset)"
    case .unknownMemo(let index): "the pickle refers to a value \(index) that it has not stored"
    case .invalidText(let offset): "the pickle has text at byte \(offset) that is not valid UTF-8"
    case .numberTooLarge(let offset): "the pickle has a number at byte \(offset) that is too large"
    case .badStorage(let offset): "the pickle refers to something at byte \(offset) that is not a storage"
    case .tooManyInstructions(let limit): "the pickle has more than \(limit) instructions"
    }
  }

  private static func isQuantized(_ name: String) -> Bool {
    name == "torch._utils._rebuild_qtensor" || name.contains(".quantized.") || name.hasPrefix("torch.QInt")
      || name.hasPrefix("torch.QUInt") || name.hasPrefix("torch.qint") || name.hasPrefix("torch.quint")
      || name.hasPrefix("torch.per_tensor_") || name.hasPrefix("torch.per_channel_")
  }

  private static func isModule(_ name: String) -> Bool {
    [
      "torch.nn.modules.", "torch.nn.parallel.", "torchvision.models.", "timm.models.", "__main__.",
      "models.",
    ].contains {
      name.hasPrefix($0)
    }
  }
}
