// The inner loops of resizing: integers only, so every machine makes the same bytes. A faster
// implementation replaces `alongRow` and `acrossRows` and nothing else.

/// Separable resize of 8-bit RGB, rounded to 8 bits between the passes.
///
/// Both passes compute `clip((2^21 + sum_i w[i] p[i]) >> 22)` in 32-bit integers, as Pillow does. Only the
/// columns and rows that the weights ask for are computed, and memory does not grow with the picture's
/// area: between the passes live as many rows as one output row averages, or a single one.
enum Resampler {
  /// Which axis is reduced first; the rounding between the passes makes the two differ by a unit or so.
  enum Order {
    case rowsFirst
    case columnsFirst

    /// Pillow's choice since 13.0, the cheaper one: columns first where the height shrinks by more than
    /// twice as many pixels as the width. Before, rows always went first.
    init(from: (width: Int, height: Int), to: (width: Int, height: Int)) {
      let narrowing = max(from.width - to.width, 0)
      self = from.height - to.height > 2 * narrowing ? .columnsFirst : .rowsFirst
    }
  }

  /// Calls `emit` with each output row from the top: its index and `3 * columns.first.count` samples.
  static func resample(
    _ image: RGBImage, columns: ResampleWeights, rows: ResampleWeights, order: Order,
    emit: (Int, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    unsafe image.pixels.withUnsafeBufferPointer { pixels in
      guard let source = pixels.baseAddress else { return }
      switch order {
      case .rowsFirst:
        unsafe rowsFirst(source, 3 * image.width, columns, rows, emit)
      case .columnsFirst:
        unsafe columnsFirst(source, 3 * image.width, columns, rows, emit)
      }
    }
  }

  /// Resized rows wait in a ring until the last output row that averages them is done.
  private static func rowsFirst(
    _ source: UnsafePointer<UInt8>, _ stride: Int, _ columns: ResampleWeights, _ rows: ResampleWeights,
    _ emit: (Int, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    let length = 3 * columns.first.count
    let slots = rows.count.max() ?? 0
    let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: (slots + 1) * length)
    let sums = UnsafeMutablePointer<Int32>.allocate(capacity: length)
    defer {
      unsafe scratch.deallocate()
      unsafe sums.deallocate()
    }
    let ring = unsafe scratch + length
    var next = 0
    for row in rows.first.indices {
      let first = rows.first[row]
      next = max(next, first)
      while next < first + rows.count[row] {
        unsafe alongRow(source + stride * next, columns, from: 0, into: ring + next % slots * length)
        next += 1
      }
      unsafe acrossRows(
        { tap in unsafe UnsafePointer(ring) + (first + tap) % slots * length }, rows, row, sums,
        count: length, into: scratch)
      unsafe emit(row, UnsafeBufferPointer(start: scratch, count: length))
    }
  }

  /// Each output row is averaged from the picture itself, then resized along.
  private static func columnsFirst(
    _ source: UnsafePointer<UInt8>, _ stride: Int, _ columns: ResampleWeights, _ rows: ResampleWeights,
    _ emit: (Int, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    let length = 3 * columns.first.count
    let left = columns.first.first ?? 0
    let right = zip(columns.first, columns.count).reduce(left) { max($0, $1.0 + $1.1) }
    let width = 3 * (right - left)
    let scratch = UnsafeMutablePointer<UInt8>.allocate(capacity: length + width)
    let sums = UnsafeMutablePointer<Int32>.allocate(capacity: width)
    defer {
      unsafe scratch.deallocate()
      unsafe sums.deallocate()
    }
    let line = unsafe scratch + length
    for row in rows.first.indices {
      let top = unsafe source + stride * rows.first[row] + 3 * left
      unsafe acrossRows({ tap in unsafe top + stride * tap }, rows, row, sums, count: width, into: line)
      unsafe alongRow(line, columns, from: left, into: scratch)
      unsafe emit(row, UnsafeBufferPointer(start: scratch, count: length))
    }
  }

  private static let half: Int32 = 1 << (ResampleWeights.fractionBits - 1)

  @inline(__always) private static func rounded(_ sum: Int32) -> UInt8 {
    UInt8(truncatingIfNeeded: min(max(sum >> ResampleWeights.fractionBits, 0), 255))
  }

  /// Resizes one row, whose first pixel is the picture's column `left`.
  private static func alongRow(
    _ source: UnsafePointer<UInt8>, _ columns: ResampleWeights, from left: Int,
    into target: UnsafeMutablePointer<UInt8>
  ) {
    for column in columns.first.indices {
      var red = half
      var green = half
      var blue = half
      var pixel = unsafe source + 3 * (columns.first[column] - left)
      let start = column * columns.stride
      for weight in columns.values[start..<(start + columns.count[column])] {
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

  /// Averages the rows of one output row, `tapped(0)`, `tapped(1)`, …, sample by sample.
  @inline(__always) private static func acrossRows(
    _ tapped: (Int) -> UnsafePointer<UInt8>, _ rows: ResampleWeights, _ row: Int,
    _ sums: UnsafeMutablePointer<Int32>, count: Int, into target: UnsafeMutablePointer<UInt8>
  ) {
    unsafe sums.update(repeating: half, count: count)
    for tap in 0..<rows.count[row] {
      let weight = rows.values[row * rows.stride + tap]
      let samples = unsafe tapped(tap)
      for i in 0..<count { unsafe sums[i] &+= Int32(samples[i]) &* weight }
    }
    for i in 0..<count { unsafe target[i] = rounded(sums[i]) }
  }
}
