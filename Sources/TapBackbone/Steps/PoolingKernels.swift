// Pooling of an activation `[H, W, C]` over its positions. The order of every sum is fixed: each row of the image from
// left to right, and then the rows from top to bottom. So the result does not depend on vectors, threads or the batch.

import TapProvenance

enum PoolingKernels {
  /// The mean of each channel: the sum of the sums of the rows, times 1 / (H W).
  @unsafe static func average(
    _ x: UnsafePointer<Float>, _ extent: ActivationExtents, into y: UnsafeMutablePointer<Float>
  ) {
    unsafe sums(x, extent, into: y) { $0 }
    let scale = Float(extent.pixels)
    for channel in 0..<extent.channels { unsafe y[channel] /= scale }
  }

  /// The largest value; NaN if any value is NaN, as with PyTorch's `amax`.
  @unsafe static func maximum(
    _ x: UnsafePointer<Float>, _ extent: ActivationExtents, into y: UnsafeMutablePointer<Float>
  ) {
    unsafe y.update(from: x, count: extent.channels)
    for pixel in 1..<max(extent.pixels, 1) {
      let values = unsafe x + pixel * extent.channels
      for channel in 0..<extent.channels {
        let (old, new) = unsafe (y[channel], values[channel])
        unsafe y[channel] = new > old || new != new ? new : old
      }
    }
  }

  /// `(mean of max(x, epsilon)^3)^(1/3)`: generalized mean pooling with p = 3. Radenovic, Tolias, Chum, "Fine-tuning
  /// CNN Image Retrieval with No Human Annotation" (2018).
  @unsafe static func generalizedMean(
    _ x: UnsafePointer<Float>, _ extent: ActivationExtents, epsilon: Float,
    into y: UnsafeMutablePointer<Float>
  ) {
    unsafe sums(x, extent, into: y) { value in
      let raised = epsilon > value ? epsilon : value
      return raised * raised * raised
    }
    let scale = Float(extent.pixels)
    for channel in 0..<extent.channels { unsafe y[channel] = cubeRoot(y[channel] / scale) }
  }

  /// The cube root of a positive value, by Newton's method in double precision, rounded once. The function uses only
  /// IEEE operations, so its bytes are the same everywhere. No C library guarantees this.
  static func cubeRoot(_ value: Float) -> Float {
    guard value > 0, value.isFinite else { return value }
    let x = Double(value)
    // The first estimate has a third of the exponent and is within a factor of 2. Each step doubles the number of
    // correct digits.
    var root = Double(sign: .plus, exponent: x.exponent / 3, significand: 1)
    for _ in 0..<8 { root -= (root * root * root - x) / (3 * root * root) }
    return Float(root)
  }

  /// `y[columns, rows] = x[rows, columns]`.
  @unsafe static func transpose(
    _ x: UnsafePointer<Float>, rows: Int, columns: Int, into y: UnsafeMutablePointer<Float>
  ) {
    for row in 0..<rows {
      for column in 0..<columns { unsafe y[column * rows + row] = x[row * columns + column] }
    }
  }

  @unsafe @inline(__always) private static func sums(
    _ x: UnsafePointer<Float>, _ extent: ActivationExtents, into y: UnsafeMutablePointer<Float>,
    _ value: (Float) -> Float
  ) {
    unsafe y.update(repeating: 0, count: extent.channels)
    unsafe withUnsafeTemporaryAllocation(of: Float.self, capacity: extent.channels) { row in
      guard let row = row.baseAddress else { return }
      for line in 0..<extent.height {
        unsafe row.update(repeating: 0, count: extent.channels)
        for column in 0..<extent.width {
          let pixel = unsafe x + (line * extent.width + column) * extent.channels
          for channel in 0..<extent.channels { unsafe row[channel] += value(pixel[channel]) }
        }
        for channel in 0..<extent.channels { unsafe y[channel] += row[channel] }
      }
    }
  }
}
