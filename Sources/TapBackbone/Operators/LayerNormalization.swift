// Layer normalization over channels.

/// For each pixel `y[c] = (x[c] - mean) / sqrt(variance + epsilon) * gamma[c] + beta[c]`, mean and variance (with n in
/// the denominator) over the channels of that pixel. Ba, Kiros, Hinton (2016), as ConvNeXt uses it.
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
