// Two vectors at a time, for solvers that go row by row: plain Swift, four floats wide on every processor.

/// Sums and updates of float32 vectors.
package enum VectorKernels {
  /// Σ aᵢ bᵢ, in sixteen interleaved sums.
  @inline(__always)
  package static func dot(_ a: Span<Float>, _ b: Span<Float>) -> Float {
    precondition(a.count == b.count)
    return unsafe a.withUnsafeBufferPointer { a in
      unsafe b.withUnsafeBufferPointer { b in
        let (x, y) = unsafe (UnsafeRawPointer(a.baseAddress), UnsafeRawPointer(b.baseAddress))
        var sums = (SIMD4<Float>(), SIMD4<Float>(), SIMD4<Float>(), SIMD4<Float>())
        let whole = a.count & ~15
        if let x = unsafe x, let y = unsafe y {
          for i in stride(from: 0, to: 4 * whole, by: 64) {
            unsafe sums.0 += load(x, i) * load(y, i)
            unsafe sums.1 += load(x, i + 16) * load(y, i + 16)
            unsafe sums.2 += load(x, i + 32) * load(y, i + 32)
            unsafe sums.3 += load(x, i + 48) * load(y, i + 48)
          }
        }
        var total = ((sums.0 + sums.1) + (sums.2 + sums.3)).sum()
        for i in whole..<a.count { unsafe total += a[i] * b[i] }
        return total
      }
    }
  }

  /// yᵢ += factor xᵢ.
  @inline(__always)
  package static func add(_ factor: Float, _ x: Span<Float>, to y: inout MutableSpan<Float>) {
    precondition(x.count == y.count)
    unsafe x.withUnsafeBufferPointer { source in
      unsafe y.withUnsafeMutableBufferPointer { target in
        let whole = source.count & ~7
        if let from = unsafe UnsafeRawPointer(source.baseAddress),
          let to = UnsafeMutableRawPointer(target.baseAddress)
        {
          for i in stride(from: 0, to: 4 * whole, by: 32) {
            let (first, second) = unsafe (load(from, i) * factor, load(from, i + 16) * factor)
            unsafe to.storeBytes(
              of: load(UnsafeRawPointer(to), i) + first, toByteOffset: i, as: SIMD4<Float>.self)
            unsafe to.storeBytes(
              of: load(UnsafeRawPointer(to), i + 16) + second, toByteOffset: i + 16, as: SIMD4<Float>.self)
          }
        }
        for i in whole..<source.count { unsafe target[i] += factor * source[i] }
      }
    }
  }

  @inline(__always)
  private static func load(_ pointer: UnsafeRawPointer, _ offset: Int) -> SIMD4<Float> {
    unsafe pointer.loadUnaligned(fromByteOffset: offset, as: SIMD4<Float>.self)
  }
}
