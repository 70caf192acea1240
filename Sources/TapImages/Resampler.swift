// Resizes images: the order in which rows are computed, and the buffers for rows.

import TapKernels

/// A separable resize of 8-bit RGB images. As in Pillow, the samples between the two passes are rounded to 8 bits.
///
/// Only the columns and rows that the weights need are computed. The memory does not grow with the area of the image.
/// If rows are resized first, the memory between the passes holds as many rows as one output row is computed from. If
/// columns are resized first, the memory holds one row.
struct Resampler {
  /// The axis that is resized first. Samples are rounded between the passes, so the results of the two orders may
  /// differ by about 1.
  enum Order {
    case rowsFirst
    case columnsFirst

    /// The faster order, as in Pillow since 13.0. Columns are first if the height shrinks by more than twice as many
    /// pixels as the width. Versions of Pillow before 13.0 always resize rows first.
    init(from: (width: Int, height: Int), to: (width: Int, height: Int)) {
      let narrowing = max(from.width - to.width, 0)
      self = from.height - to.height > 2 * narrowing ? .columnsFirst : .rowsFirst
    }
  }

  let columns: ResampleWeights
  let rows: ResampleWeights
  let order: Order
  let kernels: ResampleKernels

  /// Calls `emit` with each output row, from the top: the index of the row, and its `3 * columns.first.count` samples.
  ///
  /// - Parameters:
  ///   - image: the image, or a part of it that begins at column `left` and row `top`. The part must contain all pixels
  ///     that the weights need.
  func resample(
    _ image: RGBImage, left: Int = 0, top: Int = 0, emit: (Int, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    let stride = 3 * image.width
    unsafe image.pixels.withUnsafeBufferPointer { pixels in
      switch order {
      case .rowsFirst:
        unsafe rowsFirst(
          left: left, row: { row in unsafe UnsafeBufferPointer(rebasing: pixels[(stride * (row - top))...]) },
          emit)
      case .columnsFirst:
        unsafe columnsFirst(pixels.baseAddress!, stride, left: left, top: top, emit)
      }
    }
  }

  /// Resizes an image whose rows come one after the other and are not kept. Rows are resized first.
  ///
  /// - Parameters:
  ///   - left: the column of the image at which the rows begin.
  ///   - row: a function that gives a row of the image. It is called once for each row that an output row needs, from
  ///     top to bottom.
  func rowsFirst(
    left: Int, row source: (Int) -> UnsafeBufferPointer<UInt8>,
    _ emit: (Int, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    let length = 3 * columns.first.count
    // Resized rows stay in a ring buffer until the last output row that needs them has been computed.
    let slots = rows.count.max() ?? 0
    let scratch = Scratch(bytes: (slots + 1) * length, sums: length, taps: 4 * rows.groups)
    defer { scratch.free() }
    let line = unsafe scratch.bytes
    let ring = unsafe scratch.bytes + length
    var next = 0
    for row in rows.first.indices {
      let first = Int(rows.first[row])
      next = max(next, first)
      while next < first + rows.count[row] {
        unsafe kernels.along(source(next), columns, from: left, into: ring + next % slots * length)
        next += 1
      }
      unsafe scratch.point(rows.count[row]) { tap in
        unsafe UnsafePointer(ring + (first + tap) % slots * length)
      }
      unsafe kernels.across(scratch.taps, rows, row, samples: length, sums: scratch.sums, into: line)
      unsafe emit(row, UnsafeBufferPointer(start: line, count: length))
    }
  }

  /// For each output row, averages rows of the image into one row, and then resizes the row along its length.
  private func columnsFirst(
    _ pixels: UnsafePointer<UInt8>, _ stride: Int, left: Int, top: Int,
    _ emit: (Int, UnsafeBufferPointer<UInt8>) -> Void
  ) {
    let length = 3 * columns.first.count
    let inputs = columns.inputs
    let width = 3 * inputs.count
    let scratch = Scratch(bytes: length + width, sums: width, taps: 4 * rows.groups)
    defer { scratch.free() }
    let line = unsafe scratch.bytes
    let averaged = unsafe scratch.bytes + length
    for row in rows.first.indices {
      let start = unsafe pixels + stride * (Int(rows.first[row]) - top) + 3 * (inputs.lowerBound - left)
      unsafe scratch.point(rows.count[row]) { tap in unsafe start + stride * tap }
      unsafe kernels.across(scratch.taps, rows, row, samples: width, sums: scratch.sums, into: averaged)
      unsafe kernels.along(
        UnsafeBufferPointer(start: averaged, count: width), columns, from: inputs.lowerBound, into: line)
      unsafe emit(row, UnsafeBufferPointer(start: line, count: length))
    }
  }
}

/// The memory for one resize.
@safe private struct Scratch {
  let bytes: UnsafeMutablePointer<UInt8>
  let sums: UnsafeMutablePointer<Int32>
  let taps: UnsafeMutablePointer<UnsafePointer<UInt8>>
  let tapCount: Int

  init(bytes: Int, sums: Int, taps: Int) {
    unsafe self.bytes = .allocate(capacity: bytes)
    unsafe self.sums = .allocate(capacity: sums)
    unsafe self.taps = .allocate(capacity: taps)
    tapCount = taps
  }

  /// Sets the pointers to the input rows of one output row. Pointers beyond `count` have weight 0 and point to the last
  /// row.
  func point(_ count: Int, at row: (Int) -> UnsafePointer<UInt8>) {
    for tap in 0..<tapCount { unsafe (taps + tap).initialize(to: row(min(tap, count - 1))) }
  }

  func free() {
    unsafe bytes.deallocate()
    unsafe sums.deallocate()
    unsafe taps.deallocate()
  }
}
