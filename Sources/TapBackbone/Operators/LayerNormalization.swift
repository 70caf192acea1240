// Layer normalization over channels.

/// For each pixel, `y[c] = (x[c] - mean) / sqrt(variance + epsilon) * gamma[c] + beta[c]`. The mean and the variance
/// are those of the pixel's n channels; the variance divides by n. Ba, Kiros, Hinton (2016); ConvNeXt uses this form.
package struct LayerNormalization: Hashable, Sendable {
  package let gamma: [Float]
  package let beta: [Float]
  package let epsilon: Double

  package init(gamma: [Float], beta: [Float], epsilon: Double) {
    precondition(gamma.count == beta.count, "\(gamma.count) gammas and \(beta.count) betas")
    self.gamma = gamma
    self.beta = beta
    self.epsilon = epsilon
  }
}
