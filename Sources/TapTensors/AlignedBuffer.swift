// The one owner of aligned memory: kernels get pointers from here, all other code gets spans.

#if os(Linux)
  import Glibc
#endif

/// The size of x86-64's and arm64's large pages.
private let largePage = 2 << 20

/// Zero-filled memory for `count` elements, aligned to 64 bytes: a cache line and a 512-bit vector.
@safe package struct AlignedBuffer<Element: BitwiseCopyable>: ~Copyable, @unchecked Sendable {
  /// The number of elements.
  package let count: Int
  @usableFromInline package let base: UnsafeMutablePointer<Element>

  /// Allocates and clears `count` elements.
  package init(count: Int) {
    precondition(count >= 0, "a buffer of \(count) elements")
    let bytes = max(count, 1) * MemoryLayout<Element>.stride
    let isLarge = bytes >= 2 * largePage
    let raw = UnsafeMutableRawPointer.allocate(byteCount: bytes, alignment: isLarge ? largePage : 64)
    #if os(Linux)
      // Large pages need fewer address translations; a refusal changes nothing.
      if isLarge { unsafe _ = madvise(raw, bytes, MADV_HUGEPAGE) }
    #endif
    unsafe raw.initializeMemory(as: UInt8.self, repeating: 0, count: bytes)
    self.count = count
    unsafe self.base = raw.assumingMemoryBound(to: Element.self)
  }

  /// Allocates and copies `elements`.
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
