// How much of the picture a pixel of a value can see.

import TapTensors

extension Graph {
  /// For each value the side in pixels of the square of the input that one of its pixels depends on, padding counted as picture;
  /// nil where it depends on all of it. Araujo, Norris, Sim, "Computing Receptive Fields of Convolutional Neural Networks" (2019),
  /// equation 2, the wider of the two axes.
  package func receptiveFields() -> [String: Int?] {
    /// The side, and the distance in the input between neighbouring pixels.
    var fields: [String: (side: Int, step: Int)?] = [Graph.input: (1, 1)]
    for node in nodes {
      let operands = node.inputs.map { fields[$0] ?? nil }
      guard !operands.isEmpty, operands.allSatisfy({ $0 != nil }) else {
        fields[node.output] = .some(nil)
        continue
      }
      let side = operands.reduce(0) { max($0, $1?.side ?? 0) }
      let step = operands.reduce(0) { max($0, $1?.step ?? 0) }
      func through(_ vertical: WindowAxis, _ horizontal: WindowAxis) -> (side: Int, step: Int) {
        let reach = max(
          vertical.dilation * (vertical.kernel - 1), horizontal.dilation * (horizontal.kernel - 1))
        return (side + reach * step, step * max(vertical.stride, horizontal.stride))
      }
      switch node.operation {
      case .convolution(let convolution):
        fields[node.output] = through(convolution.vertical, convolution.horizontal)
      case .windowPooling(let pooling): fields[node.output] = through(pooling.vertical, pooling.horizontal)
      case .batchNormalization, .clamp, .activation, .add, .concatenate, .layerNormalization,
        .layoutConversion:
        fields[node.output] = (side, step)
      case .multiply, .adaptiveAveragePooling, .globalAveragePool, .flatten, .reshape, .fullyConnected,
        .softmax, .general:
        fields[node.output] = .some(nil)
      }
    }
    return fields.mapValues { $0?.side }
  }
}
