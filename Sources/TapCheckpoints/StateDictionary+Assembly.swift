// Converts the tensors of a pickle to row-major float32. This conversion is the last step of reading both PyTorch
// formats.

import TapFormats
import TapTensors

extension PickleDocument {
  /// The storages by key. Each storage must have the same type and size in all references.
  func storagesByKey() throws(CheckpointError.Reason) -> [String: StorageReference] {
    var byKey: [String: StorageReference] = [:]
    for storage in storages {
      let known = byKey.updateValue(storage, forKey: storage.key) ?? storage
      guard known == storage else {
        throw .storageSize(key: storage.key, expected: known.count, actual: storage.count)
      }
    }
    return byKey
  }
}

extension StateDictionary {
  /// The largest number of elements of all tensors together; it limits views that share a storage. The limit is sixteen
  /// elements for each byte of the file. Tied weights and broadcast tables never reach this limit. The limit is never
  /// below 2^20 elements, and never above 2^30 elements (4 GiB of float32).
  static func elementLimit(fileOf byteCount: Int) -> Int {
    min(1 << 30, max(1 << 20, 16 * min(byteCount, 1 << 30)))
  }

  /// Copies every tensor once, from its storage to row-major float32.
  ///
  /// - Parameter storages: the offset in `bytes` of each storage's first byte, by the key of the storage. The sizes of
  ///   the storages have been checked.
  init(
    _ named: [(name: String, tensor: StoredTensor)], storages: [String: Int], in bytes: Span<UInt8>
  ) throws(CheckpointError.Reason) {
    var tensors: [String: Tensor] = [:]
    var total = 0
    let limit = StateDictionary.elementLimit(fileOf: bytes.count)
    for (name, stored) in named {
      guard tensors[name] == nil else { throw .duplicateName(name) }
      guard let start = storages[stored.storage.key] else { throw .missingStorage(key: stored.storage.key) }
      let shape = try stored.checkedShape(name)
      // The count is compared with the rest of the limit before it is added: with strides of 0, a count can be any Int,
      // so the sum could overflow.
      guard shape.elementCount <= limit - total else { throw .tooManyElements(name: name, limit: limit) }
      total += shape.elementCount
      tensors[name] = Tensor(shape: shape, elements: stored.elements(shape, storageAt: start, in: bytes))
    }
    self.init(tensors)
  }
}

extension StoredTensor {
  /// The shape. Throws unless every element is within the storage.
  fileprivate func checkedShape(_ name: String) throws(CheckpointError.Reason) -> Shape {
    let outside = CheckpointError.Reason.tensorOutsideStorage(
      name: name, offset: offset, shape: shape, strides: strides, storage: storage.count)
    guard let checked = try? Shape(validating: shape), shape.count == strides.count, offset >= 0,
      strides.allSatisfy({ $0 >= 0 })
    else { throw outside }
    guard checked.elementCount > 0 else { return checked }
    var last = offset
    for (extent, stride) in zip(shape, strides) {
      let (reach, overflow) = (extent - 1).multipliedReportingOverflow(by: stride)
      let (sum, sumOverflow) = last.addingReportingOverflow(reach)
      guard !overflow, !sumOverflow else { throw outside }
      last = sum
    }
    guard last < storage.count else { throw outside }
    return checked
  }

  /// The elements in row-major order.
  fileprivate func elements(_ shape: Shape, storageAt start: Int, in bytes: Span<UInt8>) -> [Float] {
    // The offset of an empty tensor, and the product of its inner extents, have not been checked.
    guard shape.elementCount > 0 else { return [] }
    if isContiguous {
      return storage.type.floats(
        in: bytes, at: start + offset * storage.type.byteCount, count: shape.elementCount)
    }
    let source = storage.type.floats(in: bytes, at: start, count: storage.count)
    let axes = zip(shape.extents, strides).filter { $0.0 != 1 }
    guard let (count, stride) = axes.last else { return [source[offset]] }
    var elements: [Float] = []
    elements.reserveCapacity(shape.elementCount)
    var index = [Int](repeating: 0, count: axes.count - 1)
    var row = offset
    while true {
      for i in 0..<count { elements.append(source[row + i * stride]) }
      var axis = index.count - 1
      while axis >= 0 {
        let (extent, stride) = axes[axis]
        index[axis] += 1
        row += stride
        if index[axis] < extent { break }
        row -= stride * extent
        index[axis] = 0
        axis -= 1
      }
      if axis < 0 { return elements }
    }
  }

  /// Whether the elements are contiguous. For an axis of extent 1, the stride does not matter.
  private var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
      guard stride == expected else { return false }
      expected *= extent
    }
    return true
  }
}
