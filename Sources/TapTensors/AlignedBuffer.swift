// The only code that owns aligned memory. Kernels get pointers to this memory, and all other code gets spans.

#if os(Linux)
  import Glibc
#endif

/// The size of a large memory page on x86-64 and arm64.
private let largePage = 2 << 20

/// Memory for `count` elements, filled with zeros. It is aligned to 64 bytes, the size of a cache line and of a 512-bit
/// vector.
@safe package struct AlignedBuffer<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  /// The number of elements.
  package let count: Int
  @usableFromInline package let base: UnsafeMutablePointer<Element>

  /// Allocates memory for `count` elements and fills it with zeros.
  package init(count: Int) {
    precondition(count >= 0, "a buffer of \(count) elements")
    let bytes = max(count, 1) * MemoryLayout<Element>.stride
    let isLarge = bytes >= 2 * largePage
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: isLarge ? largePage : 64)
    #if os(Linux)
      // Large pages need fewer address translations. If the system refuses them, the buffer works without them.
      if isLarge { unsafe _ = madvise(raw, bytes, MADV_HUGEPAGE) }
    #endif
    unsafe raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    self.count = count
    unsafe self.base = raw.assumingMemoryBound(to: Element.self)
  }

  /// Allocates memory and copies `elements` into it.
  package init(_ elements: [Element]) {
    self.init(count: elements.count)
    unsafe elements.withUnsafeBufferPointer { source in
      guard let from = source.baseAddress else { return }
      unsafe base.update(from: from, count: source.count)
    }
  }

  deinit {
    unsafe UnsafeMutableRawPointer(base).deallocate()
  }

  @inlinable package func withSpan<R, E: Error>(
    _ body: (Span<Element>) throws(E) -> R
  ) throws(E) -> R {
    try body(unsafe Span(_unsafeStart: base, count: count))
  }

  @inlinable package mutating func withMutableSpan<R, E: Error>(
    _ body: (inout MutableSpan<Element>) throws(E) -> R
  ) throws(E) -> R {
    var span = unsafe MutableSpan(_unsafeStart: base, count: count)
    return try body(&span)
  }
}
