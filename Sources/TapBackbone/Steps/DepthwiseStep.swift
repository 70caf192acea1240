// Depthwise convolutions, a row of outputs at a time.

import CTapKernels
import TapKernels
import TapTensors

struct DepthwiseStep: Sendable {
  let input: Place
  let output: Place
  let from: Extent
  let to: Extent
  let vertical: WindowAxis
  let horizontal: WindowAxis
  let clamp: Clamp
  let weights: PackedDepthwise

  var kernel: Int { vertical.kernel }
  var zeroCount: Int { from.width * from.channels }

  /// Rows of the input before the picture under the first window.
  private var top: Int { vertical.geometry(input: from.height).before }
  private var left: Int { horizontal.geometry(input: from.width).before }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let (source, target) = unsafe (workspace.read(input), workspace.write(output))
    for line in unsafe workspace.part.range(workspace.count * to.height, multipleOf: 1) {
      let (image, y) = line.quotientAndRemainder(dividingBy: to.height)
      let picture = unsafe source + image * from.count
      unsafe run(row: y, into: target + line * to.width * to.channels, workspace, kernels) { row in
        unsafe picture + row * from.width * from.channels
      }
    }
  }

  /// One row of outputs. `inputRow` says where a row of the input lies.
  @unsafe func run(
    row y: Int, into target: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ kernels: KernelSet,
    inputRow: (Int) -> UnsafePointer<Float>
  ) {
    let rows = unsafe workspace.pointers
    for kernelY in 0..<kernel {
      let inputY = y * vertical.stride - top + kernelY
      unsafe rows[kernelY] = inputY >= 0 && inputY < from.height ? inputRow(inputY) : workspace.zeros
    }
    var row = unsafe lt_f32_depthwise_row(
      outputs: to.width, channels: from.channels, kernel: kernel, stride: horizontal.stride,
      first_column: -left, columns: from.width, rows: rows, zeros: workspace.zeros,
      bias: weights.bias, weights: weights.weights, output: target, minimum: clamp.minimum,
      maximum: clamp.maximum)
    unsafe kernels.table.f32_depthwise(&row)
  }
}

/// Weights by kernel position, then channel, after the biases.
@safe final class PackedDepthwise: Sendable {
  private let buffer: AlignedBuffer<Float>
  private let channels: Int

  /// - Parameter weights: `[channels, positions]`, as PyTorch stores a depthwise convolution.
  init(weights: [Float], bias: [Float]?, channels: Int, positions: Int) {
    var buffer = AlignedBuffer<Float>(count: channels * (1 + positions))
    buffer.withMutableSpan { packed in
      for channel in 0..<channels {
        packed[channel] = bias?[channel] ?? 0
        for position in 0..<positions {
          packed[(1 + position) * channels + channel] = weights[channel * positions + position]
        }
      }
    }
    self.buffer = buffer
    self.channels = channels
  }

  @unsafe var bias: UnsafePointer<Float> { unsafe UnsafePointer(buffer.base) }
  @unsafe var weights: UnsafePointer<Float> { unsafe UnsafePointer(buffer.base + channels) }
}
