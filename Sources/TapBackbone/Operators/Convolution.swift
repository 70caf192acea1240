// Two-dimensional convolution (cross-correlation, as in every framework).

import TapFormats
import TapTensors

/// `y[o, v, u] = bias[o] + sum over c, i, j of x[c, v s + i d - top, u s + j d - left] * weights[o, c, i, j]`
///
/// `weights: [outputChannels, inputChannels / groups, height, width]`, as in PyTorch. The output channels of a group
/// see the input channels of that group. After fusion a convolution takes a residual as a second input.
package struct Convolution: Sendable {
  package var weights: Tensor
  package var bias: [Float]?
  package let vertical: WindowAxis
  package let horizontal: WindowAxis
  package let groups: Int
  /// The map that is applied to the sum before the residual is added; nil before fusion. Packing multiplies it into the
  /// weights, so that only one copy of the weights is kept.
  package var normalization: BatchNormalization?
  /// The clamp that is applied after the residual is added; nil before fusion.
  package var clamp: Clamp?

  /// A convolution with equal strides, dilations and paddings along both axes.
  ///
  /// - Precondition: the weights have rank 4, and the number of groups divides the number of output channels.
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

  /// - Precondition: the weights have rank 4, their height and width are the kernels of the axes, and the number of
  ///   groups divides the number of output channels.
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

  /// Whether the depthwise kernel can compute the convolution: each channel has its own square kernel.
  package var isDepthwise: Bool {
    groups > 1 && groups == outputChannels && weights.shape[1] == 1 && kernelHeight == kernelWidth
      && kernelHeight <= Self.largestDepthwiseKernel && vertical.dilation == 1 && horizontal.dilation == 1
  }
  private static let largestDepthwiseKernel = 16

  /// Whether the kernel of small groups, which puts several groups into one vector, can compute the convolution: each
  /// group has 4 or 8 input channels, the same number of output channels, and a 3 x 3 kernel.
  var hasSmallGroups: Bool {
    groups > 1 && inputChannels == outputChannels && [4, 8].contains(weights.shape[1])
      && [vertical, horizontal].allSatisfy { $0.kernel == 3 && $0.stride <= 2 && $0.dilation == 1 }
  }

  /// The same convolution with its normalization folded into weights and bias.
  package var folded: Convolution {
    guard let normalization else { return self }
    var result = normalization.folded(into: self)
    result.normalization = nil
    return result
  }
}

extension Convolution: DocumentedOperator {
  package static let documentKinds = ["convolution"]

  package init(_ document: NodeReader) throws(GraphDocumentError) {
    let weights = try document.weights(rank: 4)
    let groups = try document.integer("groups", 1...weights.shape[0])
    guard weights.shape[0] % groups == 0 else {
      throw document.error("\(groups) groups of \(weights.shape[0]) channels")
    }
    let (vertical, horizontal) = (try document.axis("vertical"), try document.axis("horizontal"))
    guard weights.shape[2] == vertical.kernel, weights.shape[3] == horizontal.kernel else {
      throw document.error("a kernel of \(vertical.kernel) x \(horizontal.kernel) with weights \(weights.shape)")
    }
    self.init(
      weights: weights, bias: try document.bias(weights.shape[0]), vertical: vertical, horizontal: horizontal,
      groups: groups)
    // A second input would be a residual, which only a fused graph has.
    guard document.inputCount == 1 else { throw document.error("a convolution of two inputs") }
  }

  package func write(to document: inout NodeWriter) {
    document["vertical"] = vertical.document
    document["horizontal"] = horizontal.document
    document["groups"] = .integer(groups)
    document.add("weights", weights)
    if let bias { document.add("bias", Tensor(vector: bias)) }
  }

  package var name: String { "convolution" }
  package var hashedText: String {
    "convolution " + WindowAxis.hashedText(vertical, horizontal) + " groups " + String(groups)
  }
  package var tensors: [Tensor] { [weights] + (bias.map { [Tensor(vector: $0)] } ?? []) }

  package func outputShape(_ operands: [Shape]) -> Shape? {
    guard (1...2).contains(operands.count), operands.allSatisfy({ $0.rank == 3 }),
      operands[0][0] == inputChannels
    else { return nil }
    let height = vertical.geometry(input: operands[0][1]).output
    let width = horizontal.geometry(input: operands[0][2]).output
    guard height > 0, width > 0 else { return nil }
    let shape: Shape = [outputChannels, height, width]
    return operands.count == 1 || operands[1] == shape ? shape : nil
  }

  package func multiplyAdds(output: Shape) -> Int {
    output.elementCount * weights.shape.elementCount / outputChannels
  }

  package func layout(output: Shape) -> Layout? { .channelsLast }

  package func receptiveField(_ operands: OperandFields) -> ReceptiveField {
    operands.window(vertical, horizontal)
  }
}
