// Two-dimensional convolution (cross-correlation, as in every framework).

import TapTensors

/// `y[o, v, u] = bias[o] + sum over c, i, j of x[c, v s + i d - top, u s + j d - left] * weights[o, c, i, j]`
///
/// `weights: [outputChannels, inputChannels / groups, height, width]`, as PyTorch stores them; output channels of a
/// group see the input channels of that group.
package struct Convolution: Sendable {
  package var weights: Tensor
  package var bias: [Float]?
  package let vertical: WindowAxis
  package let horizontal: WindowAxis
  package let groups: Int
  /// Applied to the sum, before the residual; nil before fusion. Packing includes it in the weights, so that only one
  /// copy of them is kept.
  package var normalization: BatchNormalization?
  /// Applied to the sum, after the residual; nil before fusion.
  package var clamp: Clamp?

  /// Equal strides, dilations and paddings along both axes.
  ///
  /// - Precondition: the weights have rank 4 and the groups divide the output channels.
  package init(
    weights: Tensor, bias: [Float]? = nil, stride: Int = 1, dilation: Int = 1, padding: WindowAxis.Padding,
    groups: Int = 1
  ) {
    precondition(weights.shape.rank == 4, "weights \(weights.shape)")
    func axis(_ kernel: Int) -> WindowAxis {
      WindowAxis(kernel: kernel, stride: stride, dilation: dilation, padding: padding)
    }
    self.init(
      weights: weights, bias: bias, vertical: axis(weights.shape[2]), horizontal: axis(weights.shape[3]),
      groups: groups)
  }

  /// - Precondition: the weights have rank 4 and the axes' kernels, the groups divide the output channels.
  package init(
    weights: Tensor, bias: [Float]?, vertical: WindowAxis, horizontal: WindowAxis, groups: Int
  ) {
    precondition(weights.shape.rank == 4 && weights.shape[0] % groups == 0, "weights \(weights.shape)")
    precondition(weights.shape[2] == vertical.kernel && weights.shape[3] == horizontal.kernel)
    self.weights = weights
    self.bias = bias
    self.vertical = vertical
    self.horizontal = horizontal
    self.groups = groups
  }

  package var outputChannels: Int { weights.shape[0] }
  package var inputChannels: Int { weights.shape[1] * groups }
  package var kernelHeight: Int { weights.shape[2] }
  package var kernelWidth: Int { weights.shape[3] }

  /// Whether the depthwise kernel can compute it: a square kernel on each channel.
  package var isDepthwise: Bool {
    groups > 1 && groups == outputChannels && weights.shape[1] == 1 && kernelHeight == kernelWidth
      && kernelHeight <= Self.largestDepthwiseKernel && vertical.dilation == 1 && horizontal.dilation == 1
  }
  private static let largestDepthwiseKernel = 16

  /// Whether the kernel of small groups can compute it, with several groups in a vector: 4 or 8 channels to as many, 3
  /// x 3.
  var hasSmallGroups: Bool {
    groups > 1 && inputChannels == outputChannels && [4, 8].contains(weights.shape[1])
      && [vertical, horizontal].allSatisfy { $0.kernel == 3 && $0.stride <= 2 && $0.dilation == 1 }
  }

  /// The same without its normalization, which is folded into weights and bias.
  var folded: Convolution {
    guard let normalization else { return self }
    var result = normalization.folded(into: self)
    result.normalization = nil
    return result
  }

  func outputShape(_ input: Shape) -> Shape? {
    guard input[0] == inputChannels else { return nil }
    let height = vertical.geometry(input: input[1]).output
    let width = horizontal.geometry(input: input[2]).output
    return height > 0 && width > 0 ? [outputChannels, height, width] : nil
  }
}
