// An input that is stored with its padding, so that the values of a window are at fixed distances from the window's
// position.

import TapTensors

/// Images of shape `[channels, depth, height, width]`, surrounded by zeros.
struct ONNXPaddedInput {
  /// The extents of the three spatial axes, including padding.
  private let extents: [Int]
  private let window: ONNXWindow
  private let channels: Int
  private let source: [Float]

  init(_ x: ONNXTensor, _ window: ONNXWindow) throws(OperatorError) {
    // The padding behind the last window is never read, so it is not stored.
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

  /// The number of elements of one channel.
  var channelCount: Int { extents[0] * extents[1] * extents[2] }

  /// The padded channels of one image.
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

  /// The offset of the window for each position of the output, in row-major order.
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

  /// The distance from the beginning of a window to each of its values. The channels are the slowest axis.
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
