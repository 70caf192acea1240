// From a pickle's root to named tensors in row-major float32: the last step of both PyTorch formats.

import TapFormats
import TapTensors

extension PickleDocument {
  /// The storages by key, each of one type and size.
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
  /// The limit for views that share a storage: sixteen elements for each byte of the file, which tied weights and
  /// broadcast tables never reach, and always a million; at most four gigabytes of float32.
  static func elementLimit(fileOf byteCount: Int) -> Int {
    min(1 << 30, max(1 << 20, 16 * min(byteCount, 1 << 30)))
  }

  /// Copies every tensor out of its storage, once, as float32 in row-major order.
  ///
  /// - Parameter storages: by key, the offset of the storage's first byte in `bytes`; their sizes are already checked.
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
      // No sum before the comparison: with strides of 0, a count can be any Int.
      guard shape.elementCount <= limit - total else { throw .tooManyElements(name: name, limit: limit) }
      total += shape.elementCount
      tensors[name] = Tensor(shape: shape, elements: stored.elements(shape, storageAt: start, in: bytes))
    }
    self.init(tensors)
  }
}

extension StoredTensor {
  /// The shape, after checking that every element is within the storage.
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
    // For an empty tensor, neither the offset nor the product of the inner extents is checked.
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

  /// Whether the elements are contiguous; the stride of an extent of 1 does not matter.
  private var isContiguous: Bool {
    var expected = 1
    for (extent, stride) in zip(shape, strides).reversed() where extent != 1 {
      guard stride == expected else { return false }
      expected *= extent
    }
    return true
  }
}
