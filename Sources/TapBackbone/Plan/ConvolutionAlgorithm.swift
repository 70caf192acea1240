// The algorithm of a convolution. The algorithm depends only on the layer, so that all users get the same bytes.

import TapProvenance
import TapTensors

extension ConvolutionAlgorithm {
  /// Whether this algorithm can compute `convolution`.
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

  /// The algorithm for a convolution with outputs `[channels, height, width]`. Winograd's algorithm is chosen for 3 x 3
  /// kernels of stride 1 without groups or dilation. The convolution must have at least 16 input channels, 32 output
  /// channels and 9 tiles of 4 x 4 outputs.
  ///
  /// Winograd's algorithm needs enough channels to make up for the time of its transforms. It also needs enough tiles,
  /// because its weights take four times the memory. On x86-64 with AVX-512 it took 0.4 to 0.7 of the direct chain's
  /// time on ResNet-50's layers with 56 x 56 to 14 x 14 outputs. The three bounds are lower than the numbers of those
  /// layers; the best bounds were not searched. A change of the bounds changes bytes, so it increases the numerics
  /// revision.
  package static func chosen(for convolution: Convolution, output: Shape) -> ConvolutionAlgorithm {
    if convolution.isDepthwise { return .depthwise }
    let tiles = ((output[1] + 3) / 4) * ((output[2] + 3) / 4)
    let pays = convolution.inputChannels >= 16 && convolution.outputChannels >= 32 && tiles >= 9
    return pays && ConvolutionAlgorithm.winograd.applies(to: convolution) ? .winograd : .direct
  }
}

/// The rule by which a plan chooses the algorithm of each convolution.
struct AlgorithmRule: Sendable {
  let choices: AlgorithmChoices
  /// If not nil, this algorithm is used instead of the chosen one for every convolution that it can compute.
  let forced: ConvolutionAlgorithm?

  /// The algorithm for a convolution with outputs `[channels, height, width]`.
  func algorithm(for convolution: Convolution, output: Shape) -> ConvolutionAlgorithm {
    if let forced, forced.applies(to: convolution) { return forced }
    return choices.algorithm(for: convolution, output: output)
      ?? ConvolutionAlgorithm.chosen(for: convolution, output: output)
  }
}

extension AlgorithmChoices {
  /// The chosen algorithm for a convolution with outputs `[channels, height, width]`. Nil if no algorithm is chosen for
  /// this geometry, or if the chosen algorithm cannot compute the convolution.
  func algorithm(for convolution: Convolution, output: Shape) -> ConvolutionAlgorithm? {
    guard !isEmpty else { return nil }
    let chosen = algorithms[convolution.geometry(output: output)]
    return chosen.flatMap { $0.applies(to: convolution) ? $0 : nil }
  }
}

extension Convolution {
  /// The text of the geometry that the choice of an algorithm depends on; the key in ``AlgorithmChoices``.
  package func geometry(output: Shape) -> String {
    func unlessOne(_ name: String, _ vertical: Int, _ horizontal: Int) -> String {
      vertical == 1 && horizontal == 1 ? "" : " \(name) \(vertical)x\(horizontal)"
    }
    return "\(kernelHeight)x\(kernelWidth) \(inputChannels)-\(outputChannels) at \(output[1])x\(output[2])"
      + unlessOne("stride", vertical.stride, horizontal.stride)
      + unlessOne("dilation", vertical.dilation, horizontal.dilation)
      + (groups == 1 ? "" : " groups \(groups)")
  }
}
