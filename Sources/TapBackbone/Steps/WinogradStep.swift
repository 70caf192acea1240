// 3 x 3 convolutions of stride 1 by Winograd's algorithm. First, tiles of pixels are transformed to their values at 36
// points. Then a matrix product over channels is computed at each point. Last, the products are transformed back to
// tiles of 4 x 4 outputs.

import CTapKernels
import TapKernels
import TapTensors

struct WinogradStep: Step {
  let input: ActivationPlace
  let output: ActivationView
  let residual: ActivationPlace?
  let from: ActivationExtents
  let to: ActivationExtents
  /// The number of rows from the top of the first window to the image.
  let top: Int
  let left: Int
  let clamp: Clamp
  let weights: PackedWinograd

  /// The number of rows of the dense kernel's tile.
  private var tileRows: Int { weights.points[0].tile.rows }
  private var tilesHigh: Int { (to.height + WinogradTransform.outputs - 1) / WinogradTransform.outputs }
  private var tilesWide: Int { (to.width + WinogradTransform.outputs - 1) / WinogradTransform.outputs }

  /// The tiles that are computed together, and the places of their values and products in the scratch memory. The
  /// values at all points are computed before the products begin.
  private struct Block {
    /// The number of tiles.
    let tiles: Int
    /// The distance in floats between neighboring tiles at one point. It is not a power of two, because tiles at such
    /// a distance would use the same set of the caches.
    let inputStride: Int
    let outputStride: Int
    /// The distance in floats between neighboring points.
    let inputPointStride: Int
    let outputPointStride: Int

    var floats: Int { WinogradTransform.count * (inputPointStride + outputPointStride) }
  }

  /// A block is as large as the second-level cache allows, but large enough that large weights are read rarely.
  private var block: Block {
    let (inputStride, outputStride) = (from.channels + 16, to.channels + 16)
    let fitting = SecondLevelCache.floats(thirtySeconds: 32) / (WinogradTransform.count * (inputStride + outputStride))
    let tiles = max(2, min(8, fitting / tileRows)) * tileRows
    return Block(
      tiles: tiles, inputStride: inputStride, outputStride: outputStride,
      inputPointStride: tiles * inputStride + 16, outputPointStride: tiles * outputStride + 16)
  }

  var algorithm: String { "winograd 3x3" }
  var weightCount: Int { weights.count }
  var pointerCount: Int { max(WinogradTransform.count, block.tiles) }
  var zeroCount: Int { from.channels }
  var scratchCount: Int { block.floats }

  /// The products of all points. The transforms are not counted.
  func executedMultiplyAdds(_ multiplyAdds: Int) -> Int {
    tilesHigh * tilesWide * WinogradTransform.count * from.channels * to.channels
  }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let tiles = unsafe workspace.part.range(workspace.count * tilesHigh * tilesWide, multipleOf: 1)
    let block = block
    for start in stride(from: tiles.lowerBound, to: tiles.upperBound, by: block.tiles) {
      let tiles = start..<min(start + block.tiles, tiles.upperBound)
      let values = unsafe workspace.scratch
      let products = unsafe values + WinogradTransform.count * block.inputPointStride
      for (index, tile) in tiles.enumerated() {
        unsafe transformInput(
          tile, workspace, into: values + index * block.inputStride, stride: block.inputPointStride, kernels)
      }
      unsafe multiply(tiles.count, of: block, workspace, values: values, into: products, kernels)
      for (index, tile) in tiles.enumerated() {
        unsafe transformOutput(
          tile, workspace, from: products + index * block.outputStride, stride: block.outputPointStride, kernels)
      }
    }
  }

  /// The number of the image, and the row and the column of the tile's first output.
  private func place(_ tile: Int) -> (image: Int, y: Int, x: Int) {
    let (image, rest) = tile.quotientAndRemainder(dividingBy: tilesHigh * tilesWide)
    let (row, column) = rest.quotientAndRemainder(dividingBy: tilesWide)
    return (image, row * WinogradTransform.outputs, column * WinogradTransform.outputs)
  }

  @unsafe private func transformInput(
    _ tile: Int, _ workspace: Workspace, into points: UnsafeMutablePointer<Float>, stride: Int,
    _ kernels: KernelSet
  ) {
    let (image, outputY, outputX) = place(tile)
    let start = unsafe workspace.read(input) + image * from.count
    let (side, first, column) = (WinogradTransform.side, outputY - top, outputX - left)
    let hasAllColumns = column >= 0 && column + side <= from.width
    for y in 0..<side {
      let row = unsafe workspace.pointers + y * side
      let inputY = first + y
      let hasRow = inputY >= 0 && inputY < from.height
      let line = unsafe start + (inputY * from.width + column) * from.channels
      if hasRow && hasAllColumns {
        for x in 0..<side { unsafe row[x] = line + x * from.channels }
      } else {
        for x in 0..<side {
          let isInside = hasRow && column + x >= 0 && column + x < from.width
          unsafe row[x] = isInside ? line + x * from.channels : workspace.zeros
        }
      }
    }
    var tile = unsafe lt_f32_winograd_input(
      channels: from.channels, pixels: workspace.pointers, points: points, stride: stride)
    unsafe kernels.table.f32_winograd_input(&tile)
  }

  /// Computes at each point the product `[tiles, input channels] x [input channels, output channels]`.
  @unsafe private func multiply(
    _ tiles: Int, of block: Block, _ workspace: Workspace, values: UnsafePointer<Float>,
    into products: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    let parts = (tiles + tileRows - 1) / tileRows
    for tile in 0..<tiles { unsafe workspace.pointers[tile] = values + tile * block.inputStride }
    for (point, packed) in weights.points.enumerated() {
      // The panels of the next point are packed separately.
      let next = unsafe weights.points[(point + 1) % WinogradTransform.count].bias(packed.panels[0])
      let together = packed.panelsTogether
      for first in stride(from: 0, to: packed.panels.count, by: together) {
        let panel = packed.panels[first]
        let isEnd = first + together == packed.panels.count
        for piece in packed.pieces {
          let ahead = unsafe isEnd && piece.isLast ? next : packed.pointer(after: piece, of: panel)
          for part in 0..<parts {
            let (start, end) = (part * tiles / parts, (part + 1) * tiles / parts)
            var call = unsafe lt_f32_igemm_tile(
              rows: end - start, columns: panel.columns, panels: together,
              panel_stride: packed.length(of: panel), positions: 1, channels: piece.channels.count,
              inputs: workspace.pointers + start,
              first_channel: point * block.inputPointStride + piece.channels.lowerBound,
              bias: piece.isFirst ? packed.bias(panel) : nil, weights: packed.weights(piece, of: panel),
              ahead: ahead + part * panel.width * piece.count / parts,
              output: products + point * block.outputPointStride + start * block.outputStride + panel.firstColumn,
              output_stride: block.outputStride, is_last: 0, residual: nil, residual_stride: 0,
              minimum: -.infinity, maximum: .infinity)
            unsafe kernels.table.f32_igemm(&call)
          }
        }
      }
    }
  }

  @unsafe private func transformOutput(
    _ tile: Int, _ workspace: Workspace, from points: UnsafePointer<Float>, stride: Int, _ kernels: KernelSet
  ) {
    let (image, y, x) = place(tile)
    let pixel = image * to.pixels + y * to.width + x
    var tile = unsafe lt_f32_winograd_output(
      channels: to.channels, points: points, stride: stride, bias: weights.bias,
      output: workspace.write(output) + pixel * output.pixelStride,
      rows: min(WinogradTransform.outputs, to.height - y),
      columns: min(WinogradTransform.outputs, to.width - x), row_stride: to.width * output.pixelStride,
      column_stride: output.pixelStride,
      residual: residual.map { unsafe workspace.read($0) + pixel * to.channels },
      residual_row_stride: to.width * to.channels, residual_column_stride: to.channels,
      minimum: clamp.minimum, maximum: clamp.maximum)
    unsafe kernels.table.f32_winograd_output(&tile)
  }
}

/// The values of the weights at the 36 points, packed for the dense kernel.
@safe final class PackedWinograd: Sendable {
  /// The panels of each point.
  let points: [PackedPanels]
  private let biases: AlignedBuffer<Float>

  /// The number of floats.
  var count: Int { points.reduce(biases.count) { $0 + $1.count } }

  /// - Precondition: the kernel is 3 x 3, and the convolution has one group.
  init(_ convolution: Convolution, kernels: KernelSet) {
    let (outputs, channels) = (convolution.outputChannels, convolution.inputChannels)
    let weights = convolution.weights.elements
    var values = [Float](repeating: 0, count: WinogradTransform.count * outputs * channels)
    for pair in 0..<outputs * channels {
      for (point, value) in WinogradTransform.values(of: weights[9 * pair..<9 * pair + 9]).enumerated() {
        values[point * outputs * channels + pair] = value
      }
    }
    points = (0..<WinogradTransform.count).map { point in
      PackedPanels(
        weights: values[point * outputs * channels..<(point + 1) * outputs * channels], bias: nil,
        outputs: outputs, channels: channels, tile: kernels.denseTile)
    }
    biases = AlignedBuffer(convolution.bias ?? [Float](repeating: 0, count: outputs))
  }

  @unsafe var bias: UnsafePointer<Float> { unsafe UnsafePointer(biases.base) }
}
