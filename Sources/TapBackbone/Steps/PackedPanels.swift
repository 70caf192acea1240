// Weights in the order in which the dense kernel reads them. They are packed once, when the plan is made.

import TapKernels
import TapTensors

/// Panels of output channels. Each panel has its biases and then its weights, sorted by position, input channel and
/// output channel.
@safe final class PackedPanels: Sendable {
  struct Panel: Sendable {
    let offset: Int
    let firstColumn: Int
    let columns: Int
    /// The number of packed columns, which includes columns of zeros at the end.
    let width: Int
  }

  /// A part of every chain of multiply-adds. A piece is so short that its weights for one panel stay in the caches.
  struct Piece: Sendable {
    /// The rows of the kernel that belong to the piece; each row has all of its columns.
    let kernelRows: Range<Int>
    let channels: Range<Int>
    /// The number of weights before the piece for one output. `count` is the number of weights in the piece for one
    /// output.
    let start: Int
    let count: Int
    let isFirst: Bool
    let isLast: Bool
  }

  /// The tile of the kernel; it is as wide as the panels.
  let tile: DenseTile
  let panels: [Panel]
  /// The pieces, in the order of the chain.
  let pieces: [Piece]
  private let buffer: AlignedBuffer<Float>
  /// The number of weights of one output.
  private let weightsPerOutput: Int

  /// The number of floats.
  var count: Int { buffer.count }

  /// The largest number of weights of one output in a piece. A piece has more weights only if one row of the kernel has
  /// more.
  private static let pieceLength = 1024

  /// The number of panels that are as wide as the tile. They come first; at most one narrower panel follows.
  let fullPanels: Int

  /// The number of panels that a step should compute for a tile before the next tile: all of them, if their weights fit
  /// in the first-level cache and one call can compute them, and otherwise one.
  let panelsTogether: Int

  /// The number of floats that fit in half of a first-level cache of 32 KiB.
  private static let firstCache = 4 * 1024

  /// The panels of each group of channels, for a convolution with `pixels` output pixels.
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
  ///   - tile: the tile of the kernel; it can be a wide tile only if the columns of that tile divide `outputs`.
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
    weightsPerOutput = channels * positions
    self.pieces = Self.pieces(channels: channels, kernelHeight: kernelHeight, kernelWidth: kernelWidth)
    self.buffer = buffer
    fullPanels = outputs / tile.columns
    let isOneCall = pieces.count == 1 && offset <= Self.firstCache && fullPanels == panels.count
    panelsTogether = isOneCall ? panels.count : 1
  }

  private static func pieces(channels: Int, kernelHeight: Int, kernelWidth: Int) -> [Piece] {
    let rowLength = kernelWidth * channels
    let total = kernelHeight * rowLength
    // A 1 x 1 kernel is cut into pieces between channels; a larger kernel is cut between rows.
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

  /// The number of floats of a panel: the distance to the next panel.
  func length(of panel: Panel) -> Int { panel.width * (1 + weightsPerOutput) }

  /// The biases `[width]` of a panel.
  @unsafe func bias(_ panel: Panel) -> UnsafePointer<Float> {
    unsafe UnsafePointer(buffer.base + panel.offset)
  }

  /// The weights `[piece.count][width]` of a piece.
  @unsafe func weights(_ piece: Piece, of panel: Panel) -> UnsafePointer<Float> {
    unsafe bias(panel) + (1 + piece.start) * panel.width
  }

  /// The address of the weights that are read after a piece: those of the next piece of the panel, or of the next
  /// panel.
  @unsafe func pointer(after piece: Piece, of panel: Panel) -> UnsafePointer<Float> {
    let end = panel.offset + (1 + piece.start + piece.count) * panel.width
    return unsafe UnsafePointer(buffer.base + (end < buffer.count ? end : 0))
  }
}

extension ArraySlice {
  func withSpan<R>(_ body: (Span<Element>) -> R) -> R { body(span) }
}
