// Convolutions over all input channels, and fully connected layers: the indirect GEMM over packed
// panels. The rows of the product are output pixels; no im2col copy is made.

import CTapKernels
import TapKernels
import TapTensors

struct DenseStep: Sendable {
  let input: Place
  let output: Place
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
  /// Input and output channels of one group.
  private var groupInputs: Int { from.channels / groups.count }
  private var groupOutputs: Int { to.channels / groups.count }

  /// Rows whose inputs stay in the second-level cache while all panels pass over them.
  private var blockRows: Int {
    let inputs = kernelHeight * kernelWidth * groupInputs
    let tiles = max(4, min(16, 96 * 1024 / (inputs * tileRows)))
    return tiles * tileRows
  }

  var positions: Int { kernelHeight * kernelWidth }
  var pointerCount: Int { blockRows * positions }
  var zeroCount: Int { kernelWidth * from.channels }

  /// Every output pixel reads one pixel: the rows of the product are the input as it lies.
  private var isPointwise: Bool { positions == 1 && from.pixels == to.pixels && top == 0 && left == 0 }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let rows = unsafe workspace.count * to.pixels
    for group in groups.indices {
      unsafe run(
        group, rows: rows, workspace, source: workspace.read(input) + group * groupInputs,
        target: workspace.write(output) + group * groupOutputs,
        addend: residual.map { unsafe workspace.read($0) + group * groupOutputs }, kernels)
    }
  }

  /// One group of channels of all images.
  @unsafe private func run(
    _ group: Int, rows: Int, _ workspace: Workspace, source: UnsafePointer<Float>,
    target: UnsafeMutablePointer<Float>, addend: UnsafePointer<Float>?, _ kernels: KernelSet
  ) {
    let panels = groups[group]
    var start = 0
    while start < rows {
      let end = min(start + blockRows, rows)
      // A tile whose pixels lie inside the picture sees each kernel row as one run of pixels.
      var mergesKernelRows = [Bool]()
      for (index, first) in Swift.stride(from: start, to: end, by: tileRows).enumerated() {
        let pointers = unsafe workspace.pointers + index * tileRows * positions
        let range = first..<min(first + tileRows, end)
        unsafe mergesKernelRows.append(locate(range, source: source, zeros: workspace.zeros, in: pointers))
      }
      for panel in panels.panels {
        for (index, first) in Swift.stride(from: start, to: end, by: tileRows).enumerated() {
          let merges = mergesKernelRows[index]
          let offset = first * to.channels + panel.firstColumn
          var tile = unsafe lt_f32_igemm_tile(
            rows: min(tileRows, end - first), columns: panel.columns,
            positions: merges ? kernelHeight : positions,
            channels: merges ? kernelWidth * groupInputs : groupInputs,
            inputs: workspace.pointers + index * tileRows * positions, panel: panels.pointer(panel),
            output: target + offset, output_stride: to.channels,
            residual: addend.map { unsafe $0 + offset }, residual_stride: to.channels,
            minimum: clamp.minimum, maximum: clamp.maximum)
          unsafe kernels.table.f32_igemm(&tile)
        }
      }
      start = end
    }
  }

  /// Writes where each output pixel of a tile finds its inputs: `[positions][rows]`, or, when all
  /// lie inside the picture's columns, `[kernelHeight][rows]`. Returns whether it is the latter.
  @unsafe private func locate(
    _ range: Range<Int>, source: UnsafePointer<Float>, zeros: UnsafePointer<Float>,
    in pointers: UnsafeMutablePointer<UnsafePointer<Float>>
  ) -> Bool {
    if isPointwise {
      for (index, row) in range.enumerated() { unsafe pointers[index] = source + row * from.channels }
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
