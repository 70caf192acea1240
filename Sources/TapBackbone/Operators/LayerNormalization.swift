// Layer normalization over channels.

import TapFormats
import TapTensors

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

extension LayerNormalization: DocumentedOperator {
  package static let documentKinds = ["layerNormalization"]

  package init(_ document: NodeReader) throws(GraphDocumentError) {
    guard let gamma = document.tensor("gamma"), let beta = document.tensor("beta"), gamma.shape.rank == 1,
      gamma.shape == beta.shape, gamma.shape[0] > 0
    else { throw document.error("'gamma' and 'beta' must be vectors of one length") }
    guard let epsilon = document["epsilon"]?.doubleValue, epsilon >= 0, epsilon.isFinite else {
      throw document.error("'epsilon' must be a number from 0 up")
    }
    self.init(gamma: gamma.elements, beta: beta.elements, epsilon: epsilon)
  }

  package func write(to document: inout NodeWriter) {
    document["epsilon"] = .number(epsilon)
    document.add("gamma", Tensor(vector: gamma))
    document.add("beta", Tensor(vector: beta))
  }

  package var isStorable: Bool {
    gamma.allSatisfy(\.isFinite) && beta.allSatisfy(\.isFinite) && epsilon.isFinite
  }

  package var name: String { "layer normalization" }
  package var hashedText: String { "layer normalization " + ShortestDecimal.text(epsilon) }
  package var tensors: [Tensor] { [Tensor(vector: gamma), Tensor(vector: beta)] }

  package func outputShape(_ operands: [Shape]) -> Shape? {
    guard let x = operands.single, [1, 3].contains(x.rank), x[0] == gamma.count else { return nil }
    return x
  }

  package func layout(output: Shape) -> Layout? { .channelsLast }
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField { operands.samePixel }

  package func step(_ context: StepContext) -> any Step {
    LayerNormalizationStep(
      normalization: self, input: context.input.place, output: context.output.place,
      pixels: context.from.pixels)
  }
}
