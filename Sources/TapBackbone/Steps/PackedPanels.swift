// Weights in the order in which the dense kernel reads them: packed once, when the plan is made.

import TapKernels
import TapTensors

/// Panels of output channels, each the biases and then the weights by position, channel and output.
@safe final class PackedPanels: Sendable {
  struct Panel: Sendable {
    let offset: Int
    let firstColumn: Int
    let columns: Int
  }

  let panels: [Panel]
  private let buffer: AlignedBuffer<Float>

  /// The panels of each group of channels.
  static func groups(of convolution: Convolution, vectorWidth: Int) -> [PackedPanels] {
    let outputs = convolution.outputChannels / convolution.groups
    let count = convolution.weights.elements.count / convolution.groups
    return (0..<convolution.groups).map { group in
      PackedPanels(
        weights: convolution.weights.elements[group * count..<(group + 1) * count],
        bias: convolution.bias.map { $0[group * outputs..<(group + 1) * outputs] }, outputs: outputs,
        channels: convolution.weights.shape[1],
        positions: convolution.kernelHeight * convolution.kernelWidth, vectorWidth: vectorWidth)
    }
  }

  /// - Parameter weights: `[outputs, channels, positions]`, as PyTorch stores a convolution.
  init(
    weights: ArraySlice<Float>, bias: ArraySlice<Float>?, outputs: Int, channels: Int, positions: Int,
    vectorWidth: Int
  ) {
    var panels: [Panel] = []
    var offset = 0
    for first in stride(from: 0, to: outputs, by: 2 * vectorWidth) {
      let columns = min(2 * vectorWidth, outputs - first)
      panels.append(Panel(offset: offset, firstColumn: first, columns: columns))
      offset += (columns > vectorWidth ? 2 * vectorWidth : vectorWidth) * (1 + channels * positions)
    }
    var buffer = AlignedBuffer<Float>(count: offset)
    buffer.withMutableSpan { packed in
      weights.withSpan { weights in
        for panel in panels {
          let width = panel.columns > vectorWidth ? 2 * vectorWidth : vectorWidth
          for column in 0..<panel.columns {
            let output = panel.firstColumn + column
            packed[panel.offset + column] = bias.map { $0[$0.startIndex + output] } ?? 0
            for position in 0..<positions {
              for channel in 0..<channels {
                packed[panel.offset + (1 + position * channels + channel) * width + column] =
                  weights[(output * channels + channel) * positions + position]
              }
            }
          }
        }
      }
    }
    self.panels = panels
    self.buffer = buffer
  }

  @unsafe func pointer(_ panel: Panel) -> UnsafePointer<Float> {
    unsafe UnsafePointer(buffer.base + panel.offset)
  }
}

extension ArraySlice {
  func withSpan<R>(_ body: (Span<Element>) -> R) -> R { body(span) }
}
