// A backbone that is prepared for given taps. A plan is immutable, and all workers share it. Each worker has its own
// arena, which is the memory for a run.

import TapKernels
import TapProvenance
import TapTensors

/// The steps from a preprocessed image to pooled feature vectors. They end at the deepest tap.
///
/// The bytes of a column depend only on the backbone, its algorithms, the column and the input size. They do not depend
/// on other columns, the batch, the number of threads or the instruction set.
package struct Plan: Sendable {
  /// The columns of a row, in order.
  package let columns: [Column]
  /// The length of each column's vector.
  package let dimensions: [Int]
  /// The length of a row: the sum of `dimensions`.
  package let rowLength: Int
  /// The number of floats of one preprocessed image: `size * size * 3`.
  package let inputCount: Int
  /// The side of the input in pixels.
  package let size: Int
  /// The largest number of images in one call of `run`.
  package let batch: Int
  /// The instruction set of the plan's kernels.
  package let instructionSet: InstructionSet

  /// The number of steps that run. A band of several operators counts as one step. A concatenation that is written in
  /// place has no step.
  package var stepCount: Int { actions.count - columns.count }
  /// The number of floats that an arena has for activations.
  package var arenaCount: Int { arenaSizes.values }

  /// The number of bytes of the packed weights, which all workers share.
  package var weightByteCount: Int {
    4
      * actions.reduce(0) {
        if case .compute(let operation) = $1 { $0 + operation.step.weightCount } else { $0 }
      }
  }
  /// The number of bytes that each worker needs if one thread computes its images: an arena and a batch of preprocessed
  /// images.
  package var workerByteCount: Int { arenaSizes.byteCount(threads: 1) + 4 * batch * inputCount }

  /// One part of a run: a step, or the pooling of a column.
  enum Action: Sendable {
    case compute(Operation)
    case pool(TapStep)
  }

  /// A step, the value that it writes, and its multiply-adds for one image.
  struct Operation: Sendable {
    let step: any Step
    let output: String
    let multiplyAdds: Int
  }

  let actions: [Action]
  /// The index of the first action that runs for all images of a batch at once. The actions before it run for one image
  /// after the other.
  let firstBatchedAction: Int
  let kernels: KernelSet
  let arenaSizes: ArenaSizes

  /// Makes the scratch memory of one worker.
  ///
  /// - Parameter threads: the number of threads that share each step of a run with this arena. Use 1 if there are at
  ///   least as many images as threads, and more if a caller waits for a single image. The bytes are the same for every
  ///   number.
  package func makeArena(threads: Int = 1) -> Arena {
    Arena(arenaSizes, threads: max(threads, 1))
  }

  /// Runs `count` images.
  ///
  /// - Parameters:
  ///   - input: the preprocessed images `[count, size, size, 3]`, with the channels in the preprocessing's order.
  ///   - count: the number of images, 1 to `batch`.
  ///   - arena: an arena that `makeArena()` of this plan made.
  ///   - rows: the results `[count, rowLength]`; a row has the columns one after another.
  package func run(
    _ input: Span<Float>, count: Int, arena: inout Arena, into rows: inout MutableSpan<Float>
  ) {
    precondition(count >= 1 && count <= batch, "\(count) images in a batch of \(batch)")
    precondition(input.count == count * inputCount, "\(input.count) floats are not \(count) images")
    precondition(rows.count == count * rowLength, "\(rows.count) floats are not \(count) rows")
    unsafe input.withUnsafeBufferPointer { input in
      unsafe rows.withUnsafeMutableBufferPointer { rows in
        guard let input = input.baseAddress, let rows = rows.baseAddress else { return }
        let run = unsafe PlanRun(plan: self, input: input, rows: rows, arena: arena, count: count)
        if arena.threads == 1 {
          unsafe run.forEachAction { action, images in
            unsafe run.perform(action, images, ThreadShare(index: 0, count: 1))
          }
        } else {
          Threads.together(count: arena.threads) { member in
            unsafe run.forEachAction { action, images in
              unsafe run.perform(action, images, ThreadShare(index: member.index, count: member.count))
              member.wait()
            }
          }
        }
      }
    }
  }
}

/// The memory of one run, which all threads of the run share.
@unsafe struct PlanRun: @unchecked Sendable {
  private let kernels: KernelSet
  private let actions: [Plan.Action]
  private let firstBatchedAction: Int
  private let rowLength: Int
  private let rows: UnsafeMutablePointer<Float>
  private let sizes: ArenaSizes
  private let whole: Workspace

  init(
    plan: Plan, input: UnsafePointer<Float>, rows: UnsafeMutablePointer<Float>, arena: borrowing Arena,
    count: Int
  ) {
    unsafe kernels = plan.kernels
    unsafe actions = plan.actions
    unsafe firstBatchedAction = plan.firstBatchedAction
    unsafe rowLength = plan.rowLength
    unsafe sizes = plan.arenaSizes
    unsafe self.rows = rows
    unsafe whole = Workspace(
      input: input, values: arena.values.base, scratch: arena.scratch.base,
      pointers: UnsafeMutableRawPointer(arena.pointers.base).assumingMemoryBound(
        to: UnsafePointer<Float>.self),
      zeros: arena.zeros.base, inputCount: plan.inputCount, count: count,
      part: ThreadShare(index: 0, count: 1))
  }

  /// Calls `body` with every action and the images for which the action runs.
  func forEachAction(_ body: (Plan.Action, Range<Int>) -> Void) {
    let all = unsafe 0..<whole.count
    for image in all {
      for action in unsafe actions[..<firstBatchedAction] { body(action, image..<image + 1) }
    }
    for action in unsafe actions[firstBatchedAction...] { body(action, all) }
  }

  func perform(_ action: Plan.Action, _ images: Range<Int>, _ part: ThreadShare) {
    var workspace = unsafe whole
    unsafe workspace.image = images.lowerBound
    unsafe workspace.count = images.count
    unsafe workspace.part = part
    switch action {
    case .compute(let operation):
      unsafe workspace.scratch += part.index * sizes.scratch
      unsafe workspace.pointers += part.index * sizes.pointers
      unsafe operation.step.run(workspace, kernels: kernels)
    case .pool(let tap):
      if part.isFirst { unsafe tap.run(workspace, rows: rows, rowLength: rowLength) }
    }
  }
}

/// Pools one tapped value and writes the result to its place in the rows.
struct TapStep: Sendable {
  let column: Column
  let value: ActivationPlace
  let extent: ActivationExtents
  /// The index in a row of the column's first element.
  let offset: Int
  /// The length of the pooled vector.
  let dimensions: Int

  init(column: Column, value: ActivationPlace, shape: Shape, offset: Int) {
    self.column = column
    self.value = value
    self.extent = ActivationExtents(shape)
    self.offset = offset
    self.dimensions = TapStep.dimensions(shape, column.pooling)
  }

  @unsafe func run(_ workspace: Workspace, rows: UnsafeMutablePointer<Float>, rowLength: Int) {
    let source = unsafe workspace.read(value)
    for image in unsafe 0..<workspace.count {
      let x = unsafe source + image * extent.count
      let y = unsafe rows + (workspace.image + image) * rowLength + offset
      switch column.pooling {
      case .avg: unsafe PoolingKernels.average(x, extent, into: y)
      case .max: unsafe PoolingKernels.maximum(x, extent, into: y)
      case .avgmax:
        unsafe PoolingKernels.average(x, extent, into: y)
        unsafe PoolingKernels.maximum(x, extent, into: y + extent.channels)
      case .gem(_, let epsilon):
        unsafe PoolingKernels.generalizedMean(x, extent, epsilon: Float(epsilon), into: y)
      case .flatten:
        unsafe PoolingKernels.transpose(x, rows: extent.pixels, columns: extent.channels, into: y)
      case .none: unsafe y.update(from: x, count: extent.count)
      }
    }
  }

  /// The length of the pooled vector.
  static func dimensions(_ shape: Shape, _ pooling: Pooling) -> Int {
    switch pooling {
    case .avg, .max, .gem: shape[0]
    case .avgmax: 2 * shape[0]
    case .flatten, .none: shape.elementCount
    }
  }
}
