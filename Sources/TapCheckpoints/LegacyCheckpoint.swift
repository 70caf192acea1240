// Reads the format of torch.save before PyTorch 1.6. A file has five pickles: the magic number, the protocol version,
// facts about the machine, the saved object, and the keys of the object's storages. Then each storage follows in the
// order of the keys: the number of its elements as an int64, and the elements.

import TapFormats
import TapTensors

enum LegacyCheckpoint {
  /// The magic number 0x1950a86a20f9469cfc6c, least significant byte first.
  private static let magic: [UInt8] = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19]
  private static let protocolVersion = 1001

  /// Whether the bytes begin with a pickle of protocol 2 that contains the magic number.
  static func recognizes(_ bytes: Span<UInt8>) -> Bool {
    let start: [UInt8] = [0x80, 0x02, 0x8A, 0x0A] + magic
    return bytes.count >= start.count && start.indices.allSatisfy { bytes[$0] == start[$0] }
  }

  static func read(_ bytes: Span<UInt8>) throws(CheckpointError.Reason) -> CheckpointWeights {
    var offset = 0
    let magic = try pickle(bytes, &offset)
    guard magic.root == .wideInteger(LegacyCheckpoint.magic) else { throw .unknownFormat }
    guard try pickle(bytes, &offset).root == .integer(protocolVersion) else { throw .unknownFormat }
    let machine = try pickle(bytes, &offset)
    guard machine.value(of: "little_endian", in: machine.root) == .bool(true) else { throw .bigEndian }
    let document = try pickle(bytes, &offset)
    let named = try document.namedTensors()
    let keys = try pickle(bytes, &offset)

    let storages = try document.storagesByKey()
    var offsets: [String: Int] = [:]
    for key in keys.elements(of: keys.root) ?? [] {
      guard case .string(let key) = key, offsets[key] == nil, let reference = storages[key] else {
        throw .unknownStorage
      }
      offsets[key] = try storage(reference, bytes, &offset)
    }
    guard offset == bytes.count else { throw .trailingBytes(bytes.count - offset) }
    return CheckpointWeights(
      state: try StateDictionary(named.tensors, storages: offsets, in: bytes), warnings: named.warnings)
  }

  /// The offset of the elements of a storage. After the call, `offset` is the offset of the byte after these elements.
  private static func storage(
    _ reference: StorageReference, _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(CheckpointError.Reason) -> Int {
    guard bytes.count - offset >= 8 else { throw .truncated(expected: offset + 8, actual: bytes.count) }
    let count = bytes.littleEndian(Int64.self, at: offset)
    guard count == Int64(reference.count) else {
      throw .storageSize(key: reference.key, expected: reference.count, actual: Int(count))
    }
    let start = offset + 8
    let (size, overflow) = reference.count.multipliedReportingOverflow(by: reference.type.byteCount)
    guard !overflow, size <= bytes.count - start else {
      throw .truncated(expected: overflow ? .max : start + size, actual: bytes.count)
    }
    offset = start + size
    return start
  }

  private static func pickle(
    _ bytes: Span<UInt8>, _ offset: inout Int
  ) throws(CheckpointError.Reason) -> PickleDocument {
    do throws(PickleError) {
      let (document, end) = try Unpickler.read(bytes, at: offset)
      offset = end
      return document
    } catch {
      throw .pickle(error)
    }
  }
}
