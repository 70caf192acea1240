// Two-dimensional convolution (cross-correlation, as in every framework).

import TapTensors

/// `y[o, v, u] = bias[o] + sum over c, i, j of x[c, v s + i - top, u s + j - left] * weights[o, c, i, j]`
///
/// `weights: [outputChannels, inputChannels / groups, height, width]`, as PyTorch stores them.
package struct Convolution: Sendable {
  package enum Padding: Sendable, Hashable {
    /// The same number of zeros on both sides of an axis.
    case symmetric(Int)
    /// TensorFlow's "same": the output is `ceil(input / stride)`, the odd zero is at the bottom and right.
    case same
  }

  package var weights: Tensor
  package var bias: [Float]?
  package let stride: Int
  package let padding: Padding
  package let groups: Int
  /// Applied to the sum, after the residual; nil before fusion.
  package var clamp: Clamp?

  /// - Precondition: the weights have rank 4 and the groups divide the output channels.
  package init(weights: Tensor, bias: [Float]? = nil, stride: Int = 1, padding: Padding, groups: Int = 1) {
    precondition(weights.shape.rank == 4 && weights.shape[0] % groups == 0, "weights \(weights.shape)")
    self.weights = weights
    self.bias = bias
    self.stride = stride
    self.padding = padding
    self.groups = groups
  }

  package var outputChannels: Int { weights.shape[0] }
  package var inputChannels: Int { weights.shape[1] * groups }
  package var kernelHeight: Int { weights.shape[2] }
  package var kernelWidth: Int { weights.shape[3] }
  package var isDepthwise: Bool {
    groups > 1 && groups == outputChannels && weights.shape[1] == 1 && kernelHeight == kernelWidth
  }

  /// Output extent and the zeros before the first input, for one axis.
  package func geometry(input: Int, kernel: Int) -> (output: Int, before: Int) {
    switch padding {
    case .symmetric(let zeros): ((input + 2 * zeros - kernel) / stride + 1, zeros)
    case .same:
      {
        let output = (input + stride - 1) / stride
        return (output, max((output - 1) * stride + kernel - input, 0) / 2)
      }()
    }
  }

  func outputShape(_ input: Shape) -> Shape? {
    guard input[0] == inputChannels else { return nil }
    let height = geometry(input: input[1], kernel: kernelHeight).output
    let width = geometry(input: input[2], kernel: kernelWidth).output
    return height > 0 && width > 0 ? [outputChannels, height, width] : nil
  }
}
