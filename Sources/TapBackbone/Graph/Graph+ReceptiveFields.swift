// The part of the image that a pixel of a value depends on, and the distance between its pixels.

import TapTensors

/// The square of the image that a pixel depends on.
package struct ReceptiveField: Hashable, Sendable {
  /// Its side in pixels, padding counted as image; nil where a pixel depends on the whole image.
  package var side: Int?
  /// Pixels of the image from one pixel to its neighbor, the product of strides; nil for vectors, and where an operator
  /// changes height and width by other means than windows.
  package var step: Int?
}

extension Graph {
  /// The receptive field of each value. Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural
  /// Networks" (2019), equation 2, the wider of the two axes.
  ///
  /// - Parameter shapes: of the values.
  package func receptiveFields(shapes: [String: Shape]) -> [String: ReceptiveField] {
    var fields = [Graph.input: ReceptiveField(side: 1, step: 1)]
    for node in nodes {
      let operands = node.inputs.compactMap { fields[$0] }
      // A gate of one value for each channel has no step.
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

  /// Whether height and width are those of the operands.
  private func hasSameSides(_ node: Node, _ shapes: [String: Shape]) -> Bool {
    let all = ([node.output] + node.inputs).map { shapes[$0]?.extents ?? [] }
    return all.allSatisfy { $0.count == 3 && $0[1...] == all[0][1...] }
  }
}
