// The part of the image that one pixel of a value depends on, and the distance between neighboring pixels of a value.

import TapTensors

/// The square of the image that one pixel of a value depends on.
package struct ReceptiveField: Hashable, Sendable {
  /// The side of the square in pixels. Padding counts as part of the image. Nil if a pixel depends on the whole image.
  package var side: Int?
  /// The distance in image pixels between neighboring pixels of the value; it is the product of the strides. Nil for
  /// vectors, and after an operator that changes height and width without a window.
  package var step: Int?
}

/// The receptive fields of a node's operands, taken together.
package struct OperandFields {
  /// The largest side. Nil if a pixel of an operand depends on the whole image.
  let side: Int?
  /// The largest step. An operand that has one value for each channel has no step.
  let step: Int?
  /// Whether the output has the same height and width as all operands.
  let keepsSides: Bool

  /// The field of a pixel that depends on the pixels at the same place of all operands.
  var samePixel: ReceptiveField { ReceptiveField(side: side, step: step) }

  /// The field of a pixel that can depend on all pixels of the operands.
  var wholeImage: ReceptiveField { ReceptiveField(step: keepsSides ? step : nil) }

  /// The field of a pixel that depends on the pixels under a window.
  func window(_ vertical: WindowAxis, _ horizontal: WindowAxis) -> ReceptiveField {
    guard let step else { return ReceptiveField() }
    let reach = max(
      vertical.dilation * (vertical.kernel - 1), horizontal.dilation * (horizontal.kernel - 1))
    return ReceptiveField(
      side: side.map { $0 + reach * step }, step: step * max(vertical.stride, horizontal.stride))
  }
}

extension Graph {
  /// The receptive field of each value, by equation 2 of Araujo, Norris, Sim, "Computing Receptive Fields of
  /// Convolutional Neural Networks" (2019). If the two axes differ, the larger field is used.
  ///
  /// - Parameter shapes: the shapes of the values.
  package func receptiveFields(shapes: [String: Shape]) -> [String: ReceptiveField] {
    var fields = [Graph.input: ReceptiveField(side: 1, step: 1)]
    for node in nodes {
      let operands = node.inputs.compactMap { fields[$0] }
      let sides = operands.compactMap(\.side)
      fields[node.output] = node.operation.receptiveField(
        OperandFields(
          side: sides.count == node.inputs.count ? sides.max() : nil, step: operands.compactMap(\.step).max(),
          keepsSides: hasSameSides(node, shapes)))
    }
    return fields
  }

  /// Whether the output has the same height and width as all operands.
  private func hasSameSides(_ node: Node, _ shapes: [String: Shape]) -> Bool {
    let all = ([node.output] + node.inputs).map { shapes[$0]?.extents ?? [] }
    return all.allSatisfy { $0.count == 3 && $0[1...] == all[0][1...] }
  }
}
