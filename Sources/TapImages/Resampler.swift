// The inner loops of resizing: integers only, so every machine makes the same bytes. A faster
// implementation replaces `horizontal` and `vertical` and nothing else.

/// Separable resize of 8-bit RGB: along rows first, rounded to 8 bits, then along columns.
///
/// Both passes compute `clip((2^21 + sum_i w[i] p[i]) >> 22)` in 32-bit integers, as Pillow does. Only the
/// columns and rows that the weights ask for are computed; the rows between the passes live in a ring as
/// long as the longest column run, so memory does not grow with the picture's area.
enum Resampler {
  /// Calls `emit` with each output row in order: its index and `3 * columns.count.count` samples.
  static func resample(
    _ image: RGBImage, columns: ResampleWeights, rows: ResampleWeights,
    emit: (Int, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    let rowLength = 3 * columns.first.count
    let slots = rows.count.max() ?? 0
    var ring = [UInt8](repeating: 0, count: slots * rowLength)
    var sums = [Int32](repeating: 0, count: rowLength)
    var line = [UInt8](repeating: 0, count: rowLength)
    unsafe image.pixels.withUnsafeBufferPointer { pixels in
      unsafe ring.withUnsafeMutableBufferPointer { ring in
        unsafe sums.withUnsafeMutableBufferPointer { sums in
          unsafe line.withUnsafeMutableBufferPointer { line in
            var next = 0
            for row in rows.first.indices {
              let first = rows.first[row]
              let end = first + rows.count[row]
              next = max(next, first)
              while next < end {
                unsafe horizontal(
                  pixels.baseAddress! + 3 * image.width * next, columns,
                  into: ring.baseAddress! + next % slots * rowLength)
                next += 1
              }
              unsafe sums.update(repeating: half)
              for tap in 0..<rows.count[row] {
                unsafe accumulate(
                  ring.baseAddress! + (first + tap) % slots * rowLength,
                  times: rows.values[row * rows.stride + tap], count: rowLength, into: sums.baseAddress!)
              }
              unsafe clip(sums.baseAddress!, count: rowLength, into: line.baseAddress!)
              unsafe emit(row, UnsafeBufferPointer(line))
            }
          }
        }
      }
    }
  }

  private static let half: Int32 = 1 << (ResampleWeights.fractionBits - 1)

  @inline(__always) private static func rounded(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: min(max(sum >> ResampleWeights.fractionBits, 0), 255))
  }

  /// One row of the picture to one row of the output's width.
  private static func horizontal(
    _ source: UnsafePointer<UInt8>, _ columns: ResampleWeights, into target: UnsafeMutablePointer<UInt8>
  ) {
    unsafe columns.values.withUnsafeBufferPointer { values in
      for column in columns.first.indices {
        var red = half
        var green = half
        var blue = half
        var pixel = unsafe source + 3 * columns.first[column]
        let weights = unsafe values.baseAddress! + column * columns.stride
        for tap in 0..<columns.count[column] {
          let weight = unsafe weights[tap]
          unsafe red &+= Int32(pixel[0]) &* weight
          unsafe green &+= Int32(pixel[1]) &* weight
          unsafe blue &+= Int32(pixel[2]) &* weight
          unsafe pixel += 3
        }
        unsafe target[3 * column] = rounded(red)
        unsafe target[3 * column + 1] = rounded(green)
        unsafe target[3 * column + 2] = rounded(blue)
      }
    }
  }

  private static func accumulate(
    _ row: UnsafePointer<UInt8>, times weight: Int32, count: Int, into sums: UnsafeMutablePointer<Int32>
  ) {
    for i in 0..<count { unsafe sums[i] &+= Int32(row[i]) &* weight }
  }

  private static func clip(
    _ sums: UnsafePointer<Int32>, count: Int, into target: UnsafeMutablePointer<UInt8>
  ) {
    for i in 0..<count { unsafe target[i] = rounded(sums[i]) }
  }
}
