// An inverted residual block, or a stem with its pooling, by bands of rows: the values in between are many times as
// large as the input and output, and stay in the second-level cache.

import TapKernels
import TapTensors

/// A depthwise convolution or a pooling with the convolution before it, the matrix product after it, or both.
///
/// The same sums in the same order as one step after another, so the same bits.
struct BandedStep: Sendable {
  /// Writes the input of the middle step, a row at a time, into a ring of rows.
  let first: DenseStep?
  let middle: RowOperator
  /// Reads the output of the middle step. A matrix product.
  let last: DenseStep?

  /// The most floats of the ring and of the band together: they fit in the second-level cache.
  private static let budget = 160 * 1024

  private var ringRow: Int { middle.from.width * middle.from.channels }
  private var bandRow: Int { middle.to.width * middle.to.channels }
  private var ringRows: Int { first == nil ? 0 : middle.rows(under: bandRows) }

  /// The number of output rows of the middle computed at a time.
  private var bandRows: Int {
    var rows = min(8, middle.to.height)
    while rows > 1 && middle.rows(under: rows) * ringRow + rows * bandRow > Self.budget { rows -= 1 }
    return rows
  }

  private var dense: [DenseStep] { [first, last].compactMap(\.self) }
  var weightCount: Int { dense.reduce(middle.weightCount) { $0 + $1.weightCount } }
  var pointerCount: Int { max(middle.pointerCount, dense.map(\.pointerCount).max() ?? 0) }
  var zeroCount: Int { max(middle.zeroCount, dense.map(\.zeroCount).max() ?? 0) }
  private var bandScratch: Int { ringRows * ringRow + bandRows * bandRow }
  /// The dense steps' own scratch comes after the bands.
  var scratchCount: Int { bandScratch + (dense.map(\.scratchCount).max() ?? 0) }
  var algorithm: String {
    let parts = [first?.algorithm, middle.algorithm, last?.algorithm]
    return parts.compactMap(\.self).joined(separator: " + ")
  }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let mine = unsafe workspace.part.range(workspace.count * middle.to.height, multipleOf: 1)
    let height = bandRows
    var line = mine.lowerBound
    // Rows of the image in the ring, from the first that is still needed.
    var (image, filled) = (-1, 0)
    while line < mine.upperBound {
      let (current, y) = line.quotientAndRemainder(dividingBy: middle.to.height)
      let band = y..<min(y + height, middle.to.height, y + mine.upperBound - line)
      let needed = middle.inputs(of: band)
      if current != image { (image, filled) = (current, needed.lowerBound) }
      unsafe fill(max(filled, needed.lowerBound)..<max(filled, needed.upperBound), image, workspace, kernels)
      filled = max(filled, needed.upperBound)
      unsafe run(band, image, workspace, kernels)
      line += band.count
    }
  }

  /// Computes rows of the middle's input.
  @unsafe private func fill(_ rows: Range<Int>, _ image: Int, _ workspace: Workspace, _ kernels: KernelSet) {
    guard let first = first else { return }
    let width = middle.from.width
    let ringRows = ringRows
    var row = rows.lowerBound
    while row < rows.upperBound {
      let slot = row % ringRows
      // As many as are contiguous in the ring.
      let end = min(rows.upperBound, row + ringRows - slot)
      let start = image * middle.from.pixels
      let pixels = start + row * width..<start + end * width
      let operands = unsafe DenseStep.Operands(
        source: workspace.read(first.input), firstInput: 0, target: workspace.scratch + slot * ringRow,
        firstOutput: pixels.lowerBound)
      unsafe first.run(pixels, operands, beyondBands(workspace), kernels)
      row = end
    }
  }

  /// The middle of a band, and the product after it.
  @unsafe private func run(
    _ rows: Range<Int>, _ image: Int, _ workspace: Workspace, _ kernels: KernelSet
  ) {
    let (ringRow, bandRow, ringRows) = (ringRow, bandRow, ringRows)
    let firstPixel = image * middle.to.pixels + rows.lowerBound * middle.to.width
    let ring = unsafe workspace.scratch
    var band = unsafe ring + ringRows * ringRow
    if last == nil { unsafe band = workspace.write(middle.output) + firstPixel * middle.to.channels }
    // Without a convolution before it the middle reads the image directly.
    let start = unsafe workspace.read(middle.input) + image * middle.from.count
    let hasRing = first != nil
    for row in rows {
      let target = unsafe band + (row - rows.lowerBound) * bandRow
      unsafe middle.run(row: row, into: target, workspace, kernels) { row in
        let inRing = unsafe UnsafePointer(ring + (hasRing ? row % ringRows * ringRow : 0))
        return unsafe hasRing ? inRing : start + row * ringRow
      }
    }
    guard let last = last else { return }
    let operands = unsafe DenseStep.Operands(
      source: band, firstInput: firstPixel, target: workspace.write(last.output), firstOutput: 0)
    unsafe last.run(
      firstPixel..<firstPixel + rows.count * middle.to.width, operands, beyondBands(workspace), kernels)
  }

  @unsafe private func beyondBands(_ workspace: Workspace) -> Workspace {
    var rest = unsafe workspace
    unsafe rest.scratch += bandScratch
    return unsafe rest
  }
}
