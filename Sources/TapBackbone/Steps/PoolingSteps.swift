// Pooling of values `[H, W, C]`: over windows, over regions, over the whole picture. The order of every sum is fixed: rows from
// top to bottom, in a row from left to right.

import TapTensors

/// The mean over positions of each channel.
struct GlobalAverageStep: Sendable {
  let input: Place
  let output: Place
  let from: Extent

  @unsafe func run(_ workspace: Workspace) {
    let (x, y) = unsafe (workspace.read(input), workspace.write(output))
    for image in unsafe 0..<workspace.count {
      unsafe PoolingKernels.average(x + image * from.count, from, into: y + image * from.channels)
    }
  }
}

/// Maximum or mean of each channel under a window.
struct WindowPoolingStep: Sendable {
  let pooling: WindowPooling
  let input: Place
  let output: Place
  let from: Extent
  let to: Extent

  @unsafe func run(_ workspace: Workspace) {
    let (x, y) = unsafe (workspace.read(input), workspace.write(output))
    let rows = (0..<to.height).map { Self.window($0, pooling.vertical, from.height) }
    let columns = (0..<to.width).map { Self.window($0, pooling.horizontal, from.width) }
    for image in unsafe 0..<workspace.count {
      let picture = unsafe x + image * from.count
      var pixel = unsafe y + image * to.count
      for (row, vertical) in rows.enumerated() {
        for (column, horizontal) in columns.enumerated() {
          switch pooling.kind {
          case .maximum: unsafe maximum(picture, vertical, horizontal, into: pixel)
          case .average(let countsPadding):
            let count =
              countsPadding
              ? pooling.vertical.covered(window: row, input: from.height)
                * pooling.horizontal.covered(window: column, input: from.width)
              : vertical.count * horizontal.count
            unsafe mean(picture, vertical, horizontal, of: count, into: pixel)
          }
          unsafe pixel += to.channels
        }
      }
    }
  }

  /// The pixels under a window that lie in the picture.
  private static func window(_ index: Int, _ axis: WindowAxis, _ size: Int) -> [Int] {
    let first = index * axis.stride - axis.geometry(input: size).before
    return (0..<axis.kernel).map { first + $0 * axis.dilation }.filter { (0..<size).contains($0) }
  }

  /// A NaN stays.
  @unsafe private func maximum(
    _ x: UnsafePointer<Float>, _ rows: [Int], _ columns: [Int], into y: UnsafeMutablePointer<Float>
  ) {
    unsafe y.update(repeating: -.infinity, count: from.channels)
    for row in rows {
      for column in columns {
        let values = unsafe x + (row * from.width + column) * from.channels
        for channel in 0..<from.channels {
          let (old, new) = unsafe (y[channel], values[channel])
          unsafe y[channel] = new > old || new != new ? new : old
        }
      }
    }
  }

  @unsafe private func mean(
    _ x: UnsafePointer<Float>, _ rows: [Int], _ columns: [Int], of count: Int,
    into y: UnsafeMutablePointer<Float>
  ) {
    unsafe y.update(repeating: 0, count: from.channels)
    for row in rows {
      for column in columns {
        let values = unsafe x + (row * from.width + column) * from.channels
        for channel in 0..<from.channels { unsafe y[channel] += values[channel] }
      }
    }
    let scale = Float(count)
    for channel in 0..<from.channels { unsafe y[channel] /= scale }
  }
}

/// The mean of each channel over regions that share the picture.
struct AdaptiveAverageStep: Sendable {
  let input: Place
  let output: Place
  let from: Extent
  let to: Extent

  @unsafe func run(_ workspace: Workspace) {
    let (x, y) = unsafe (workspace.read(input), workspace.write(output))
    for image in unsafe 0..<workspace.count {
      let picture = unsafe x + image * from.count
      for row in 0..<to.height {
        let rows = AdaptiveAveragePooling.region(row, of: to.height, size: from.height)
        for column in 0..<to.width {
          let columns = AdaptiveAveragePooling.region(column, of: to.width, size: from.width)
          let pixel = unsafe y + image * to.count + (row * to.width + column) * to.channels
          unsafe pixel.update(repeating: 0, count: to.channels)
          for line in rows {
            for place in columns {
              let values = unsafe picture + (line * from.width + place) * from.channels
              for channel in 0..<to.channels { unsafe pixel[channel] += values[channel] }
            }
          }
          let scale = Float(rows.count * columns.count)
          for channel in 0..<to.channels { unsafe pixel[channel] /= scale }
        }
      }
    }
  }
}
