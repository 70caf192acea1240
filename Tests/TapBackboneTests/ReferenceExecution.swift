// The operators as their definitions say, in double and in logical (channels-first) order: what the
// plans are compared with. Never used in production.

import TapBackbone
import TapTensors

/// A value `[C, H, W]` or `[features]` in logical order.
struct ReferenceValue {
  var shape: Shape
  var elements: [Double]
}

enum ReferenceExecution {
  /// Every value of `graph` for one picture.
  static func run(_ graph: Graph, input: ReferenceValue) -> [String: ReferenceValue] {
    var values = [Graph.input: input]
    for node in graph.nodes {
      let operands = node.inputs.map { values[$0]! }
      values[node.output] = apply(node.operation, operands)
    }
    return values
  }

  private static func apply(_ operation: Operator, _ operands: [ReferenceValue]) -> ReferenceValue {
    let x = operands[0]
    switch operation {
    case .convolution(let convolution): return convolve(convolution, x)
    case .batchNormalization(let normalization):
      let pixels = x.shape[1] * x.shape[2]
      return ReferenceValue(
        shape: x.shape,
        elements: x.elements.enumerated().map { index, value in
          value * normalization.scale[index / pixels] + normalization.shift[index / pixels]
        })
    case .clamp(let clamp):
      return ReferenceValue(
        shape: x.shape,
        elements: x.elements.map { min(max($0, Double(clamp.minimum)), Double(clamp.maximum)) })
    case .add:
      return ReferenceValue(shape: x.shape, elements: zip(x.elements, operands[1].elements).map { $0 + $1 })
    case .globalAveragePool:
      let pixels = x.shape[1] * x.shape[2]
      return ReferenceValue(
        shape: [x.shape[0]],
        elements: (0..<x.shape[0]).map { channel in
          x.elements[(channel * pixels)..<((channel + 1) * pixels)].reduce(0, +) / Double(pixels)
        })
    case .flatten: return ReferenceValue(shape: [x.shape.elementCount], elements: x.elements)
    case .fullyConnected(let layer):
      return ReferenceValue(
        shape: [layer.outputFeatures],
        elements: (0..<layer.outputFeatures).map { output in
          x.elements.indices.reduce(Double(layer.bias[output])) { sum, index in
            sum + x.elements[index] * Double(layer.weights.elements[output * layer.inputFeatures + index])
          }
        })
    case .layoutConversion: return x
    }
  }

  private static func convolve(_ convolution: Convolution, _ x: ReferenceValue) -> ReferenceValue {
    let (height, width) = (x.shape[1], x.shape[2])
    let vertical = convolution.geometry(input: height, kernel: convolution.kernelHeight)
    let horizontal = convolution.geometry(input: width, kernel: convolution.kernelWidth)
    let perGroup = convolution.inputChannels / convolution.groups
    let outputsPerGroup = convolution.outputChannels / convolution.groups
    let shape: Shape = [convolution.outputChannels, vertical.output, horizontal.output]
    var y = ReferenceValue(shape: shape, elements: [])
    for output in 0..<convolution.outputChannels {
      let group = output / outputsPerGroup
      for v in 0..<vertical.output {
        for u in 0..<horizontal.output {
          var sum = Double(convolution.bias?[output] ?? 0)
          for channel in 0..<perGroup {
            for i in 0..<convolution.kernelHeight {
              for j in 0..<convolution.kernelWidth {
                let row = v * convolution.stride + i - vertical.before
                let column = u * convolution.stride + j - horizontal.before
                guard row >= 0, row < height, column >= 0, column < width else { continue }
                let weight = convolution.weights.elements[
                  ((output * perGroup + channel) * convolution.kernelHeight + i) * convolution.kernelWidth + j
                ]
                sum +=
                  Double(weight) * x.elements[((group * perGroup + channel) * height + row) * width + column]
              }
            }
          }
          y.elements.append(sum)
        }
      }
    }
    return y
  }
}
