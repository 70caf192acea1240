// A fully connected layer.

import TapTensors

/// `y[o] = bias[o] + sum over i of x[i] * weights[o, i]`; `weights: [outputFeatures, inputFeatures]`. If a value has
/// more axes, as tokens have, the formula is applied to each row along the last axis.
package struct FullyConnected: Sendable {
  package let weights: Tensor
  package let bias: [Float]

  package init(weights: Tensor, bias: [Float]) {
    precondition(weights.shape.rank == 2 && weights.shape[0] == bias.count, "weights \(weights.shape)")
    self.weights = weights
    self.bias = bias
  }

  package var outputFeatures: Int { weights.shape[0] }
  package var inputFeatures: Int { weights.shape[1] }
}

extension FullyConnected: DocumentedOperator {
  package static let documentKinds = ["fullyConnected"]

  package init(_ document: NodeReader) throws(GraphDocumentError) {
    let weights = try document.weights(rank: 2)
    guard let bias = try document.bias(weights.shape[0]) else { throw document.error("the bias is missing") }
    self.init(weights: weights, bias: bias)
  }

  package func write(to document: inout NodeWriter) {
    document.add("weights", weights)
    document.add("bias", Tensor(vector: bias))
  }

  package var name: String { "fully connected" }
  package var hashedText: String { "fully connected" }
  package var tensors: [Tensor] { [weights, Tensor(vector: bias)] }

  package func outputShape(_ operands: [Shape]) -> Shape? {
    guard let input = operands.single, let last = input.extents.last, last == inputFeatures else { return nil }
    return Shape(input.extents.dropLast() + [outputFeatures])
  }

  package func multiplyAdds(output: Shape) -> Int { output.elementCount * inputFeatures }

  /// If a value has several axes, each row is along the last logical axis.
  package func layout(output: Shape) -> Layout? { output.rank == 3 ? .channelsFirst : nil }
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField { ReceptiveField() }

  package func step(_ context: StepContext) -> any Step {
    let rows = context.outputShape.elementCount / outputFeatures
    return DenseStep(
      input: context.input.place,
      output: ActivationView(place: context.output.place, pixelStride: outputFeatures), residual: nil,
      from: ActivationExtents([inputFeatures, rows, 1]), to: ActivationExtents([outputFeatures, rows, 1]),
      vertical: WindowAxis(kernel: 1), horizontal: WindowAxis(kernel: 1), top: 0, left: 0, clamp: .none,
      groups: [
        PackedPanels(
          weights: weights.elements[...], bias: bias[...], outputs: outputFeatures, channels: inputFeatures,
          tile: context.kernels.denseTile)
      ])
  }
}
