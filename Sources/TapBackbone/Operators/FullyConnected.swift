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

  func outputShape(_ input: Shape) -> Shape? {
    guard let last = input.extents.last, last == inputFeatures else { return nil }
    return Shape(input.extents.dropLast() + [outputFeatures])
  }

  package var outputFeatures: Int { weights.shape[0] }
  package var inputFeatures: Int { weights.shape[1] }
}
