// Depthwise convolutions, and convolutions with small groups of channels. They are computed one row of outputs at a
// time.

import CTapKernels
import TapKernels
import TapTensors

struct DepthwiseStep: Step {
  let input: ActivationPlace
  let output: ActivationPlace
  let from: ActivationExtents
  let to: ActivationExtents
  let vertical: WindowAxis
  let horizontal: WindowAxis
  /// The number of input channels that an output channel reads.
  let group: Int
  let clamp: Clamp
  let weights: PackedDepthwise

  var kernel: Int { vertical.kernel }
  var algorithm: String { "\(group == 1 ? "depthwise" : "grouped") \(kernel)x\(kernel)" }
  var weightCount: Int { weights.count }
  var pointerCount: Int { kernel }
  var zeroCount: Int { from.width * from.channels }

  /// The number of rows of the first window that are above the image.
  private var top: Int { vertical.geometry(input: from.height).before }
  private var left: Int { horizontal.geometry(input: from.width).before }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let (source, target) = unsafe (workspace.read(input), workspace.write(output))
    for line in unsafe workspace.part.range(workspace.count * to.height, multipleOf: 1) {
      let (image, y) = line.quotientAndRemainder(dividingBy: to.height)
      let start = unsafe source + image * from.count
      unsafe run(row: y, into: target + line * to.width * to.channels, workspace, kernels) { row in
        unsafe start + row * from.width * from.channels
      }
    }
  }

  /// Computes one row of outputs. `inputRow` gives the address of a row of the input.
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
      outputs: to.width, channels: from.channels, group: group, kernel: kernel, stride: horizontal.stride,
      first_column: -left, columns: from.width, rows: rows, zeros: workspace.zeros,
      bias: weights.bias, weights: weights.weights, output: target, minimum: clamp.minimum,
      maximum: clamp.maximum)
    if group == 1 {
      unsafe kernels.table.f32_depthwise(&row)
    } else {
      unsafe kernels.table.f32_grouped(&row)
    }
  }
}

/// The biases, followed by the weights. The weights of a depthwise convolution are sorted by kernel position, then by
/// channel. Those of small groups are sorted by panel of channels, kernel position, input channel, and channel of the
/// panel.
@safe final class PackedDepthwise: Sendable {
  private let buffer: AlignedBuffer<Float>
  private let channels: Int

  /// The number of floats.
  var count: Int { buffer.count }

  /// - Parameter convolution: must have the same number of outputs as inputs.
  init(_ convolution: Convolution, vectorWidth: Int) {
    let (channels, group) = (convolution.outputChannels, convolution.weights.shape[1])
    let positions = convolution.kernelHeight * convolution.kernelWidth
    let (weights, bias) = (convolution.weights.elements, convolution.bias)
    let panel = group == 1 ? channels : 2 * vectorWidth
    var buffer = AlignedBuffer<Float>(count: channels * (1 + positions * group))
    buffer.withMutableSpan { packed in
      for channel in 0..<channels {
        packed[channel] = bias?[channel] ?? 0
        let column = channel % panel
        let first = channel - column
        let width = min(panel, channels - first)
        for position in 0..<positions {
          for index in 0..<group {
            packed[channels + positions * group * first + (position * group + index) * width + column] =
              weights[(channel * group + index) * positions + position]
          }
        }
      }
    }
    self.buffer = buffer
    self.channels = channels
  }

  @unsafe var bias: UnsafePointer<Float> { unsafe UnsafePointer(buffer.base) }
  @unsafe var weights: UnsafePointer<Float> { unsafe UnsafePointer(buffer.base + channels) }
}
