// Finds the state dict in a pickle. Training scripts put the state dict into dictionaries together with their settings.

import TapTensors

/// The tensors of a state dict, and the choices that led to them.
struct PickledTensors {
  var tensors: [(name: String, tensor: StoredTensor)] = []
  /// One sentence for each choice that was made.
  var warnings: [String] = []
}

extension PickleDocument {
  /// The keys under which training scripts put a state dict, in order of preference. The keys of averaged weights come
  /// before the key of the last weights, as in timm. The key of DINO's teacher comes before the key of DINO's student.
  private static let wrappers = [
    "state_dict_ema", "model_ema", "ema_state_dict", "params_ema", "state_dict", "model_state_dict", "model",
    "net",
    "net_state_dict", "network", "weights", "params", "module", "teacher", "student",
  ]
  /// The largest depth of nested dictionaries. A limit is needed since a dictionary can contain itself.
  private static let wrapperLimit = 8

  /// The named tensors of a state dict. The state dict is the root itself, the value of one of ``wrappers``, or the
  /// value of the only key with tensors. Numbers and objects beside the tensors are left out.
  func namedTensors() throws(CheckpointError.Reason) -> PickledTensors {
    var named = PickledTensors()
    var value = root
    for _ in 0..<Self.wrapperLimit {
      guard let next = try wrapped(in: value, &named.warnings) else { break }
      value = next
    }
    guard let pairs = pairs(of: value), !pairs.isEmpty else { throw .notStateDictionary(found: value.kind) }
    for pair in pairs {
      guard case .string(let name) = pair.key else {
        throw .notStateDictionary(found: "a key that is \(pair.key.kind)")
      }
      switch pair.value {
      case .tensor(let tensor): named.tensors.append((name, tensor))
      case .none, .bool, .integer, .wideInteger, .number, .inert, .global(.inert): break
      default: throw .notTensor(name: name, found: pair.value.kind)
      }
    }
    guard !named.tensors.isEmpty else { throw .notStateDictionary(found: "a dictionary without tensors") }
    return named
  }

  /// The state dict inside a dictionary; nil if the dictionary contains no other state dict.
  private func wrapped(
    in dictionary: PickleValue, _ warnings: inout [String]
  ) throws(CheckpointError.Reason) -> PickleValue? {
    let known = Self.wrappers.filter { key in value(of: key, in: dictionary).map(mayHoldTensors) ?? false }
    if let first = known.first {
      if known.count > 1 {
        let others = known.dropFirst().map { "\"\($0)\"" }.joined(separator: ", ")
        warnings.append("The weights below \"\(first)\" are used, not those below \(others).")
      }
      return value(of: first, in: dictionary)
    }
    guard !holdsTensors(dictionary) else { return nil }
    var others: [(key: String, value: PickleValue)] = []
    for pair in pairs(of: dictionary) ?? [] {
      if case .string(let key) = pair.key, holdsTensors(pair.value) { others.append((key, pair.value)) }
    }
    guard others.count < 2 else {
      let keys = others.map { "\"\($0.key)\"" }.joined(separator: ", ")
      throw .notStateDictionary(found: "several, below \(keys)")
    }
    if let other = others.first { warnings.append("The weights below \"\(other.key)\" are used.") }
    return others.first?.value
  }

  private func holdsTensors(_ value: PickleValue) -> Bool {
    pairs(of: value)?.contains { if case .tensor = $0.value { true } else { false } } ?? false
  }

  /// Whether a dictionary contains tensors or one of ``wrappers``.
  private func mayHoldTensors(_ value: PickleValue) -> Bool {
    holdsTensors(value)
      || Self.wrappers.contains { key in self.value(of: key, in: value).map { pairs(of: $0) != nil } ?? false
      }
  }
}
