// Convolutions over all input channels, and fully connected layers. Both are computed by the indirect GEMM over packed
// panels. The rows of the product are output pixels. No im2col copy is made.

import CTapKernels
import TapKernels
import TapTensors

struct DenseStep: Step {
  let input: ActivationPlace
  let output: ActivationView
  let residual: ActivationPlace?
  let from: ActivationExtents
  let to: ActivationExtents
  let vertical: WindowAxis
  let horizontal: WindowAxis
  /// The number of rows from the top of the first window to the image.
  let top: Int
  let left: Int
  let clamp: Clamp
  /// The panels of each group of channels.
  let groups: [PackedPanels]

  private var kernelHeight: Int { vertical.kernel }
  private var kernelWidth: Int { horizontal.kernel }
  private var positions: Int { kernelHeight * kernelWidth }
  private var tileRows: Int { groups[0].tile.rows }
  /// The numbers of input channels and of output channels of one group.
  private var groupInputs: Int { from.channels / groups.count }
  private var groupOutputs: Int { to.channels / groups.count }

  /// The number of rows in a block. Their inputs stay in the second-level cache while all panels are applied to them.
  private var blockRows: Int {
    let fitting = SecondLevelCache.floats(thirtySeconds: 12) / (positions * groupInputs)
    // A wide tile has fewer rows than a narrow one, but takes about as much computation. So a block has more rows of
    // wide tiles.
    let rows = tileRows * groups[0].tile.vectors / 2
    return max(4 * rows, min(16 * rows, fitting)) / tileRows * tileRows
  }

  /// The number of floats of weights that fit in the second-level cache together with all other data. Up to this
  /// number, all panels are applied to one tile after the other. The output and the addend are then accessed along
  /// whole pixels. If there are more weights, all panels are applied to a block of tiles.
  private static let cachedWeights = SecondLevelCache.floats(thirtySeconds: 9)

  var algorithm: String {
    isPointwise ? "matrix product" : "direct \(kernelHeight)x\(kernelWidth)"
  }
  var weightCount: Int { groups.reduce(0) { $0 + $1.count } }
  var pointerCount: Int { blockRows * positions }
  var scratchCount: Int { hasRuns ? blockRows * positions * from.channels : 0 }
  var zeroCount: Int { kernelWidth * from.channels }

  /// Whether a row of the kernel reads neighboring floats. The dense kernel then gets one run of floats for each row,
  /// instead of one for each pixel.
  private var hasRuns: Bool { kernelWidth > 1 && groups.count == 1 && horizontal.dilation == 1 }

  /// Whether every output pixel reads exactly one input pixel. The rows of the product are then the input itself.
  var isPointwise: Bool { positions == 1 && from.pixels == to.pixels && top == 0 && left == 0 }

  /// The inputs and the outputs of a run.
  @unsafe struct Operands {
    /// The address of the input's pixel `firstInput`. Only for a matrix product can this pixel be another than pixel 0.
    let source: UnsafePointer<Float>
    let firstInput: Int
    /// The address of the output's pixel `firstOutput`.
    let target: UnsafeMutablePointer<Float>
    let firstOutput: Int
  }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let rows = unsafe workspace.count * to.pixels
    let part = unsafe workspace.part
    let operands = unsafe Operands(
      source: workspace.read(input), firstInput: 0, target: workspace.write(output), firstOutput: 0)
    // Threads share the pixels if there are enough of them, and otherwise the panels.
    if rows >= 2 * part.count * tileRows {
      unsafe run(part.range(rows, multipleOf: tileRows), operands, workspace, kernels)
    } else {
      let panels = part.range(groups[0].panels.count, multipleOf: 1)
      unsafe run(0..<rows, panels: panels, operands, workspace, kernels)
    }
  }

  /// Computes some output pixels, numbered through all images, with some panels of each group of channels.
  @unsafe func run(
    _ pixels: Range<Int>, panels: Range<Int>? = nil, _ operands: Operands, _ workspace: Workspace,
    _ kernels: KernelSet
  ) {
    for group in groups.indices {
      for start in stride(from: pixels.lowerBound, to: pixels.upperBound, by: blockRows) {
        let block = start..<min(start + blockRows, pixels.upperBound)
        unsafe run(
          block, group: group, panels: panels ?? groups[group].panels.indices, operands, workspace, kernels)
      }
    }
  }

  /// Computes a block of output pixels with some panels of one group of channels.
  @unsafe private func run(
    _ block: Range<Int>, group: Int, panels: Range<Int>, _ operands: Operands, _ workspace: Workspace,
    _ kernels: KernelSet
  ) {
    let packed = groups[group]
    let source = unsafe operands.source + group * groupInputs
    let target = unsafe operands.target + group * groupOutputs
    let addend = unsafe residual.map { unsafe workspace.read($0) + group * groupOutputs }
    let tiles = (block.count + tileRows - 1) / tileRows
    func rows(_ tile: Int) -> Range<Int> {
      block.lowerBound + tile * block.count / tiles..<block.lowerBound + (tile + 1) * block.count / tiles
    }
    func pointers(_ tile: Int) -> UnsafeMutablePointer<UnsafePointer<Float>> {
      unsafe workspace.pointers + tile * tileRows * positions
    }
    var edges = unsafe workspace.scratch
    for tile in 0..<tiles {
      unsafe locate(
        rows(tile), source: source, firstInput: operands.firstInput, zeros: workspace.zeros,
        in: pointers(tile), edges: &edges)
    }
    func compute(
      _ tile: Int, _ piece: PackedPanels.Piece, of panel: PackedPanels.Panel, count: Int = 1,
      ahead: UnsafePointer<Float>
    ) {
      let range = rows(tile)
      let pixel = range.lowerBound
      let rowLength = hasRuns ? range.count : kernelWidth * range.count
      let channels = hasRuns ? kernelWidth * piece.channels.count : piece.channels.count
      var call = unsafe lt_f32_igemm_tile(
        rows: range.count, columns: panel.columns, panels: count, panel_stride: packed.length(of: panel),
        positions: hasRuns ? piece.kernelRows.count : piece.kernelRows.count * kernelWidth,
        channels: channels, inputs: pointers(tile) + piece.kernelRows.lowerBound * rowLength,
        first_channel: piece.channels.lowerBound,
        bias: piece.isFirst ? packed.bias(panel) : nil, weights: packed.weights(piece, of: panel),
        ahead: ahead,
        output: target + (pixel - operands.firstOutput) * output.pixelStride + panel.firstColumn,
        output_stride: output.pixelStride, is_last: piece.isLast ? 1 : 0,
        residual: addend.map { unsafe $0 + pixel * to.channels + panel.firstColumn },
        residual_stride: to.channels, minimum: clamp.minimum, maximum: clamp.maximum)
      unsafe kernels.table.f32_igemm(&call)
    }
    if packed.pieces.count == 1, packed.count <= Self.cachedWeights {
      let piece = packed.pieces[0]
      let full = panels.prefix { packed.panels[$0].columns == packed.tile.columns }
      let rest = packed.panels[panels.dropFirst(full.count)]
      for tile in 0..<tiles {
        if let first = full.first {
          let panel = packed.panels[first]
          unsafe compute(
            tile, piece, of: panel, count: full.count, ahead: packed.pointer(after: piece, of: panel))
        }
        for panel in rest {
          unsafe compute(tile, piece, of: panel, ahead: packed.pointer(after: piece, of: panel))
        }
      }
      return
    }
    for panel in packed.panels[panels] {
      for piece in packed.pieces {
        let ahead = unsafe packed.pointer(after: piece, of: panel)
        for tile in 0..<tiles {
          let share = panel.width * piece.count / tiles
          unsafe compute(tile, piece, of: panel, ahead: ahead + tile * share)
        }
      }
    }
  }

  /// Writes the addresses of the inputs of each output pixel of a tile. The table is `[kernelHeight][rows]` if a kernel
  /// row is one run of floats, and otherwise `[positions][rows]`. Runs of pixels whose windows extend beyond the image
  /// are copied to `edges`.
  @unsafe private func locate(
    _ range: Range<Int>, source: UnsafePointer<Float>, firstInput: Int, zeros: UnsafePointer<Float>,
    in pointers: UnsafeMutablePointer<UnsafePointer<Float>>, edges: inout UnsafeMutablePointer<Float>
  ) {
    if isPointwise {
      for (index, row) in range.enumerated() {
        unsafe pointers[index] = source + (row - firstInput) * from.channels
      }
      return
    }
    var first = range.lowerBound
    while first < range.upperBound {
      // The output pixels of the tile that lie in one row of the output.
      let (image, pixel) = first.quotientAndRemainder(dividingBy: to.pixels)
      let (y, x) = pixel.quotientAndRemainder(dividingBy: to.width)
      let end = min(range.upperBound, first + to.width - x)
      for kernelY in 0..<kernelHeight {
        let inputY = y * vertical.stride - top + kernelY * vertical.dilation
        let isInside = inputY >= 0 && inputY < from.height
        let line = unsafe source + image * from.count + inputY * from.width * from.channels
        let column = x * horizontal.stride - left
        let place = unsafe pointers + first - range.lowerBound
        if !isInside {
          for row in hasRuns ? kernelY..<kernelY + 1 : kernelY * kernelWidth..<(kernelY + 1) * kernelWidth {
            for index in 0..<end - first { unsafe place[row * range.count + index] = zeros }
          }
        } else if hasRuns {
          unsafe locateRuns(
            end - first, at: column, of: line, in: place + kernelY * range.count, edges: &edges)
        } else {
          for kernelX in 0..<kernelWidth {
            let row = unsafe place + (kernelY * kernelWidth + kernelX) * range.count
            for index in 0..<end - first {
              let column = column + index * horizontal.stride + kernelX * horizontal.dilation
              unsafe row[index] = column >= 0 && column < from.width ? line + column * from.channels : zeros
            }
          }
        }
      }
      first = end
    }
  }

  /// Writes the addresses of the runs under one row of the kernel for neighboring output pixels. The first run begins
  /// at `column`.
  @unsafe private func locateRuns(
    _ count: Int, at column: Int, of line: UnsafePointer<Float>,
    in pointers: UnsafeMutablePointer<UnsafePointer<Float>>, edges: inout UnsafeMutablePointer<Float>
  ) {
    let (step, channels, last) = (horizontal.stride, from.channels, from.width - kernelWidth)
    for index in 0..<count {
      let column = column + index * step
      if column >= 0 && column <= last {
        unsafe pointers[index] = line + column * channels
      } else {
        unsafe pointers[index] = UnsafePointer(edges)
        unsafe copyRun(at: column, of: line, to: edges)
        unsafe edges += kernelWidth * channels
      }
    }
  }

  /// Copies `kernelWidth` pixels of a line, beginning at `column`. Pixels outside the image are zeros.
  @unsafe private func copyRun(
    at column: Int, of line: UnsafePointer<Float>, to run: UnsafeMutablePointer<Float>
  ) {
    for kernelX in 0..<kernelWidth {
      let target = unsafe run + kernelX * from.channels
      if column + kernelX >= 0 && column + kernelX < from.width {
        unsafe target.update(from: line + (column + kernelX) * from.channels, count: from.channels)
      } else {
        unsafe target.update(repeating: 0, count: from.channels)
      }
    }
  }
}
