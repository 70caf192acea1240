// The addresses of the inputs of a dense step, which the dense kernel reads.

import TapTensors

extension DenseStep {
  /// The place of an output pixel, numbered through all images. It moves from pixel to pixel without divisions.
  struct OutputPlace {
    var image: Int
    var y: Int
    var x: Int

    init(_ pixel: Int, in extents: ActivationExtents) {
      let (image, rest) = pixel.quotientAndRemainder(dividingBy: extents.pixels)
      self.image = image
      (y, x) = rest.quotientAndRemainder(dividingBy: extents.width)
    }

    /// - Precondition: the next `pixels` pixels are in the same row.
    mutating func move(by pixels: Int, in extents: ActivationExtents) {
      x += pixels
      guard x == extents.width else { return }
      (x, y) = (0, y + 1)
      guard y == extents.height else { return }
      (y, image) = (0, image + 1)
    }
  }

  /// Writes the addresses of the inputs of each output pixel of a tile. The table is `[kernelHeight][rows]` if a kernel
  /// row is one run of floats, and otherwise `[positions][rows]`. Runs of pixels whose windows extend beyond the image
  /// are copied to `edges`.
  ///
  /// - Parameter place: the place of the tile's first pixel; afterwards that of the next tile's first pixel.
  @unsafe func locate(
    _ range: Range<Int>, at place: inout OutputPlace, source: UnsafePointer<Float>, firstInput: Int,
    zeros: UnsafePointer<Float>, in pointers: UnsafeMutablePointer<UnsafePointer<Float>>,
    edges: inout UnsafeMutablePointer<Float>
  ) {
    if isPointwise {
      for (index, row) in range.enumerated() {
        unsafe pointers[index] = source + (row - firstInput) * from.channels
      }
      return
    }
    var first = range.lowerBound
    while first < range.upperBound {
      // The output pixels of the tile that lie in one row of the output.
      let (image, y, x) = (place.image, place.y, place.x)
      let end = min(range.upperBound, first + to.width - x)
      for kernelY in 0..<kernelHeight {
        let inputY = y * vertical.stride - top + kernelY * vertical.dilation
        let isInside = inputY >= 0 && inputY < from.height
        let line = unsafe source + image * from.count + inputY * from.width * from.channels
        let column = x * horizontal.stride - left
        let target = unsafe pointers + first - range.lowerBound
        if !isInside {
          for row in hasRuns ? kernelY..<kernelY + 1 : kernelY * kernelWidth..<(kernelY + 1) * kernelWidth {
            for index in 0..<end - first { unsafe target[row * range.count + index] = zeros }
          }
        } else if hasRuns {
          unsafe locateRuns(
            end - first, at: column, of: line, in: target + kernelY * range.count, edges: &edges)
        } else {
          for kernelX in 0..<kernelWidth {
            let row = unsafe target + (kernelY * kernelWidth + kernelX) * range.count
            for index in 0..<end - first {
              let column = column + index * horizontal.stride + kernelX * horizontal.dilation
              unsafe row[index] = column >= 0 && column < from.width ? line + column * from.channels : zeros
            }
          }
        }
      }
      place.move(by: end - first, in: to)
      first = end
    }
  }

  /// Writes the addresses of the runs under one row of the kernel for neighboring output pixels. The first run begins
  /// at `column`.
  @unsafe private func locateRuns(
    _ count: Int, at column: Int, of line: UnsafePointer<Float>,
    in pointers: UnsafeMutablePointer<UnsafePointer<Float>>, edges: inout UnsafeMutablePointer<Float>
  ) {
    let (step, channels, last) = (horizontal.stride, from.channels, from.width - kernelWidth)
    if column >= 0 && column + (count - 1) * step <= last {
      let first = unsafe line + column * channels
      for index in 0..<count { unsafe pointers[index] = first + index * step * channels }
      return
    }
    for index in 0..<count {
      let column = column + index * step
      if column >= 0 && column <= last {
        unsafe pointers[index] = line + column * channels
      } else {
        unsafe pointers[index] = UnsafePointer(edges)
        unsafe copyRun(at: column, of: line, to: edges)
        unsafe edges += kernelWidth * channels
      }
    }
  }

  /// Copies `kernelWidth` pixels of a line, beginning at `column`. Pixels outside the image are zeros.
  @unsafe private func copyRun(
    at column: Int, of line: UnsafePointer<Float>, to run: UnsafeMutablePointer<Float>
  ) {
    for kernelX in 0..<kernelWidth {
      let target = unsafe run + kernelX * from.channels
      if column + kernelX >= 0 && column + kernelX < from.width {
        unsafe target.update(from: line + (column + kernelX) * from.channels, count: from.channels)
      } else {
        unsafe target.update(repeating: 0, count: from.channels)
      }
    }
  }
}
