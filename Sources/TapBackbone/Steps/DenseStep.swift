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
  let kernelHeight: Int
  let kernelWidth: Int
  let stride: Int
  let top: Int
  let left: Int
  let clamp: Clamp
  let panels: PackedPanels
  let tileRows: Int

  /// Rows whose inputs stay in the second-level cache while all panels pass over them.
  private var blockRows: Int {
    let inputs = kernelHeight * kernelWidth * from.channels
    let tiles = max(4, min(16, 96 * 1024 / (inputs * tileRows)))
    return tiles * tileRows
  }

  var positions: Int { kernelHeight * kernelWidth }
  var pointerCount: Int { blockRows * positions }
  var zeroCount: Int { kernelWidth * from.channels }

  /// Every output pixel reads one pixel: the rows of the product are the input as it lies.
  private var isPointwise: Bool { positions == 1 && stride == 1 && top == 0 && left == 0 }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let rows = unsafe workspace.count * to.pixels
    let (source, target) = unsafe (workspace.read(input), workspace.write(output))
    let addend = unsafe residual.map { unsafe workspace.read($0) }
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
            channels: merges ? kernelWidth * from.channels : from.channels,
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
    let merges =
      kernelWidth > 1 && firstX * stride >= left && lastX * stride - left + kernelWidth <= from.width
    for index in 0..<range.count {
      let picture = unsafe source + image * from.count
      let (inputX, topY) = (x * stride - left, y * stride - top)
      for kernelY in 0..<kernelHeight {
        let inputY = topY + kernelY
        let isInside = inputY >= 0 && inputY < from.height
        let line = unsafe picture + (inputY * from.width + inputX) * from.channels
        if merges {
          unsafe pointers[kernelY * range.count + index] = isInside ? line : zeros
          continue
        }
        for kernelX in 0..<kernelWidth {
          let isPixel = isInside && inputX + kernelX >= 0 && inputX + kernelX < from.width
          unsafe pointers[(kernelY * kernelWidth + kernelX) * range.count + index] =
            isPixel ? line + kernelX * from.channels : zeros
        }
      }
      x += 1
      if x == to.width { (x, y) = (0, y + 1) }
      if y == to.height { (y, image) = (0, image + 1) }
    }
    return merges
  }
}
