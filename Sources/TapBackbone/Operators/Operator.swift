// The operators of the graph. Each operator has a separate file with its attributes, formula and shape rule. This file
// has the list of operators, and the properties that every operator has.

import TapTensors

/// An operator of the graph.
package indirect enum Operator: Sendable {
  /// After fusion a convolution takes a residual as a second input.
  case convolution(Convolution)
  case batchNormalization(BatchNormalization)
  case clamp(Clamp)
  case activation(Activation)
  /// Both operands have the same shape.
  case add
  /// Both operands have the same shape, or the second operand has one value for each channel of the first operand.
  case multiply
  /// Joins the operands along the channels.
  case concatenate
  case windowPooling(WindowPooling)
  case adaptiveAveragePooling(AdaptiveAveragePooling)
  case globalAveragePool
  case layerNormalization(LayerNormalization)
  case flatten
  case fullyConnected(FullyConnected)
  /// Keeps the elements and their logical order, and gives them another shape.
  case reshape(Shape)
  case imported(ImportedNode)
  /// `exp(x[i]) / sum over j of exp(x[j])` of a vector.
  case softmax
  /// A conversion that the lowering pass inserts; no architecture contains it.
  case layoutConversion(Layout)
}

/// The order in memory of the elements of a value of rank 3.
package enum Layout: String, Sendable {
  /// C, H, W: the order of PyTorch, of flatten and of the logical axes.
  case channelsFirst = "channelsFirst"
  /// H, W, C: the order that the kernels read.
  case channelsLast = "channelsLast"
}

extension Operator {
  /// The shape of the output. Throws the reason if the operands do not fit.
  func outputShape(_ name: String, _ operands: [Shape]) throws(BackboneError) -> Shape {
    func expect(_ count: ClosedRange<Int>, rank: Int? = nil) throws(BackboneError) {
      guard count.contains(operands.count), operands.allSatisfy({ rank == nil || $0.rank == rank }) else {
        throw .operandMismatch(node: name, operation: self.name, operands: operands)
      }
    }
    func mismatch() -> BackboneError {
      .operandMismatch(node: name, operation: self.name, operands: operands)
    }
    switch self {
    case .convolution(let convolution):
      try expect(1...2, rank: 3)
      guard let shape = convolution.outputShape(operands[0]), operands.count == 1 || operands[1] == shape
      else { throw mismatch() }
      return shape
    case .batchNormalization(let normalization):
      try expect(1...1)
      guard [1, 3].contains(operands[0].rank), operands[0][0] == normalization.channels else {
        throw mismatch()
      }
      return operands[0]
    case .layerNormalization(let normalization):
      try expect(1...1)
      guard [1, 3].contains(operands[0].rank), operands[0][0] == normalization.gamma.count else {
        throw mismatch()
      }
      return operands[0]
    case .clamp, .activation, .layoutConversion:
      try expect(1...1)
      return operands[0]
    case .add:
      try expect(2...2)
      guard operands[0] == operands[1] else { throw mismatch() }
      return operands[0]
    case .multiply:
      try expect(2...2)
      let channels = operands[0].extents.first ?? 0
      guard
        operands[0] == operands[1]
          || (operands[0].rank == 3 && [[channels], [channels, 1, 1]].contains(operands[1]))
      else { throw mismatch() }
      return operands[0]
    case .concatenate:
      guard let first = operands.first, [1, 3].contains(first.rank),
        operands.allSatisfy({ $0.extents.dropFirst() == first.extents.dropFirst() })
      else { throw mismatch() }
      return Shape([operands.reduce(0) { $0 + $1[0] }] + first.extents.dropFirst())
    case .windowPooling(let pooling):
      try expect(1...1, rank: 3)
      guard let shape = pooling.outputShape(operands[0]) else { throw mismatch() }
      return shape
    case .adaptiveAveragePooling(let pooling):
      try expect(1...1, rank: 3)
      return [operands[0][0], pooling.height, pooling.width]
    case .globalAveragePool:
      try expect(1...1, rank: 3)
      return [operands[0][0]]
    case .flatten:
      try expect(1...1)
      return [operands[0].elementCount]
    case .reshape(let shape):
      try expect(1...1)
      guard operands[0].elementCount == shape.elementCount else { throw mismatch() }
      return shape
    case .imported(let operation):
      guard operands == operation.inputShapes else { throw mismatch() }
      return operation.outputShape
    case .fullyConnected(let layer):
      try expect(1...1)
      guard let shape = layer.outputShape(operands[0]) else { throw mismatch() }
      return shape
    case .softmax:
      try expect(1...1, rank: 1)
      return operands[0]
    }
  }

  /// The shape of the output, for code that builds graphs.
  package func resultShape(_ operands: [Shape]) throws(BackboneError) -> Shape {
    try outputShape(name, operands)
  }

  /// The number of multiply-adds for one image. As usual, only products with weights count.
  func multiplyAdds(output: Shape) -> Int {
    switch self {
    case .convolution(let convolution):
      output.elementCount * convolution.weights.shape.elementCount / convolution.outputChannels
    case .fullyConnected(let layer): output.elementCount * layer.inputFeatures
    case .batchNormalization, .clamp, .activation, .add, .multiply, .concatenate, .windowPooling,
      .adaptiveAveragePooling, .globalAveragePool, .layerNormalization, .flatten, .reshape, .imported,
      .softmax,
      .layoutConversion:
      0
    }
  }

  /// The number of trained values.
  var parameterCount: Int {
    switch self {
    case .convolution(let convolution):
      convolution.weights.shape.elementCount + (convolution.bias?.count ?? 0)
    case .batchNormalization(let normalization): 2 * normalization.channels
    case .fullyConnected(let layer): layer.weights.shape.elementCount + layer.bias.count
    case .layerNormalization(let normalization): 2 * normalization.gamma.count
    case .imported(let operation): operation.constants.reduce(0) { $0 + $1.shape.elementCount }
    case .clamp, .activation, .add, .multiply, .concatenate, .windowPooling, .adaptiveAveragePooling,
      .globalAveragePool, .flatten, .reshape, .softmax, .layoutConversion:
      0
    }
  }

  /// The name in messages and lists. The words of identities are written out in Graph+Hashes.swift.
  package var name: String {
    switch self {
    case .convolution: "convolution"
    case .batchNormalization: "batch normalization"
    case .layerNormalization: "layer normalization"
    case .clamp: "clamp"
    case .activation(let activation): activation.rawValue
    case .add: "add"
    case .multiply: "multiply"
    case .concatenate: "concatenate"
    case .windowPooling(let pooling): pooling.kind == .maximum ? "max pool" : "average pool"
    case .adaptiveAveragePooling: "adaptive average pool"
    case .globalAveragePool: "global average pool"
    case .flatten: "flatten"
    case .fullyConnected: "fully connected"
    case .softmax: "softmax"
    case .reshape: "reshape"
    case .imported(let operation): operation.name
    case .layoutConversion: "layout conversion"
    }
  }
}
