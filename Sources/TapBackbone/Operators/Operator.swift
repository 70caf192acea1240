// The requirements of an operator. Each operator is a type in a file of this folder. The file has the operator's
// attributes and formula, and everything that passes, plans, hashes and documents ask of the operator.

import TapTensors

/// An operator of the graph with its attributes and weights.
package protocol Operator: Sendable {
  /// The name in messages and lists.
  var name: String { get }

  /// The operator, and everything except inputs and weights that its result depends on. Stores are named by a hash of
  /// this text: see ``Graph/hashes()``.
  var hashedText: String { get }

  /// The trained tensors, in the order in which they are hashed.
  var tensors: [Tensor] { get }

  /// The shape of the output. Nil if the operands do not fit.
  func outputShape(_ operands: [Shape]) -> Shape?

  /// The number of multiply-adds for one image. As usual, only products with weights count.
  func multiplyAdds(output: Shape) -> Int

  /// The order of the elements that the operator reads and writes. Nil if it takes operands in any order that all of
  /// them have, and writes its output in that order.
  func layout(output: Shape) -> Layout?

  /// The part of the image that one pixel of the output depends on.
  func receptiveField(_ operands: OperandFields) -> ReceptiveField

  /// The step that computes the operator in a plan.
  func step(_ context: StepContext) -> any Step
}

extension Operator {
  package var tensors: [Tensor] { [] }
  package func multiplyAdds(output: Shape) -> Int { 0 }

  /// The number of trained values.
  var parameterCount: Int { tensors.reduce(0) { $0 + $1.shape.elementCount } }

  /// The shape of the output of the node `node`.
  ///
  /// - Throws: ``BackboneError/operandMismatch(node:operation:operands:)``.
  func outputShape(node: String, _ operands: [Shape]) throws(BackboneError) -> Shape {
    guard let shape = outputShape(operands) else {
      throw .operandMismatch(node: node, operation: name, operands: operands)
    }
    return shape
  }

  /// The shape of the output, for code that builds graphs.
  package func resultShape(_ operands: [Shape]) throws(BackboneError) -> Shape {
    try outputShape(node: name, operands)
  }
}

/// An operator that a document can contain.
package protocol DocumentedOperator: Operator {
  /// The words for the operator in documents.
  static var documentKinds: [String] { get }

  /// The first format of documents that can contain the operator.
  static var firstFormat: Int { get }

  /// The word for this operator, one of `documentKinds`.
  var documentKind: String { get }

  /// Whether a file can store the operator's numbers.
  var isStorable: Bool { get }

  /// Writes attributes and weights.
  func write(to document: inout NodeWriter)

  /// Reads and checks attributes and weights. The document's word for the operator is one of `documentKinds`.
  init(_ document: NodeReader) throws(GraphDocumentError)
}

extension DocumentedOperator {
  package static var firstFormat: Int { 1 }
  package var documentKind: String { Self.documentKinds[0] }
  package var isStorable: Bool { tensors.allSatisfy { $0.elements.allSatisfy(\.isFinite) } }
  package func write(to document: inout NodeWriter) {}
}

extension [Shape] {
  /// The only operand. Nil if there is no operand or more than one.
  var single: Shape? { count == 1 ? self[0] : nil }
}

extension Tensor {
  /// A tensor of rank 1.
  init(vector elements: [Float]) { self.init(shape: [elements.count], elements: elements) }
}
