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

  /// The number of tiles in a block; their values at all points are computed before the products begin. A block is as
  /// large as the second-level cache allows, but large enough that large weights are read rarely.
  private var blockTiles: Int {
    let fitting = SecondLevelCache.floats(thirtySeconds: 32) / (WinogradTransform.count * (inputStride + outputStride))
    return max(2, min(8, fitting / tileRows)) * tileRows
  }

  /// The distance in floats between neighboring tiles at one point. It is not a power of two, because tiles at such a
  /// distance would use the same set of the caches.
  private var inputStride: Int { from.channels + 16 }
  private var outputStride: Int { to.channels + 16 }
  /// The distance in floats between neighboring points.
  private var inputPointStride: Int { blockTiles * inputStride + 16 }
  private var outputPointStride: Int { blockTiles * outputStride + 16 }

  var algorithm: String { "winograd 3x3" }
  var weightCount: Int { weights.count }
  var pointerCount: Int { max(WinogradTransform.count, blockTiles) }
  var zeroCount: Int { from.channels }
  var scratchCount: Int { WinogradTransform.count * (inputPointStride + outputPointStride) }

  /// The products of all points. The transforms are not counted.
  func executedMultiplyAdds(_ multiplyAdds: Int) -> Int {
    tilesHigh * tilesWide * WinogradTransform.count * from.channels * to.channels
  }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let tiles = unsafe workspace.part.range(workspace.count * tilesHigh * tilesWide, multipleOf: 1)
    for start in stride(from: tiles.lowerBound, to: tiles.upperBound, by: blockTiles) {
      let block = start..<min(start + blockTiles, tiles.upperBound)
      let values = unsafe workspace.scratch
      let products = unsafe values + WinogradTransform.count * inputPointStride
      for (index, tile) in block.enumerated() {
        unsafe transformInput(tile, workspace, into: values + index * inputStride, kernels)
      }
      unsafe multiply(block.count, workspace, values: values, into: products, kernels)
      for (index, tile) in block.enumerated() {
        unsafe transformOutput(tile, workspace, from: products + index * outputStride, kernels)
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
    _ tile: Int, _ workspace: Workspace, into points: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    let (image, outputY, outputX) = place(tile)
    let start = unsafe workspace.read(input) + image * from.count
    for y in 0..<WinogradTransform.side {
      let inputY = outputY - top + y
      for x in 0..<WinogradTransform.side {
        let inputX = outputX - left + x
        let isInside = inputY >= 0 && inputY < from.height && inputX >= 0 && inputX < from.width
        unsafe workspace.pointers[y * WinogradTransform.side + x] =
          isInside ? start + (inputY * from.width + inputX) * from.channels : workspace.zeros
      }
    }
    var tile = unsafe lt_f32_winograd_input(
      channels: from.channels, pixels: workspace.pointers, points: points, stride: inputPointStride)
    unsafe kernels.table.f32_winograd_input(&tile)
  }

  /// Computes at each point the product `[tiles, input channels] x [input channels, output channels]`.
  @unsafe private func multiply(
    _ tiles: Int, _ workspace: Workspace, values: UnsafePointer<Float>,
    into products: UnsafeMutablePointer<Float>, _ kernels: KernelSet
  ) {
    let parts = (tiles + tileRows - 1) / tileRows
    for (point, panels) in weights.points.enumerated() {
      for tile in 0..<tiles {
        unsafe workspace.pointers[tile] = values + point * inputPointStride + tile * inputStride
      }
      for panel in panels.panels {
        for piece in panels.pieces {
          // The panels of the next point, which are packed separately, follow the last panel.
          let isEnd = piece.isLast && panel.firstColumn + panel.columns == to.channels
          let next = isEnd && point + 1 < WinogradTransform.count ? weights.points[point + 1] : nil
          let ahead = unsafe next?.bias(panels.panels[0]) ?? panels.pointer(after: piece, of: panel)
          for part in 0..<parts {
            let (first, end) = (part * tiles / parts, (part + 1) * tiles / parts)
            var call = unsafe lt_f32_igemm_tile(
              rows: end - first, columns: panel.columns, panels: 1, panel_stride: 0, positions: 1,
              channels: piece.channels.count,
              inputs: workspace.pointers + first, first_channel: piece.channels.lowerBound,
              bias: piece.isFirst ? panels.bias(panel) : nil, weights: panels.weights(piece, of: panel),
              ahead: ahead + part * panel.width * piece.count / parts,
              output: products + point * outputPointStride + first * outputStride + panel.firstColumn,
              output_stride: outputStride, is_last: piece.isLast ? 1 : 0, residual: nil, residual_stride: 0,
              minimum: -.infinity, maximum: .infinity)
            unsafe kernels.table.f32_igemm(&call)
          }
        }
      }
    }
  }

  @unsafe private func transformOutput(
    _ tile: Int, _ workspace: Workspace, from points: UnsafePointer<Float>, _ kernels: KernelSet
  ) {
    let (image, y, x) = place(tile)
    let pixel = image * to.pixels + y * to.width + x
    var tile = unsafe lt_f32_winograd_output(
      channels: to.channels, points: points, stride: outputPointStride, bias: weights.bias,
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
