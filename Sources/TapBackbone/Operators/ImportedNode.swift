// ONNX nodes for which there is no kernel; they are kept as data. The definition of the node's type computes whole
// values in logical order.

import TapONNXOperators
import TapTensors

/// One result of an ONNX node, as a function of values with fixed shapes.
package struct ImportedNode: Sendable {
  /// One input of the node.
  package enum Operand: Equatable, Sendable {
    /// The next of the graph's values, with the shape that the node sees; that shape has a batch of one.
    case value(Shape)
    case constant(ONNXTensor)
    /// An optional input that is left out.
    case absent
  }

  package let node: ONNXOperator
  package let operands: [Operand]
  /// The index of this result among the node's results.
  package let result: Int
  /// Everything except inputs and tensors that the result depends on, for the hash of the structure.
  package let attributes: String
  /// The shapes of the graph's values, in the order of the operands.
  package let inputShapes: [Shape]
  package let outputShape: Shape
  /// Trained values and other constants: first the floats among the operands, then the floats of attributes, sorted by
  /// name.
  package let constants: [Tensor]

  /// - Precondition: each operand that is a value has an input shape with the same number of elements.
  package init(
    node: ONNXOperator, operands: [Operand], result: Int = 0, attributes: String, inputShapes: [Shape],
    outputShape: Shape
  ) {
    let counts = operands.compactMap { if case .value(let shape) = $0 { shape.elementCount } else { nil } }
    precondition(counts == inputShapes.map(\.elementCount), "\(node.type): \(inputShapes) for \(counts)")
    self.node = node
    self.operands = operands
    self.result = result
    self.attributes = attributes
    self.inputShapes = inputShapes
    self.outputShape = outputShape
    var values = operands.compactMap { if case .constant(let value) = $0 { value } else { nil } }
    for (_, attribute) in node.attributes.sorted(by: { $0.key < $1.key }) {
      if case .tensor(let value) = attribute { values.append(value) }
    }
    constants = values.compactMap { value in
      guard case .floats(let elements) = value.storage else { return nil }
      return Tensor(shape: value.shape, elements: elements)
    }
  }

  /// The result for inputs in logical, row-major order. Nil if the result cannot be computed; the step then writes NaN.
  package func compute(_ inputs: [[Float]]) -> [Float]? {
    guard let value = try? evaluate(inputs), case .floats(let elements) = value.storage else { return nil }
    return elements
  }

  /// Computes the result with zeros as inputs.
  ///
  /// - Throws: ``OperatorError`` if the node refuses its inputs, or if its result does not have the stated shape.
  func requireComputable() throws(OperatorError) {
    let value = try evaluate(inputShapes.map { [Float](repeating: 0, count: $0.elementCount) })
    guard value.type.isFloat else {
      throw .wrongType(of: "the result", expected: "floats", found: value.type)
    }
    guard value.count == outputShape.elementCount else {
      throw .wrongShape(
        of: "the result", expected: "\(outputShape) or another of as many elements", found: value.shape)
    }
  }

  private func evaluate(_ inputs: [[Float]]) throws(OperatorError) -> ONNXTensor {
    let results = try results(inputs)
    guard result < results.count else { throw .missing("output \(result)") }
    return results[result]
  }

  /// Computes all results of the node.
  ///
  /// - Parameter inputs: the graph's values in the order of the operands; the elements are in row-major order.
  /// - Throws: ``OperatorError`` if the node refuses its inputs.
  package func results(_ inputs: [[Float]]) throws(OperatorError) -> [ONNXTensor] {
    var next = 0
    return try node.evaluate(
      operands.map { operand in
        switch operand {
        case .value(let shape):
          next += 1
          return ONNXTensor(shape: shape, floats: inputs[next - 1])
        case .constant(let value): return value
        case .absent: return nil
        }
      })
  }
}

extension ImportedNode: Operator {
  /// The name of the operator in ONNX, such as `LRN`.
  package var name: String { node.type }
  package var hashedText: String { name + " " + attributes }
  package var tensors: [Tensor] { constants }

  package func outputShape(_ operands: [Shape]) -> Shape? { operands == inputShapes ? outputShape : nil }
  package func layout(output: Shape) -> Layout? { .channelsFirst }
  package func receptiveField(_ operands: OperandFields) -> ReceptiveField { operands.wholeImage }

  package func step(_ context: StepContext) -> any Step {
    ImportedNodeStep(
      operation: self, inputs: context.inputs.map(\.place), output: context.output.place)
  }
}
