// Computes an inverted residual block, or a stem with its pooling, in bands of rows. The values between the steps are
// several times as large as the input and the output; a band of them stays in the second-level cache.

import TapKernels
import TapTensors

/// A depthwise convolution or a pooling (the middle step) with the convolution before it, the matrix product after it,
/// or both.
///
/// The sums and their order are the same as in one step after another, so the bits are the same too.
struct BandedStep: Step {
  /// Computes the input of the middle step, a row at a time, and writes it to a ring buffer of rows.
  let first: DenseStep?
  let middle: RowOperator
  /// The matrix product that reads the output of the middle step.
  let last: DenseStep?

  /// The largest number of floats of the ring and the band together. They fit in the second-level cache.
  private static let budget = SecondLevelCache.floats(thirtySeconds: 20)

  private var ringRow: Int { middle.from.width * middle.from.channels }
  private var bandRow: Int { middle.to.width * middle.to.channels }
  private var ringRows: Int { first == nil ? 0 : middle.rows(under: bandRows) }

  /// The number of output rows of the middle step that are computed at a time.
  private var bandRows: Int {
    var rows = min(8, middle.to.height)
    while rows > 1 && middle.rows(under: rows) * ringRow + rows * bandRow > Self.budget { rows -= 1 }
    return rows
  }

  private var parts: [any Step] {
    let steps: [(any Step)?] = [first, middle.step, last]
    return steps.compactMap(\.self)
  }
  var weightCount: Int { parts.reduce(0) { $0 + $1.weightCount } }
  var pointerCount: Int { parts.map(\.pointerCount).max() ?? 0 }
  var zeroCount: Int { parts.map(\.zeroCount).max() ?? 0 }
  private var bandScratch: Int { ringRows * ringRow + bandRows * bandRow }
  /// The memory that the dense steps themselves need comes after the bands.
  var scratchCount: Int { bandScratch + (parts.map(\.scratchCount).max() ?? 0) }
  var algorithm: String { parts.map(\.algorithm).joined(separator: " + ") }

  /// Joins a depthwise convolution or a pooling and its neighbors, given in order, into one step.
  ///
  /// - Precondition: `steps` has a depthwise convolution or a pooling in the middle, at most one dense step before it,
  ///   and at most one after it.
  init(_ steps: [any Step]) {
    var (first, middle, last): (DenseStep?, RowOperator?, DenseStep?)
    for step in steps {
      switch step {
      case let step as DepthwiseStep: middle = .depthwise(step)
      case let step as WindowPoolingStep: middle = .pooling(step)
      case let step as DenseStep: if middle == nil { first = step } else { last = step }
      default: preconditionFailure("no band of \(step.algorithm)")
      }
    }
    guard let middle else { preconditionFailure("a band without a middle") }
    (self.first, self.middle, self.last) = (first, middle, last)
  }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    let mine = unsafe workspace.part.range(workspace.count * middle.to.height, multipleOf: 1)
    let height = bandRows
    var line = mine.lowerBound
    // The image whose rows are in the ring, and the end of the rows that are filled.
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

  /// Computes rows of the middle step's input.
  @unsafe private func fill(_ rows: Range<Int>, _ image: Int, _ workspace: Workspace, _ kernels: KernelSet) {
    guard let first = first else { return }
    let width = middle.from.width
    let ringRows = ringRows
    var row = rows.lowerBound
    while row < rows.upperBound {
      let slot = row % ringRows
      // Takes as many rows as are contiguous in the ring.
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

  /// Computes a band of the middle step and the product after it.
  @unsafe private func run(
    _ rows: Range<Int>, _ image: Int, _ workspace: Workspace, _ kernels: KernelSet
  ) {
    let (ringRow, bandRow, ringRows) = (ringRow, bandRow, ringRows)
    let firstPixel = image * middle.to.pixels + rows.lowerBound * middle.to.width
    let ring = unsafe workspace.scratch
    var band = unsafe ring + ringRows * ringRow
    if last == nil { unsafe band = workspace.write(middle.output) + firstPixel * middle.to.channels }
    // Without a convolution before it, the middle step reads the image directly.
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
