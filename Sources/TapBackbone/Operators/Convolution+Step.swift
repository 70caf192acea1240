// Chooses and prepares the step of a convolution.

import TapProvenance

extension Convolution {
  package func step(_ context: StepContext) -> any Step {
    let algorithm = context.algorithms.algorithm(for: self, output: context.outputShape)
    return folded.step(context, by: algorithm)
  }

  /// - Precondition: the convolution has no normalization.
  private func step(_ context: StepContext, by algorithm: ConvolutionAlgorithm) -> any Step {
    let (input, output, from, to) = (context.input.place, context.output, context.from, context.to)
    let residual = context.inputs.count > 1 ? context.inputs[1].place : nil
    let top = vertical.geometry(input: from.height).before
    let left = horizontal.geometry(input: from.width).before
    let clamp = clamp ?? Clamp.none
    switch algorithm {
    // The kernel of small groups gives the same sums as the dense kernel, which would not use most lanes of a vector
    // here.
    case .direct where hasSmallGroups && residual == nil && output.pixelStride == to.channels, .depthwise:
      return DepthwiseStep(
        input: input, output: output.place, from: from, to: to, vertical: vertical, horizontal: horizontal,
        group: weights.shape[1], clamp: clamp,
        weights: PackedDepthwise(self, vectorWidth: context.kernels.vectorWidth))
    case .winograd:
      return WinogradStep(
        input: input, output: output, residual: residual, from: from, to: to, top: top, left: left,
        clamp: clamp, weights: PackedWinograd(self, kernels: context.kernels))
    case .direct:
      return DenseStep(
        input: input, output: output, residual: residual, from: from, to: to, vertical: vertical,
        horizontal: horizontal, top: top, left: left, clamp: clamp,
        groups: PackedPanels.groups(of: self, pixels: to.pixels, kernels: context.kernels))
    }
  }
}
