// A machine that runs pickles. It has only the 35 instructions and the names that a state dict and the plain data
// beside it need. All other instructions and names are refused, and the error names them. The specification is Python's
// pickletools, protocol 2.

import TapFormats

/// Runs one pickle. An instruction makes one value or none and copies no container, so the limit on instructions also
/// limits the memory. The largest published state dicts take some 100,000 instructions.
struct Unpickler {
  static let instructionLimit = 4_000_000

  private var stack: [PickleValue] = []
  /// The heights of the stack at which a mark was set.
  private var marks: [Int] = []
  private var memo: [Int: PickleValue] = [:]
  private var sequences: [[PickleValue]] = []
  private var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
  private var storages: [StorageReference] = []
  private var offset: Int

  private init(offset: Int) { self.offset = offset }

  /// Reads the pickle that begins at `offset`.
  ///
  /// - Returns: the document, and the offset of the byte after the pickle.
  static func read(
    _ bytes: Span<UInt8>, at offset: Int
  ) throws(PickleError) -> (document: PickleDocument, end: Int) {
    var machine = Unpickler(offset: offset)
    var instructions = 0
    while try machine.step(bytes) {
      instructions += 1
      guard instructions <= instructionLimit else { throw .tooManyInstructions(limit: instructionLimit) }
    }
    let root = try machine.pop()
    let document = PickleDocument(
      root: root, storages: machine.storages, sequences: machine.sequences, dictionaries: machine.dictionaries
    )
    return (document, machine.offset)
  }

  /// Runs one instruction; the result is false after the last instruction.
  private mutating func step(_ bytes: Span<UInt8>) throws(PickleError) -> Bool {
    let code = try unsigned(1, bytes)
    guard let instruction = Opcode(rawValue: UInt8(code)) else {
      throw .refusedOpcode(name: Opcode.name(UInt8(code)), offset: offset - 1)
    }
    switch instruction {
    case .proto:
      let version = try unsigned(1, bytes)
      guard version == 2 else { throw .unsupportedProtocol(version) }
    case .stop: return false
    case .mark: marks.append(stack.count)
    case .pop: _ = try pop()
    case .popMark: _ = try popToMark()

    case .none: stack.append(.none)
    case .newTrue: stack.append(.bool(true))
    case .newFalse: stack.append(.bool(false))
    case .binInt: stack.append(.integer(Int(Int32(truncatingIfNeeded: try unsigned(4, bytes)))))
    case .binInt1: stack.append(.integer(try unsigned(1, bytes)))
    case .binInt2: stack.append(.integer(try unsigned(2, bytes)))
    case .long1: stack.append(try wideInteger(bytes))
    case .binFloat:
      try need(8, bytes)
      stack.append(.number(Double(bitPattern: bytes.bigEndian(UInt64.self, at: offset))))
      offset += 8
    case .binUnicode: stack.append(.string(try text(length: try unsigned(4, bytes), bytes)))
    case .shortBinString: stack.append(.string(try text(length: try unsigned(1, bytes), bytes)))

    case .emptyTuple: stack.append(tuple([]))
    case .tuple1: stack.append(tuple([try pop()]))
    case .tuple2:
      let second = try pop()
      stack.append(tuple([try pop(), second]))
    case .tuple3:
      let third = try pop()
      let second = try pop()
      stack.append(tuple([try pop(), second, third]))
    case .tuple: stack.append(tuple(try popToMark()))
    case .emptyList:
      sequences.append([])
      stack.append(.list(sequences.count - 1))
    case .append: try append([try pop()])
    case .appends: try append(try popToMark())
    case .emptyDict: stack.append(dictionary())
    case .setItem:
      let value = try pop()
      try set([try pop(), value])
    case .setItems: try set(try popToMark())

    case .binPut: memo[try unsigned(1, bytes)] = try top()
    case .longBinPut: memo[try unsigned(4, bytes)] = try top()
    case .binGet: stack.append(try recall(try unsigned(1, bytes)))
    case .longBinGet: stack.append(try recall(try unsigned(4, bytes)))

    case .global: stack.append(.global(try global(bytes)))
    case .reduce:
      let arguments = try pop()
      stack.append(try call(try pop(), arguments))
    case .newObject:
      _ = try pop()
      guard case .global(.inert) = try pop() else { throw .badCall(of: "__new__", offset: offset) }
      stack.append(.inert)
    case .build: try build()
    case .binPersID:
      let storage = try storage(try pop())
      storages.append(storage)
      stack.append(.storage(storage))
    }
    return true
  }

  // MARK: - Stack and memo

  private func top() throws(PickleError) -> PickleValue {
    guard let value = stack.last, marks.last.map({ $0 < stack.count }) ?? true else {
      throw .badStack(offset: offset)
    }
    return value
  }

  private mutating func pop() throws(PickleError) -> PickleValue {
    let value = try top()
    stack.removeLast()
    return value
  }

  private mutating func popToMark() throws(PickleError) -> [PickleValue] {
    guard let mark = marks.popLast() else { throw .badStack(offset: offset) }
    let values = Array(stack[mark...])
    stack.removeLast(stack.count - mark)
    return values
  }

  private func recall(_ index: Int) throws(PickleError) -> PickleValue {
    guard let value = memo[index] else { throw .unknownMemo(index) }
    return value
  }

  // MARK: - Containers

  private mutating func tuple(_ elements: [PickleValue]) -> PickleValue {
    sequences.append(elements)
    return .tuple(sequences.count - 1)
  }

  private mutating func dictionary() -> PickleValue {
    dictionaries.append([])
    return .dictionary(dictionaries.count - 1)
  }

  private mutating func append(_ elements: [PickleValue]) throws(PickleError) {
    let target = try top()
    if target == .inert { return }
    guard case .list(let index) = target else { throw .badStack(offset: offset) }
    sequences[index] += elements
  }

  private mutating func set(_ keysAndValues: [PickleValue]) throws(PickleError) {
    let target = try top()
    if target == .inert { return }
    guard case .dictionary(let index) = target, keysAndValues.count % 2 == 0 else {
      throw .badStack(offset: offset)
    }
    for position in stride(from: 0, to: keysAndValues.count, by: 2) {
      dictionaries[index].append((keysAndValues[position], keysAndValues[position + 1]))
    }
  }

  private func elements(of value: PickleValue) -> [PickleValue]? {
    if case .tuple(let index) = value { sequences[index] } else { nil }
  }

  // MARK: - Calls, which are interpreted but not made

  private mutating func call(
    _ function: PickleValue, _ arguments: PickleValue
  ) throws(PickleError) -> PickleValue {
    guard case .global(let global) = function, let arguments = elements(of: arguments) else {
      throw .badStack(offset: offset)
    }
    switch global {
    case .orderedDictionary:
      guard arguments.isEmpty else { throw .badCall(of: "OrderedDict", offset: offset) }
      return dictionary()
    case .rebuildTensor:
      guard arguments.count == 4 else { throw .badCall(of: "_rebuild_tensor", offset: offset) }
      return .tensor(try tensor(arguments))
    case .rebuildTensorVersion2:
      guard arguments.count >= 6 else { throw .badCall(of: "_rebuild_tensor_v2", offset: offset) }
      return .tensor(try tensor(arguments))
    case .rebuildParameter:
      guard case .tensor(let tensor)? = arguments.first else {
        throw .badCall(of: "_rebuild_parameter", offset: offset)
      }
      return .tensor(tensor)
    case .storage: throw .badCall(of: "a storage", offset: offset)
    case .inert: return .inert
    }
  }

  private func tensor(_ arguments: [PickleValue]) throws(PickleError) -> StoredTensor {
    guard case .storage(let storage) = arguments[0], case .integer(let start) = arguments[1],
      let shape = integers(arguments[2]), let strides = integers(arguments[3])
    else { throw .badCall(of: "_rebuild_tensor", offset: offset) }
    return StoredTensor(storage: storage, offset: start, shape: shape, strides: strides)
  }

  /// The integers of a shape or of strides. PyTorch limits both to 64 axes. Without this limit, a long tuple that many
  /// tensors share would be copied for each tensor.
  private func integers(_ value: PickleValue) -> [Int]? {
    var integers: [Int] = []
    guard elements(of: value)?.count ?? 0 <= 64 else { return nil }
    for element in elements(of: value) ?? [.none] {
      guard case .integer(let integer) = element else { return nil }
      integers.append(integer)
    }
    return integers
  }

  /// Runs the instruction that sets an object's attributes. The attributes of an ordered dictionary, such as PyTorch's
  /// `_metadata`, are dropped.
  private mutating func build() throws(PickleError) {
    let state = try pop()
    let target = try top()
    if target == .inert { return }
    guard case .dictionary = state, case .dictionary = target else { throw .badStack(offset: offset) }
  }

  /// A storage from the tuple `("storage", type, key, location, count)`. The legacy format has a sixth element, which
  /// is None unless the storage is a view of another storage. Such views are refused.
  private func storage(_ value: PickleValue) throws(PickleError) -> StorageReference {
    guard let parts = elements(of: value), parts.count == 5 || (parts.count == 6 && parts[5] == .none),
      parts[0] == .string("storage"), case .global(.storage(let type)) = parts[1],
      case .string(let key) = parts[2], case .integer(let count) = parts[4], count >= 0
    else { throw .badStorage(offset: offset) }
    return StorageReference(key: key, type: type, count: count)
  }

  // MARK: - Arguments of instructions

  private func need(_ count: Int, _ bytes: Span<UInt8>) throws(PickleError) {
    guard count <= bytes.count - offset else { throw .truncated(offset: offset) }
  }

  private mutating func unsigned(_ size: Int, _ bytes: Span<UInt8>) throws(PickleError) -> Int {
    try need(size, bytes)
    var value = 0
    for index in 0..<size { value |= Int(bytes[offset + index]) << (8 * index) }
    offset += size
    return value
  }

  private mutating func wideInteger(_ bytes: Span<UInt8>) throws(PickleError) -> PickleValue {
    let size = try unsigned(1, bytes)
    try need(size, bytes)
    let content = bytes.values(UInt8.self, at: offset, count: size)
    offset += size
    guard size <= 8 else { return .wideInteger(content) }
    // The bytes are a two's complement integer; its sign is the highest bit of the last byte.
    var value = content.last.map { $0 >= 0x80 } == true ? -1 : 0
    for byte in content.reversed() { value = value << 8 | Int(byte) }
    return .integer(value)
  }

  private mutating func text(length: Int, _ bytes: Span<UInt8>) throws(PickleError) -> String {
    try need(length, bytes)
    let content = bytes.values(UInt8.self, at: offset, count: length)
    guard let text = String(validating: content, as: UTF8.self) else { throw .invalidText(offset: offset) }
    offset += length
    return text
  }

  private mutating func line(_ bytes: Span<UInt8>) throws(PickleError) -> String {
    var end = offset
    while end < bytes.count, bytes[end] != 0x0A { end += 1 }
    guard end < bytes.count else { throw .truncated(offset: end) }
    defer { offset += 1 }
    return try text(length: end - offset, bytes)
  }

  private mutating func global(_ bytes: Span<UInt8>) throws(PickleError) -> PickleGlobal {
    let module = try line(bytes)
    let name = try line(bytes)
    guard let global = PickleGlobal(module: module, name: name) else {
      throw .refusedGlobal("\(module).\(name)")
    }
    return global
  }
}
