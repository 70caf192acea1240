// Batch normalization with frozen statistics: an affine map for each channel.

import TapTensors

/// `y[c] = (x[c] - mean[c]) / sqrt(variance[c] + epsilon) * gamma[c] + beta[c]`. Ioffe, Szegedy (2015).
package struct BatchNormalization: Sendable {
  package let scale: [Double]
  package let shift: [Double]

  package init(gamma: [Float], beta: [Float], mean: [Float], variance: [Float], epsilon: Double) {
    precondition(gamma.count == beta.count && mean.count == variance.count && gamma.count == mean.count)
    scale = gamma.indices.map { Double(gamma[$0]) / (Double(variance[$0]) + epsilon).squareRoot() }
    let scale = scale
    shift = gamma.indices.map { Double(beta[$0]) - Double(mean[$0]) * scale[$0] }
  }

  /// The map `y[c] = x[c] * scale[c] + shift[c]`.
  package init(scale: [Double], shift: [Double]) {
    precondition(scale.count == shift.count, "\(scale.count) scales and \(shift.count) shifts")
    self.scale = scale
    self.shift = shift
  }

  package var channels: Int { scale.count }

  /// The map that first applies this map and then `next`.
  func followed(by next: BatchNormalization) -> BatchNormalization {
    BatchNormalization(
      scale: zip(scale, next.scale).map { $0 * $1 },
      shift: shift.indices.map { shift[$0] * next.scale[$0] + next.shift[$0] })
  }

  /// The convolution that gives the same result as `convolution` followed by this map. The products are computed in
  /// double precision and rounded once.
  func folded(into convolution: Convolution) -> Convolution {
    var result = convolution
    var elements = convolution.weights.elements
    let perChannel = elements.count / convolution.outputChannels
    for channel in 0..<convolution.outputChannels {
      let factor = scale[channel]
      for index in channel * perChannel..<(channel + 1) * perChannel {
        elements[index] = Float(Double(elements[index]) * factor)
      }
    }
    result.weights = Tensor(shape: convolution.weights.shape, elements: elements)
    result.bias = (0..<channels).map { channel in
      Float(Double(convolution.bias?[channel] ?? 0) * scale[channel] + shift[channel])
    }
    return result
  }
}
