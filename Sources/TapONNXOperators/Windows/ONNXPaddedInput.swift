// An input with its padding stored, so that a window's values are at fixed distances from its position.

import TapTensors

/// Images of `[channels, depth, height, width]` surrounded by zeros.
struct ONNXPaddedInput {
  /// Extents of the three spatial axes with padding.
  private let extents: [Int]
  private let window: ONNXWindow
  private let channels: Int
  private let source: [Float]

  init(_ x: ONNXTensor, _ window: ONNXWindow) throws(OperatorError) {
    // Only as much as the last window needs: padding behind it is never read.
    var extents: [Int] = []
    for axis in 0..<3 {
      let reach = (window.kernel[axis] - 1) * window.dilations[axis] + 1
      extents.append(max((window.output[axis] - 1) * window.strides[axis] + reach, 1))
    }
    _ = try Shape(ofResult: [x.shape[1]] + extents)
    self.extents = extents
    self.window = window
    channels = x.shape[1]
    source = try x.floats()
  }

  /// Elements from one channel to the next.
  var channelCount: Int { extents[0] * extents[1] * extents[2] }

  /// The channels of one image.
  func image(_ index: Int) -> [Float] {
    let (depth, height, width) = (window.input[0], window.input[1], window.input[2])
    let count = channels * depth * height * width
    if extents == window.input && window.before == [0, 0, 0] {
      return Array(source[index * count..<(index + 1) * count])
    }
    var result = [Float](repeating: 0, count: channels * channelCount)
    let copied = min(width, extents[2] - window.before[2])
    guard copied > 0 else { return result }
    for channel in 0..<channels {
      for z in 0..<depth where z + window.before[0] < extents[0] {
        for y in 0..<height where y + window.before[1] < extents[1] {
          let from = index * count + ((channel * depth + z) * height + y) * width
          let to =
            ((channel * extents[0] + z + window.before[0]) * extents[1] + y + window.before[1]) * extents[2]
            + window.before[2]
          for x in 0..<copied { result[to + x] = source[from + x] }
        }
      }
    }
    return result
  }

  /// The offset of the window of each output position, row-major.
  func positionOffsets(_ window: ONNXWindow) -> [Int] {
    var offsets: [Int] = []
    offsets.reserveCapacity(window.output.reduce(1, *))
    for z in 0..<window.output[0] {
      for y in 0..<window.output[1] {
        let row = (z * window.strides[0] * extents[1] + y * window.strides[1]) * extents[2]
        for x in 0..<window.output[2] { offsets.append(row + x * window.strides[2]) }
      }
    }
    return offsets
  }

  /// The distance from a window's beginning to each of its values, channels outermost.
  func tapOffsets(_ window: ONNXWindow, channels: Int) -> [Int] {
    var offsets: [Int] = []
    for channel in 0..<channels {
      for z in 0..<window.kernel[0] {
        for y in 0..<window.kernel[1] {
          let plane = channel * extents[0] + z * window.dilations[0]
          let row = (plane * extents[1] + y * window.dilations[1]) * extents[2]
          for x in 0..<window.kernel[2] { offsets.append(row + x * window.dilations[2]) }
        }
      }
    }
    return offsets
  }
}
