// The vocabulary of the graph. Each operator's attributes, formula and shape rule are in a file of
// their own; here is the list, and what every operator must answer.

import TapTensors

/// An operator of the graph.
package indirect enum Operator: Sendable {
  /// Also takes a residual as a second input, once fused.
  case convolution(Convolution)
  case batchNormalization(BatchNormalization)
  case clamp(Clamp)
  case add
  case globalAveragePool
  case flatten
  case fullyConnected(FullyConnected)
  /// Put in by lowering, never by an architecture.
  case layoutConversion(Layout)
}

/// The order of a rank-3 value's elements in memory.
package enum Layout: String, Sendable {
  /// C, H, W: PyTorch's order, what flatten and the logical axes mean.
  case channelsFirst
  /// H, W, C: what the kernels read.
  case channelsLast
}

extension Operator {
  /// The shape of the output, or why the operands do not fit.
  func outputShape(_ name: String, _ operands: [Shape]) throws(BackboneError) -> Shape {
    func expect(_ count: ClosedRange<Int>, rank: Int? = nil) throws(BackboneError) {
      guard count.contains(operands.count), operands.allSatisfy({ rank == nil || $0.rank == rank }) else {
        throw .operandMismatch(node: name, operation: self.name, operands: operands)
      }
    }
    switch self {
    case .convolution(let convolution):
      try expect(1...2, rank: 3)
      guard let shape = convolution.outputShape(operands[0]), operands.count == 1 || operands[1] == shape
      else {
        throw .operandMismatch(node: name, operation: self.name, operands: operands)
      }
      return shape
    case .batchNormalization(let normalization):
      try expect(1...1, rank: 3)
      guard operands[0][0] == normalization.channels else {
        throw .operandMismatch(node: name, operation: self.name, operands: operands)
      }
      return operands[0]
    case .clamp, .layoutConversion:
      try expect(1...1)
      return operands[0]
    case .add:
      try expect(2...2)
      guard operands[0] == operands[1] else {
        throw .operandMismatch(node: name, operation: self.name, operands: operands)
      }
      return operands[0]
    case .globalAveragePool:
      try expect(1...1, rank: 3)
      return [operands[0][0]]
    case .flatten:
      try expect(1...1)
      return [operands[0].elementCount]
    case .fullyConnected(let layer):
      try expect(1...1, rank: 1)
      guard operands[0][0] == layer.inputFeatures else {
        throw .operandMismatch(node: name, operation: self.name, operands: operands)
      }
      return [layer.outputFeatures]
    }
  }

  /// Multiply-adds for one image; only products with weights count, as is usual.
  func multiplyAdds(output: Shape) -> Int {
    switch self {
    case .convolution(let convolution):
      output.elementCount * convolution.weights.elements.count / convolution.outputChannels
    case .fullyConnected(let layer): layer.weights.elements.count
    default: 0
    }
  }

  /// Trained values.
  var parameterCount: Int {
    switch self {
    case .convolution(let convolution): convolution.weights.elements.count + (convolution.bias?.count ?? 0)
    case .batchNormalization(let normalization): 2 * normalization.channels
    case .fullyConnected(let layer): layer.weights.elements.count + layer.bias.count
    default: 0
    }
  }

  var name: String {
    switch self {
    case .convolution: "convolution"
    case .batchNormalization: "batch normalization"
    case .clamp: "clamp"
    case .add: "add"
    case .globalAveragePool: "global average pool"
    case .flatten: "flatten"
    case .fullyConnected: "fully connected"
    case .layoutConversion: "layout conversion"
    }
  }
}
