// What fusion left over, one element at a time: additions, clamps, batch normalisations, copies.

import TapTensors

struct ElementwiseStep: Sendable {
  enum Function: Sendable {
    case add(Place)
    case clamp(Clamp)
    /// `x * scale[c] + shift[c]`, in double, rounded once; channels last.
    case affine(scale: [Double], shift: [Double])
    case copy
  }

  let function: Function
  let input: Place
  let output: Place
  /// Elements of one image.
  let elements: Int

  @unsafe func run(_ workspace: Workspace) {
    let count = unsafe elements * workspace.count
    let (x, y) = unsafe (workspace.read(input), workspace.write(output))
    switch function {
    case .add(let other):
      let addend = unsafe workspace.read(other)
      for index in 0..<count { unsafe y[index] = x[index] + addend[index] }
    case .clamp(let clamp):
      for index in 0..<count {
        let raised = unsafe clamp.minimum > x[index] ? clamp.minimum : x[index]
        unsafe y[index] = clamp.maximum < raised ? clamp.maximum : raised
      }
    case .affine(let scale, let shift):
      for pixel in stride(from: 0, to: count, by: scale.count) {
        for channel in scale.indices {
          unsafe y[pixel + channel] = Float(Double(x[pixel + channel]) * scale[channel] + shift[channel])
        }
      }
    case .copy:
      unsafe y.update(from: x, count: count)
    }
  }
}

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

/// Channels last to channels first, or back.
struct TransposeStep: Sendable {
  let target: Layout
  let input: Place
  let output: Place
  let extent: Extent

  @unsafe func run(_ workspace: Workspace) {
    let (x, y) = unsafe (workspace.read(input), workspace.write(output))
    let (rows, columns) =
      target == .channelsFirst ? (extent.pixels, extent.channels) : (extent.channels, extent.pixels)
    for image in unsafe 0..<workspace.count {
      unsafe PoolingKernels.transpose(
        x + image * extent.count, rows: rows, columns: columns, into: y + image * extent.count)
    }
  }
}
