// Weights in the order in which the dense kernel reads them: packed once, when the plan is made.

import TapKernels
import TapTensors

/// Panels of output channels; each has the biases and then the weights by position, channel and output.
@safe final class PackedPanels: Sendable {
  struct Panel: Sendable {
    let offset: Int
    let firstColumn: Int
    let columns: Int
    /// The number of packed columns, with zeros at the end.
    let width: Int
  }

  /// A part of every chain, so short that a panel's share of it stays in the caches.
  struct Piece: Sendable {
    /// Contains all columns of the kernel.
    let kernelRows: Range<Int>
    let channels: Range<Int>
    /// The number of weights before it, and in it, for one output.
    let start: Int
    let count: Int
    let isFirst: Bool
    let isLast: Bool
  }

  /// The kernel's tile, which has the width of the panels.
  let tile: DenseTile
  let panels: [Panel]
  /// In the order of the chain.
  let pieces: [Piece]
  private let buffer: AlignedBuffer<Float>

  /// The number of floats.
  var count: Int { buffer.count }

  /// The most weights of one output in a piece, unless a row of the kernel has more.
  private static let pieceLength = 1024

  /// The panels of each group of channels, for this number of output pixels.
  static func groups(of convolution: Convolution, pixels: Int, kernels: KernelSet) -> [PackedPanels] {
    let outputs = convolution.outputChannels / convolution.groups
    let count = convolution.weights.elements.count / convolution.groups
    let tile = kernels.denseTile(outputs: outputs, pixels: pixels)
    return (0..<convolution.groups).map { group in
      PackedPanels(
        weights: convolution.weights.elements[group * count..<(group + 1) * count],
        bias: convolution.bias.map { $0[group * outputs..<(group + 1) * outputs] }, outputs: outputs,
        channels: convolution.weights.shape[1], kernelHeight: convolution.kernelHeight,
        kernelWidth: convolution.kernelWidth, tile: tile)
    }
  }

  /// - Parameters:
  ///   - weights: `[outputs, channels, kernelHeight, kernelWidth]`, as PyTorch stores a convolution.
  ///   - tile: a wide one only if its columns divide `outputs`.
  init(
    weights: ArraySlice<Float>, bias: ArraySlice<Float>?, outputs: Int, channels: Int, kernelHeight: Int = 1,
    kernelWidth: Int = 1, tile: DenseTile
  ) {
    precondition(tile.vectors == 2 || outputs % tile.columns == 0)
    let positions = kernelHeight * kernelWidth
    var panels: [Panel] = []
    var offset = 0
    for first in stride(from: 0, to: outputs, by: tile.columns) {
      let columns = min(tile.columns, outputs - first)
      let width = (columns + tile.vectorWidth - 1) / tile.vectorWidth * tile.vectorWidth
      panels.append(Panel(offset: offset, firstColumn: first, columns: columns, width: width))
      offset += width * (1 + channels * positions)
    }
    var buffer = AlignedBuffer<Float>(count: offset)
    buffer.withMutableSpan { packed in
      weights.withSpan { weights in
        for panel in panels {
          for column in 0..<panel.columns {
            packed[panel.offset + column] = bias.map { $0[$0.startIndex + panel.firstColumn + column] } ?? 0
          }
          for channel in 0..<channels {
            for position in 0..<positions {
              let row = panel.offset + (1 + position * channels + channel) * panel.width
              let first = (panel.firstColumn * channels + channel) * positions + position
              for column in 0..<panel.columns {
                packed[row + column] = weights[first + column * channels * positions]
              }
            }
          }
        }
      }
    }
    self.tile = tile
    self.panels = panels
    self.pieces = Self.pieces(channels: channels, kernelHeight: kernelHeight, kernelWidth: kernelWidth)
    self.buffer = buffer
  }

  private static func pieces(channels: Int, kernelHeight: Int, kernelWidth: Int) -> [Piece] {
    let rowLength = kernelWidth * channels
    let total = kernelHeight * rowLength
    // A kernel of one position is cut between channels, others between rows.
    if kernelHeight * kernelWidth == 1 {
      return stride(from: 0, to: channels, by: pieceLength).map { first in
        let end = min(first + pieceLength, channels)
        return Piece(
          kernelRows: 0..<1, channels: first..<end, start: first, count: end - first, isFirst: first == 0,
          isLast: end == channels)
      }
    }
    let rows = max(1, pieceLength / rowLength)
    return stride(from: 0, to: kernelHeight, by: rows).map { first in
      let end = min(first + rows, kernelHeight)
      return Piece(
        kernelRows: first..<end, channels: 0..<channels, start: first * rowLength,
        count: (end - first) * rowLength, isFirst: first == 0, isLast: end * rowLength == total)
    }
  }

  /// `[width]`.
  @unsafe func bias(_ panel: Panel) -> UnsafePointer<Float> {
    unsafe UnsafePointer(buffer.base + panel.offset)
  }

  /// `[piece.count][width]`.
  @unsafe func weights(_ piece: Piece, of panel: Panel) -> UnsafePointer<Float> {
    unsafe bias(panel) + (1 + piece.start) * panel.width
  }

  /// The weights that are read after a piece: the next piece of the panel, or the next panel.
  @unsafe func pointer(after piece: Piece, of panel: Panel) -> UnsafePointer<Float> {
    let end = panel.offset + (1 + piece.start + piece.count) * panel.width
    return unsafe UnsafePointer(buffer.base + (end < buffer.count ? end : 0))
  }
}

extension ArraySlice {
  func withSpan<R>(_ body: (Span<Element>) -> R) -> R { body(span) }
}
