// Operators that compute one row of outputs at a time, from a few rows of their input.

import TapKernels
import TapTensors

/// A step in which each row of outputs reads a window of input rows. The input rows can be at any addresses.
enum RowOperator: Sendable {
  case depthwise(DepthwiseStep)
  case pooling(WindowPoolingStep)

  var from: ActivationExtents {
    switch self {
    case .depthwise(let step): step.from
    case .pooling(let step): step.from
    }
  }
  var to: ActivationExtents {
    switch self {
    case .depthwise(let step): step.to
    case .pooling(let step): step.to
    }
  }
  var input: ActivationPlace {
    switch self {
    case .depthwise(let step): step.input
    case .pooling(let step): step.input
    }
  }
  var output: ActivationPlace {
    switch self {
    case .depthwise(let step): step.output
    case .pooling(let step): step.output
    }
  }
  /// The step alone. It is copied, so use it while a plan is made, and not while the plan runs.
  var step: any Step {
    switch self {
    case .depthwise(let step): step
    case .pooling(let step): step
    }
  }
  private var vertical: WindowAxis {
    switch self {
    case .depthwise(let step): step.vertical
    case .pooling(let step): step.pooling.vertical
    }
  }

  /// The number of input rows under the windows of `outputs` neighboring output rows.
  func rows(under outputs: Int) -> Int {
    (outputs - 1) * vertical.stride + (vertical.kernel - 1) * vertical.dilation + 1
  }

  /// The input rows within the image that the output rows `rows` read.
  func inputs(of rows: Range<Int>) -> Range<Int> {
    let first = rows.lowerBound * vertical.stride - vertical.geometry(input: from.height).before
    return min(max(first, 0), from.height)..<max(0, min(first + self.rows(under: rows.count), from.height))
  }

  /// Computes one row of outputs. `inputRow` gives the address of a row of the input.
  @unsafe func run(
    row: Int, into target: UnsafeMutablePointer<Float>, _ workspace: Workspace, _ kernels: KernelSet,
    inputRow: (Int) -> UnsafePointer<Float>
  ) {
    switch self {
    case .depthwise(let step):
      unsafe step.run(row: row, into: target, workspace, kernels, inputRow: inputRow)
    case .pooling(let step):
      unsafe step.run(row: row, into: target, workspace, kernels, inputRow: inputRow)
    }
  }
}
