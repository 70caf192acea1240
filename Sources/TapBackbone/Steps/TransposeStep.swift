// Conversion between the two memory layouts.

import TapKernels

/// Converts channels-last to channels-first, or the reverse.
struct TransposeStep: Step {
  let target: Layout
  let input: ActivationPlace
  let output: ActivationPlace
  let extent: ActivationExtents

  var algorithm: String { "transposition" }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let (x, y) = unsafe (workspace.read(input), workspace.write(output))
    let (rows, columns) =
      target == .channelsFirst ? (extent.pixels, extent.channels) : (extent.channels, extent.pixels)
    for image in unsafe workspace.part.range(workspace.count, multipleOf: 1) {
      unsafe PoolingKernels.transpose(
        x + image * extent.count, rows: rows, columns: columns, into: y + image * extent.count)
    }
  }
}
