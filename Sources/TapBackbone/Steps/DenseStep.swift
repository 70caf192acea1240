// Convolutions over all input channels, and fully connected layers: the indirect GEMM over packed
// panels. The rows of the product are output pixels; no im2col copy is made.

import CTapKernels
import TapKernels
import TapTensors

struct DenseStep: Sendable {
  let input: Place
  let output: View
  let residual: Place?
  let from: Extent
  let to: Extent
  let vertical: WindowAxis
  let horizontal: WindowAxis
  /// Pixels by which the first window stands before the picture.
  let top: Int
  let left: Int
  let clamp: Clamp
  /// One for each group of channels.
  let groups: [PackedPanels]
  let tileRows: Int

  private var kernelHeight: Int { vertical.kernel }
  private var kernelWidth: Int { horizontal.kernel }
  private var positions: Int { kernelHeight * kernelWidth }
  /// Input and output channels of one group.
  private var groupInputs: Int { from.channels / groups.count }
  private var groupOutputs: Int { to.channels / groups.count }

  /// Rows whose inputs stay in the second-level cache while all panels pass over them.
  private var blockRows: Int {
    let tiles = max(4, min(16, 96 * 1024 / (positions * groupInputs * tileRows)))
    return tiles * tileRows
  }

  var algorithm: String {
    isPointwise ? "matrix product" : "direct \(kernelHeight)x\(kernelWidth)"
  }
  var pointerCount: Int { blockRows * positions }
  var zeroCount: Int { kernelWidth * from.channels }

  /// Every output pixel reads one pixel: the rows of the product are the input as it lies.
  var isPointwise: Bool { positions == 1 && from.pixels == to.pixels && top == 0 && left == 0 }

  /// Where a run finds its pixels, and where it leaves them.
  @unsafe struct Operands {
    /// The input's pixel `firstInput`; only a matrix product's input may begin elsewhere than at 0.
    let source: UnsafePointer<Float>
    let firstInput: Int
    /// The output's pixel `firstOutput`.
    let target: UnsafeMutablePointer<Float>
    let firstOutput: Int
  }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let rows = unsafe workspace.count * to.pixels
    let part = unsafe workspace.part
    let operands = unsafe Operands(
      source: workspace.read(input), firstInput: 0, target: workspace.write(output), firstOutput: 0)
    // Threads share the pixels, or the panels where there are few pixels.
    if rows >= 2 * part.count * tileRows {
      unsafe run(part.range(rows, multipleOf: tileRows), operands, workspace, kernels)
    } else {
      let panels = part.range(groups[0].panels.count, multipleOf: 1)
      unsafe run(0..<rows, panels: panels, operands, workspace, kernels)
    }
  }

  /// Some output pixels, counted through all images, under some panels of each group of channels.
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

  /// A block of output pixels under some panels of one group of channels.
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
    // A tile whose pixels lie inside the picture sees each kernel row as one run of pixels.
    let merges = (0..<tiles).map { tile in
      unsafe locate(
        rows(tile), source: source, firstInput: operands.firstInput, zeros: workspace.zeros,
        in: pointers(tile))
    }
    for panel in packed.panels[panels] {
      for piece in packed.pieces {
        let ahead = unsafe packed.pointer(after: piece, of: panel)
        for tile in 0..<tiles {
          let range = rows(tile)
          let floats = panel.width * piece.count / tiles
          let pixel = range.lowerBound
          let hasRuns = merges[tile]
          let rowLength = hasRuns ? range.count : kernelWidth * range.count
          let channels =
            hasRuns ? kernelWidth * piece.channels.count : piece.channels.count
          var call = unsafe lt_f32_igemm_tile(
            rows: range.count, columns: panel.columns,
            positions: hasRuns ? piece.kernelRows.count : piece.kernelRows.count * kernelWidth,
            channels: channels, inputs: pointers(tile) + piece.kernelRows.lowerBound * rowLength,
            first_channel: piece.channels.lowerBound,
            bias: piece.isFirst ? packed.bias(panel) : nil, weights: packed.weights(piece, of: panel),
            ahead: ahead + tile * floats,
            output: target + (pixel - operands.firstOutput) * output.pixelStride + panel.firstColumn,
            output_stride: output.pixelStride, is_last: piece.isLast ? 1 : 0,
            residual: addend.map { unsafe $0 + pixel * to.channels + panel.firstColumn },
            residual_stride: to.channels, minimum: clamp.minimum, maximum: clamp.maximum)
          unsafe kernels.table.f32_igemm(&call)
        }
      }
    }
  }

  /// Writes where each output pixel of a tile finds its inputs: `[positions][rows]`, or, when all
  /// lie inside the picture's columns, `[kernelHeight][rows]`. Returns whether it is the latter.
  @unsafe private func locate(
    _ range: Range<Int>, source: UnsafePointer<Float>, firstInput: Int, zeros: UnsafePointer<Float>,
    in pointers: UnsafeMutablePointer<UnsafePointer<Float>>
  ) -> Bool {
    if isPointwise {
      for (index, row) in range.enumerated() {
        unsafe pointers[index] = source + (row - firstInput) * from.channels
      }
      return false
    }
    var (image, pixel) = range.lowerBound.quotientAndRemainder(dividingBy: to.pixels)
    var (y, x) = pixel.quotientAndRemainder(dividingBy: to.width)
    // Whether any pixel of the tile has inputs left or right of the picture.
    let wraps = x + range.count > to.width
    let (firstX, lastX) = wraps ? (0, to.width - 1) : (x, x + range.count - 1)
    let (strideY, strideX) = (vertical.stride, horizontal.stride)
    let merges =
      kernelWidth > 1 && groups.count == 1 && horizontal.dilation == 1 && firstX * strideX >= left
      && lastX * strideX - left + kernelWidth <= from.width
    if merges && !wraps {
      // The common case, in as few steps as there are: one line for each kernel row.
      let picture = unsafe source + image * from.count
      for kernelY in 0..<kernelHeight {
        let inputY = y * strideY - top + kernelY * vertical.dilation
        let isInside = inputY >= 0 && inputY < from.height
        let first = (inputY * from.width + x * strideX - left) * from.channels
        let line = unsafe isInside ? picture + first : zeros
        let step = isInside ? strideX * from.channels : 0
        let row = unsafe pointers + kernelY * range.count
        for index in 0..<range.count { unsafe row[index] = line + index * step }
      }
      return true
    }
    for index in 0..<range.count {
      let picture = unsafe source + image * from.count
      let (inputX, topY) = (x * strideX - left, y * strideY - top)
      for kernelY in 0..<kernelHeight {
        let inputY = topY + kernelY * vertical.dilation
        let isInside = inputY >= 0 && inputY < from.height
        let line = unsafe picture + (inputY * from.width + inputX) * from.channels
        if merges {
          unsafe pointers[kernelY * range.count + index] = isInside ? line : zeros
          continue
        }
        for kernelX in 0..<kernelWidth {
          let column = kernelX * horizontal.dilation
          let isPixel = isInside && inputX + column >= 0 && inputX + column < from.width
          unsafe pointers[(kernelY * kernelWidth + kernelX) * range.count + index] =
            isPixel ? line + column * from.channels : zeros
        }
      }
      x += 1
      if x == to.width { (x, y) = (0, y + 1) }
      if y == to.height { (y, image) = (0, image + 1) }
    }
    return merges
  }
}
