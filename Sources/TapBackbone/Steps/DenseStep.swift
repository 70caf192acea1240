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

  var kernelHeight: Int { vertical.kernel }
  var kernelWidth: Int { horizontal.kernel }
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
  var hasRuns: Bool { kernelWidth > 1 && groups.count == 1 && horizontal.dilation == 1 }

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
    if sharesPixels(rows, threads: part.count) {
      unsafe run(part.range(rows, multipleOf: tileRows), operands, workspace, kernels)
    } else {
      let panels = part.range(groups[0].panels.count, multipleOf: 1)
      unsafe run(0..<rows, panels: panels, operands, workspace, kernels)
    }
  }

  /// Whether threads share the pixels. Otherwise they share the panels. Each thread then reads only its own weights,
  /// but all inputs. So threads share the panels if there are few pixels, or more weights than inputs and outputs.
  private func sharesPixels(_ rows: Int, threads: Int) -> Bool {
    if threads == 1 { return true }
    if rows < 2 * threads * tileRows { return false }
    return groups.count > 1 || groups[0].panels.count < 2 * threads
      || weightCount <= rows * (from.channels + to.channels)
  }

  /// Computes some output pixels, numbered through all images, with some panels of each group of channels.
  @unsafe func run(
    _ pixels: Range<Int>, panels: Range<Int>? = nil, _ operands: Operands, _ workspace: Workspace,
    _ kernels: KernelSet
  ) {
    let addend = unsafe residual.map { unsafe workspace.read($0) }
    for (group, packed) in groups.enumerated() {
      let part = unsafe Part(
        packed: packed, panels: panels ?? packed.panels.indices, source: operands.source + group * groupInputs,
        firstInput: operands.firstInput, target: operands.target + group * groupOutputs,
        firstOutput: operands.firstOutput, addend: addend.map { unsafe $0 + group * groupOutputs })
      if packed.pieces.count == 1, packed.count <= Self.cachedWeights {
        unsafe runTiles(pixels, part, workspace, kernels)
      } else {
        for start in stride(from: pixels.lowerBound, to: pixels.upperBound, by: blockRows) {
          let block = start..<min(start + blockRows, pixels.upperBound)
          unsafe runBlock(block, part, workspace, kernels)
        }
      }
    }
  }

  /// Some panels of one group of channels, with the addresses of the group's first channel.
  @unsafe private struct Part {
    let packed: PackedPanels
    let panels: Range<Int>
    /// The address of the input's pixel `firstInput`.
    let source: UnsafePointer<Float>
    let firstInput: Int
    /// The address of the output's pixel `firstOutput`.
    let target: UnsafeMutablePointer<Float>
    let firstOutput: Int
    /// The address of the addend's pixel 0.
    let addend: UnsafePointer<Float>?
  }

  /// Nearly equal tiles of some pixels.
  private struct Tiles {
    let pixels: Range<Int>
    let count: Int
    private let shorter: Int
    private let longer: Int

    init(_ pixels: Range<Int>, rows: Int) {
      self.pixels = pixels
      count = (pixels.count + rows - 1) / rows
      (shorter, longer) = pixels.count.quotientAndRemainder(dividingBy: max(count, 1))
    }

    subscript(tile: Int) -> Range<Int> {
      let start = pixels.lowerBound + tile * shorter + min(tile, longer)
      return start..<start + shorter + (tile < longer ? 1 : 0)
    }
  }

  /// Computes one tile after another, each with all panels. The full panels of a tile are one call of the kernel.
  @unsafe private func runTiles(
    _ pixels: Range<Int>, _ part: Part, _ workspace: Workspace, _ kernels: KernelSet
  ) {
    let packed = unsafe part.packed
    let piece = packed.pieces[0]
    func call(_ panels: Range<Int>) -> lt_f32_igemm_tile? {
      guard let panel = packed.panels[panels].first else { return nil }
      return unsafe self.call(
        piece, of: panel, count: panels.count, part, inputs: workspace.pointers,
        ahead: packed.pointer(after: piece, of: panel))
    }
    var full = unsafe call(part.panels.clamped(to: 0..<packed.fullPanels))
    var narrow = unsafe call(part.panels.clamped(to: packed.fullPanels..<packed.panels.count))
    var place = OutputPlace(pixels.lowerBound, in: to)
    let tiles = Tiles(pixels, rows: tileRows)
    for tile in 0..<tiles.count {
      let rows = tiles[tile]
      var edges = unsafe workspace.scratch
      unsafe locate(
        rows, at: &place, source: part.source, firstInput: part.firstInput, zeros: workspace.zeros,
        in: workspace.pointers, edges: &edges)
      if unsafe full != nil { unsafe compute(&full!, rows, part, kernels) }
      if unsafe narrow != nil { unsafe compute(&narrow!, rows, part, kernels) }
    }
  }

  /// Computes a block of output pixels, one panel after another.
  @unsafe private func runBlock(
    _ block: Range<Int>, _ part: Part, _ workspace: Workspace, _ kernels: KernelSet
  ) {
    let packed = unsafe part.packed
    let tiles = Tiles(block, rows: tileRows)
    func pointers(_ tile: Int) -> UnsafeMutablePointer<UnsafePointer<Float>> {
      unsafe workspace.pointers + tile * tileRows * positions
    }
    var edges = unsafe workspace.scratch
    var place = OutputPlace(block.lowerBound, in: to)
    for tile in 0..<tiles.count {
      unsafe locate(
        tiles[tile], at: &place, source: part.source, firstInput: part.firstInput, zeros: workspace.zeros,
        in: pointers(tile), edges: &edges)
    }
    // The full panels of a single pixel are one call: the kernel then reads several of them together.
    let together = unsafe block.count == 1 ? part.panels.clamped(to: 0..<packed.fullPanels).count : 1
    var panels = unsafe part.panels
    while let panel = packed.panels[panels].first {
      let count = panels.lowerBound < packed.fullPanels ? max(together, 1) : 1
      panels.removeFirst(count)
      for piece in packed.pieces {
        let ahead = unsafe packed.pointer(after: piece, of: panel)
        let share = panel.width * piece.count / tiles.count
        var call = unsafe call(piece, of: panel, count: count, part, inputs: workspace.pointers, ahead: ahead)
        for tile in 0..<tiles.count {
          let rows = tiles[tile]
          let rowLength = hasRuns ? rows.count : kernelWidth * rows.count
          unsafe call.inputs = UnsafePointer(pointers(tile) + piece.kernelRows.lowerBound * rowLength)
          unsafe call.ahead = ahead + tile * share
          unsafe compute(&call, rows, part, kernels)
        }
      }
    }
  }

  /// A call of the kernel with a piece of some neighboring panels, without its pixels.
  @unsafe private func call(
    _ piece: PackedPanels.Piece, of panel: PackedPanels.Panel, count: Int, _ part: Part,
    inputs: UnsafePointer<UnsafePointer<Float>>, ahead: UnsafePointer<Float>
  ) -> lt_f32_igemm_tile {
    let packed = unsafe part.packed
    return unsafe lt_f32_igemm_tile(
      rows: 0, columns: panel.columns, panels: count, panel_stride: packed.length(of: panel),
      positions: hasRuns ? piece.kernelRows.count : piece.kernelRows.count * kernelWidth,
      channels: hasRuns ? kernelWidth * piece.channels.count : piece.channels.count, inputs: inputs,
      first_channel: piece.channels.lowerBound, bias: piece.isFirst ? packed.bias(panel) : nil,
      weights: packed.weights(piece, of: panel), ahead: ahead, output: part.target + panel.firstColumn,
      output_stride: output.pixelStride, is_last: piece.isLast ? 1 : 0,
      residual: part.addend.map { unsafe $0 + panel.firstColumn }, residual_stride: to.channels,
      minimum: clamp.minimum, maximum: clamp.maximum)
  }

  /// Calls the kernel for a tile of pixels.
  @unsafe private func compute(
    _ call: inout lt_f32_igemm_tile, _ tile: Range<Int>, _ part: Part, _ kernels: KernelSet
  ) {
    let (target, residual) = unsafe (call.output, call.residual)
    unsafe call.rows = tile.count
    unsafe call.output = target + (tile.lowerBound - part.firstOutput) * output.pixelStride
    unsafe call.residual = residual.map { unsafe $0 + tile.lowerBound * to.channels }
    unsafe kernels.table.f32_igemm(&call)
    unsafe (call.output, call.residual) = (target, residual)
  }
}
