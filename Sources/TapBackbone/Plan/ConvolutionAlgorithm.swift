// Which algorithm computes a convolution: a pure function of the layer, so that everybody's bytes agree.

import TapTensors

/// The ways in which a convolution is computed.
package enum ConvolutionAlgorithm: String, Sendable, CaseIterable {
  /// One chain of fused multiply-adds for each output, over the kernel's positions and the channels.
  case direct
  /// The same for convolutions of each channel alone.
  case depthwise
  /// F(4 x 4, 3 x 3): a quarter of the multiplications, with about three times the rounding error.
  case winograd

  /// Whether it computes `convolution` at all.
  package func applies(to convolution: Convolution) -> Bool {
    switch self {
    case .direct: !convolution.isDepthwise
    case .depthwise: convolution.isDepthwise
    case .winograd:
      convolution.groups == 1
        && [convolution.vertical, convolution.horizontal].allSatisfy {
          $0.kernel == 3 && $0.stride == 1 && $0.dilation == 1
        }
    }
  }

  /// The choice for a convolution with outputs `[channels, height, width]`.
  ///
  /// Winograd's algorithm needs channels enough to pay for its transforms, and tiles enough to pay for
  /// reading weights four times as large. On x86-64 with AVX-512 it took 0.4 to 0.7 of the direct chain's time on ResNet-50's
  /// layers of 56 x 56 to 14 x 14 outputs; the bounds lie below those and were not searched. To change them changes bytes, so
  /// the numerics revision rises with them.
  package static func chosen(for convolution: Convolution, output: Shape) -> ConvolutionAlgorithm {
    if convolution.isDepthwise { return .depthwise }
    let tiles = ((output[1] + 3) / 4) * ((output[2] + 3) / 4)
    let pays = convolution.inputChannels >= 16 && convolution.outputChannels >= 32 && tiles >= 9
    return pays && ConvolutionAlgorithm.winograd.applies(to: convolution) ? .winograd : .direct
  }
}
