// Computes the operators by their definitions, in double precision and in logical order (channels first). Tests compare
// plans with these results. No program uses this code.

import Foundation
import TapBackbone
import TapTensors

/// A value `[C, H, W]` or `[features]` in logical order.
struct ReferenceValue {
  var shape: Shape
  var elements: [Double]
}

enum ReferenceExecution {
  /// Every value of `graph` for one image.
  static func run(_ graph: Graph, input: ReferenceValue) -> [String: ReferenceValue] {
    var values = [Graph.input: input]
    for node in graph.nodes {
      let operands = node.inputs.map { values[$0]! }
      values[node.output] = apply(node.operation, operands)
    }
    return values
  }

  private static func apply(_ operation: any Operator, _ operands: [ReferenceValue]) -> ReferenceValue {
    let x = operands[0]
    switch operation {
    case let convolution as Convolution: return convolve(convolution, x)
    case let normalization as BatchNormalization:
      let pixels = x.shape[1] * x.shape[2]
      return ReferenceValue(
        shape: x.shape,
        elements: x.elements.enumerated().map { index, value in
          value * normalization.scale[index / pixels] + normalization.shift[index / pixels]
        })
    case let clamp as Clamp:
      return ReferenceValue(
        shape: x.shape,
        elements: x.elements.map { min(max($0, Double(clamp.minimum)), Double(clamp.maximum)) })
    case is Addition:
      return ReferenceValue(shape: x.shape, elements: zip(x.elements, operands[1].elements).map { $0 + $1 })
    case is GlobalAveragePooling:
      let pixels = x.shape[1] * x.shape[2]
      return ReferenceValue(
        shape: [x.shape[0]],
        elements: (0..<x.shape[0]).map { channel in
          x.elements[(channel * pixels)..<((channel + 1) * pixels)].reduce(0, +) / Double(pixels)
        })
    case let reshape as Reshape: return ReferenceValue(shape: reshape.shape, elements: x.elements)
    case let operation as ImportedNode:
      let result = operation.compute(operands.map { $0.elements.map { Float($0) } }) ?? []
      return ReferenceValue(shape: operation.outputShape, elements: result.map(Double.init))
    case is Flatten: return ReferenceValue(shape: [x.shape.elementCount], elements: x.elements)
    case let layer as FullyConnected:
      return ReferenceValue(
        shape: [layer.outputFeatures],
        elements: (0..<layer.outputFeatures).map { output in
          x.elements.indices.reduce(Double(layer.bias[output])) { sum, index in
            sum + x.elements[index] * Double(layer.weights.elements[output * layer.inputFeatures + index])
          }
        })
    case let activation as Activation:
      return ReferenceValue(shape: x.shape, elements: x.elements.map { function(activation, $0) })
    case is Multiplication:
      let other = operands[1]
      let pixels = x.shape.elementCount / other.shape.elementCount
      return ReferenceValue(
        shape: x.shape, elements: x.elements.enumerated().map { $1 * other.elements[$0 / pixels] })
    case is Concatenation:
      return ReferenceValue(
        shape: Shape([operands.reduce(0) { $0 + $1.shape[0] }] + x.shape.extents.dropFirst()),
        elements: operands.flatMap(\.elements))
    case let pooling as WindowPooling: return pool(pooling, x)
    case let pooling as AdaptiveAveragePooling:
      var y = ReferenceValue(shape: [x.shape[0], pooling.height, pooling.width], elements: [])
      for channel in 0..<x.shape[0] {
        for i in 0..<pooling.height {
          for j in 0..<pooling.width {
            // As PyTorch defines it: start = floor(i size / n), end = ceil((i + 1) size / n).
            let rows = region(i, pooling.height, x.shape[1])
            let columns = region(j, pooling.width, x.shape[2])
            let values = rows.flatMap { row in
              columns.map { x.elements[(channel * x.shape[1] + row) * x.shape[2] + $0] }
            }
            y.elements.append(values.reduce(0, +) / Double(values.count))
          }
        }
      }
      return y
    case let normalization as LayerNormalization:
      let (channels, pixels) = (x.shape[0], x.shape.elementCount / x.shape[0])
      var y = x
      for pixel in 0..<pixels {
        let values = (0..<channels).map { x.elements[$0 * pixels + pixel] }
        let mean = values.reduce(0, +) / Double(channels)
        let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(channels)
        for channel in 0..<channels {
          y.elements[channel * pixels + pixel] =
            (values[channel] - mean) / (variance + normalization.epsilon).squareRoot()
            * Double(normalization.gamma[channel]) + Double(normalization.beta[channel])
        }
      }
      return y
    case is Softmax:
      let raised = x.elements.map { Foundation.exp($0) }
      let sum = raised.reduce(0, +)
      return ReferenceValue(shape: x.shape, elements: raised.map { $0 / sum })
    case is LayoutConversion: return x
    default: preconditionFailure("no definition of \(operation.name)")
    }
  }

  private static func region(_ index: Int, _ count: Int, _ size: Int) -> Range<Int> {
    let start = Int((Double(index) * Double(size) / Double(count)).rounded(.down))
    return start..<Int((Double(index + 1) * Double(size) / Double(count)).rounded(.up))
  }

  private static func function(_ activation: Activation, _ x: Double) -> Double {
    switch activation {
    case .sigmoid: 1 / (1 + Foundation.exp(-x))
    case .silu: x / (1 + Foundation.exp(-x))
    case .hardSigmoid: min(max(x / 6 + 0.5, 0), 1)
    case .hardSwish: x * min(max(x / 6 + 0.5, 0), 1)
    case .gelu: x * 0.5 * Foundation.erfc(-x / 2.0.squareRoot())
    case .tanh: Foundation.tanh(x)
    }
  }

  private static func pool(_ pooling: WindowPooling, _ x: ReferenceValue) -> ReferenceValue {
    let (height, width) = (x.shape[1], x.shape[2])
    let (rows, top) = pooling.vertical.geometry(input: height)
    let (columns, left) = pooling.horizontal.geometry(input: width)
    var y = ReferenceValue(shape: [x.shape[0], rows, columns], elements: [])
    for channel in 0..<x.shape[0] {
      for v in 0..<rows {
        for u in 0..<columns {
          var values: [Double] = []
          for i in 0..<pooling.vertical.kernel {
            for j in 0..<pooling.horizontal.kernel {
              let row = v * pooling.vertical.stride + i * pooling.vertical.dilation - top
              let column = u * pooling.horizontal.stride + j * pooling.horizontal.dilation - left
              guard (0..<height).contains(row), (0..<width).contains(column) else { continue }
              values.append(x.elements[(channel * height + row) * width + column])
            }
          }
          switch pooling.kind {
          case .maximum: y.elements.append(values.max() ?? -.infinity)
          case .average(let countsPadding):
            // Windows of this reference never reach beyond the padding when padding counts.
            let count = countsPadding ? pooling.vertical.kernel * pooling.horizontal.kernel : values.count
            y.elements.append(values.reduce(0, +) / Double(count))
          }
        }
      }
    }
    return y
  }

  private static func convolve(_ convolution: Convolution, _ x: ReferenceValue) -> ReferenceValue {
    let (height, width) = (x.shape[1], x.shape[2])
    let vertical = convolution.vertical.geometry(input: height)
    let horizontal = convolution.horizontal.geometry(input: width)
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
                let row =
                  v * convolution.vertical.stride + i * convolution.vertical.dilation - vertical.before
                let column =
                  u * convolution.horizontal.stride + j * convolution.horizontal.dilation - horizontal.before
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
