// Reads numbers from bytes. This is the only file of this module that reads memory without a bounds check per byte.
// Every reader checks its whole range first, so a range outside the span traps instead of reading past the end.

extension Span where Element == UInt8 {
  /// The little-endian integer at `offset`, which need not be aligned.
  ///
  /// - Precondition: the integer is within the span.
  @inline(__always)
  package func littleEndian<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
    precondition(offset >= 0 && offset <= count - MemoryLayout<T>.size, "bytes at \(offset) of \(count)")
    return unsafe T(littleEndian: bytes.unsafeLoadUnaligned(fromUncheckedByteOffset: offset, as: T.self))
  }

  /// The big-endian integer at `offset`, which need not be aligned.
  ///
  /// - Precondition: the integer is within the span.
  @inline(__always)
  package func bigEndian<T: FixedWidthInteger & BitwiseCopyable>(_ type: T.Type, at offset: Int) -> T {
    littleEndian(type, at: offset).byteSwapped
  }

  /// The `count` values at `offset`, copied in one step. The file's byte order must be the machine's byte order, which
  /// is little-endian on every platform that Swift runs on.
  ///
  /// - Precondition: the values are within the span.
  package func values<T: BitwiseCopyable>(_ type: T.Type, at offset: Int, count: Int) -> [T] {
    let available = self.count
    precondition(
      offset >= 0 && count >= 0 && offset <= available
        && count <= (available - offset) / MemoryLayout<T>.stride,
      "\(count) values at \(offset) of \(available) bytes")
    return unsafe withUnsafeBytes { source in
      unsafe [T](unsafeUninitializedCapacity: count) { target, initialized in
        if count > 0, let from = source.baseAddress, let to = target.baseAddress {
          unsafe UnsafeMutableRawPointer(to).copyMemory(
            from: from + offset, byteCount: count * MemoryLayout<T>.stride)
        }
        initialized = count
      }
    }
  }
}

extension Array where Element: BitwiseCopyable {
  /// The bytes of the elements in memory. Their order is little-endian on every platform that Swift runs on.
  package var littleEndianBytes: [UInt8] {
    unsafe withUnsafeBytes { unsafe [UInt8]($0) }
  }
}

extension Array where Element == UInt8 {
  /// Appends an integer, least significant byte first.
  package mutating func append<T: FixedWidthInteger>(littleEndian value: T) {
    for shift in stride(from: 0, to: T.bitWidth, by: 8) {
      append(UInt8(truncatingIfNeeded: value >> T(shift)))
    }
  }
}
