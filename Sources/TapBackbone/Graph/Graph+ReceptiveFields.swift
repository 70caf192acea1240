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

extension Graph {
  /// The receptive field of each value, by equation 2 of Araujo, Norris, Sim, "Computing Receptive Fields of
  /// Convolutional Neural Networks" (2019). If the two axes differ, the larger field is used.
  ///
  /// - Parameter shapes: the shapes of the values.
  package func receptiveFields(shapes: [String: Shape]) -> [String: ReceptiveField] {
    var fields = [Graph.input: ReceptiveField(side: 1, step: 1)]
    for node in nodes {
      let operands = node.inputs.compactMap { fields[$0] }
      // An operand that has one value for each channel has no step.
      let step = operands.compactMap(\.step).max()
      let sides = operands.compactMap(\.side)
      let side = sides.count == node.inputs.count ? sides.max() : nil
      func through(_ vertical: WindowAxis, _ horizontal: WindowAxis) -> ReceptiveField {
        guard let step else { return ReceptiveField() }
        let reach = max(
          vertical.dilation * (vertical.kernel - 1), horizontal.dilation * (horizontal.kernel - 1))
        return ReceptiveField(
          side: side.map { $0 + reach * step }, step: step * max(vertical.stride, horizontal.stride))
      }
      fields[node.output] =
        switch node.operation {
        case .convolution(let convolution): through(convolution.vertical, convolution.horizontal)
        case .windowPooling(let pooling): through(pooling.vertical, pooling.horizontal)
        case .batchNormalization, .clamp, .activation, .add, .concatenate, .layerNormalization,
          .layoutConversion:
          ReceptiveField(side: side, step: step)
        case .multiply: ReceptiveField(step: step)
        case .adaptiveAveragePooling, .reshape, .imported:
          ReceptiveField(step: hasSameSides(node, shapes) ? step : nil)
        case .globalAveragePool, .flatten, .fullyConnected, .softmax: ReceptiveField()
        }
    }
    return fields
  }

  /// Whether the output has the same height and width as all operands.
  private func hasSameSides(_ node: Node, _ shapes: [String: Shape]) -> Bool {
    let all = ([node.output] + node.inputs).map { shapes[$0]?.extents ?? [] }
    return all.allSatisfy { $0.count == 3 && $0[1...] == all[0][1...] }
  }
}
