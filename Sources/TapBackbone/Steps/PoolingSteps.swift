// Pooling of values `[H, W, C]`: over windows, over regions, or over the whole image. The order of every sum is fixed:
// the rows from top to bottom, and each row from left to right.

import CTapKernels
import TapKernels
import TapTensors

/// The mean of each channel over all positions.
struct GlobalAverageStep: Step {
  let input: ActivationPlace
  let output: ActivationPlace
  let from: ActivationExtents

  var algorithm: String { "average" }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let (x, y) = unsafe (workspace.read(input), workspace.write(output))
    for image in unsafe workspace.part.range(workspace.count, multipleOf: 1) {
      unsafe PoolingKernels.average(x + image * from.count, from, into: y + image * from.channels)
    }
  }
}

/// Maximum or mean of each channel under a window.
struct WindowPoolingStep: Step {
  let pooling: WindowPooling
  let input: ActivationPlace
  let output: ActivationPlace
  let from: ActivationExtents
  let to: ActivationExtents

  /// Runs of output columns whose windows have the same number of pixels and neighbor each other evenly.
  private let runs: [Run]

  /// Neighboring output columns; each window is `stride` input columns after the one before it.
  private struct Run {
    let outputs: Range<Int>
    /// The input columns under the first window.
    let columns: [Int]
  }

  init(
    pooling: WindowPooling, input: ActivationPlace, output: ActivationPlace, from: ActivationExtents,
    to: ActivationExtents
  ) {
    self.pooling = pooling
    self.input = input
    self.output = output
    self.from = from
    self.to = to
    var runs: [Run] = []
    for output in 0..<to.width {
      let columns = Self.window(output, pooling.horizontal, from.width)
      if let last = runs.last, columns == last.columns.map({ $0 + last.outputs.count * pooling.horizontal.stride }),
        columns.count == pooling.horizontal.kernel
      {
        runs[runs.count - 1] = Run(outputs: last.outputs.lowerBound..<output + 1, columns: last.columns)
      } else {
        runs.append(Run(outputs: output..<output + 1, columns: columns))
      }
    }
    self.runs = runs
  }

  var algorithm: String { "window pooling" }
  var pointerCount: Int { pooling.vertical.kernel * pooling.horizontal.kernel }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let (x, y) = unsafe (workspace.read(input), workspace.write(output))
    for line in unsafe workspace.part.range(workspace.count * to.height, multipleOf: 1) {
      let (image, row) = line.quotientAndRemainder(dividingBy: to.height)
      let source = unsafe x + image * from.count
      unsafe run(row: row, into: y + line * to.width * to.channels, workspace, kernels) { row in
        unsafe source + row * from.width * from.channels
      }
    }
  }

  /// Computes one row of outputs. `inputRow` gives the address of a row of the input.
  @unsafe func run(
    row: Int, into target: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ kernels: KernelSet,
    inputRow: (Int) -> UnsafePointer<Float>
  ) {
    let rows = Self.window(row, pooling.vertical, from.height)
    for run in runs {
      var count = 0
      for row in rows {
        let line = unsafe inputRow(row)
        for column in run.columns {
          unsafe workspace.pointers[count] = line + column * from.channels
          count += 1
        }
      }
      let first = run.outputs.lowerBound
      var window = unsafe lt_f32_window(
        outputs: run.outputs.count, step: pooling.horizontal.stride * from.channels, count: count,
        channels: to.channels, pixels: workspace.pointers, divisor: divisor(row, first, pixels: count),
        output: target + first * to.channels)
      unsafe kernels.table.f32_window(&window)
    }
  }

  /// The number by which a sum is divided; 0 for the maximum.
  private func divisor(_ row: Int, _ column: Int, pixels: Int) -> Float {
    switch pooling.kind {
    case .maximum: 0
    case .average(let countsPadding):
      // The mean of no pixels is 0.
      Float(
        countsPadding
          ? pooling.vertical.covered(window: row, input: from.height)
            * pooling.horizontal.covered(window: column, input: from.width)
          : max(pixels, 1))
    }
  }

  /// The indices of the pixels that are both under a window and in the image.
  private static func window(_ index: Int, _ axis: WindowAxis, _ size: Int) -> [Int] {
    let first = index * axis.stride - axis.geometry(input: size).before
    return (0..<axis.kernel).map { first + $0 * axis.dilation }.filter { (0..<size).contains($0) }
  }
}

/// The mean of each channel over regions that divide the image.
struct AdaptiveAverageStep: Step {
  let input: ActivationPlace
  let output: ActivationPlace
  let from: ActivationExtents
  let to: ActivationExtents

  var algorithm: String { "average" }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let (x, y) = unsafe (workspace.read(input), workspace.write(output))
    for image in unsafe workspace.part.range(workspace.count, multipleOf: 1) {
      let source = unsafe x + image * from.count
      for row in 0..<to.height {
        let rows = AdaptiveAveragePooling.region(row, of: to.height, size: from.height)
        for column in 0..<to.width {
          let columns = AdaptiveAveragePooling.region(column, of: to.width, size: from.width)
          let pixel = unsafe y + image * to.count + (row * to.width + column) * to.channels
          unsafe pixel.update(repeating: 0, count: to.channels)
          for line in rows {
            for place in columns {
              let values = unsafe source + (line * from.width + place) * from.channels
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
