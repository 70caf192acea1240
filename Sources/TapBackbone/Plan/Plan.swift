// A backbone made executable for given taps: immutable, shared by all workers. Each worker brings its
// own arena.

import TapKernels
import TapProvenance
import TapTensors

/// The steps from a preprocessed picture to pooled feature vectors, as deep as the deepest tap.
///
/// The bytes of a column depend on the backbone, the column and the input size alone: not on the
/// other columns, the batch, the number of threads or the instruction set.
public struct Plan: Sendable {
  /// What a row holds, in order.
  public let columns: [Column]
  /// The length of each column's vector.
  public let dimensions: [Int]
  /// The length of a row: the sum of `dimensions`.
  public let rowLength: Int
  /// Floats of one preprocessed picture: `size * size * 3`.
  public let inputCount: Int
  /// The side of the input in pixels.
  public let size: Int
  /// The most pictures that one call of `run` takes.
  public let batch: Int
  /// What the plan's kernels were chosen for.
  public let instructionSet: InstructionSet

  /// How many operators run, after fusion.
  package var stepCount: Int { actions.count - columns.count }
  /// Floats that an arena holds for activations.
  package var arenaCount: Int { arenaSizes.values }

  /// What is done one after another.
  enum Action: Sendable {
    case compute(Step)
    case pool(TapStep)
  }

  let actions: [Action]
  let kernels: KernelSet
  let arenaSizes: (values: Int, pointers: Int, zeros: Int)

  /// Scratch memory for one worker.
  public func makeArena() -> Arena {
    Arena(values: arenaSizes.values, pointers: arenaSizes.pointers, zeros: arenaSizes.zeros)
  }

  /// Runs `count` pictures.
  ///
  /// - Parameters:
  ///   - input: `[count, size, size, 3]`, preprocessed, channels in the preprocessing's order.
  ///   - count: 1 to `batch`.
  ///   - arena: made by `makeArena()` of this plan.
  ///   - rows: `[count, rowLength]`, the columns one after another.
  public func run(
    _ input: Span<Float>, count: Int, arena: inout Arena, into rows: inout MutableSpan<Float>
  ) {
    precondition(count >= 1 && count <= batch, "\(count) pictures in a batch of \(batch)")
    precondition(input.count == count * inputCount, "\(input.count) floats are not \(count) pictures")
    precondition(rows.count == count * rowLength, "\(rows.count) floats are not \(count) rows")
    unsafe input.withUnsafeBufferPointer { input in
      unsafe rows.withUnsafeMutableBufferPointer { rows in
        guard let input = input.baseAddress, let rows = rows.baseAddress else { return }
        let workspace = unsafe Workspace(
          input: input, values: arena.values.base,
          pointers: UnsafeMutableRawPointer(arena.pointers.base).assumingMemoryBound(
            to: UnsafePointer<Float>.self),
          zeros: arena.zeros.base, count: count)
        for action in actions {
          switch action {
          case .compute(let step): unsafe step.run(workspace, kernels: kernels)
          case .pool(let tap): unsafe tap.run(workspace, rows: rows, rowLength: rowLength)
          }
        }
      }
    }
  }
}

/// Pools one tapped value into its place in the rows.
struct TapStep: Sendable {
  let value: Place
  let extent: Extent
  let pooling: Pooling
  /// The column's first element in a row.
  let offset: Int
  /// The length of the pooled vector.
  let dimensions: Int

  init(value: Place, shape: Shape, pooling: Pooling, offset: Int) {
    self.value = value
    self.extent = Extent(shape)
    self.pooling = pooling
    self.offset = offset
    self.dimensions = TapStep.dimensions(shape, pooling)
  }

  @unsafe func run(_ workspace: Workspace, rows: UnsafeMutablePointer<Float>, rowLength: Int) {
    let source = unsafe workspace.read(value)
    for image in unsafe 0..<workspace.count {
      let x = unsafe source + image * extent.count
      let y = unsafe rows + image * rowLength + offset
      switch pooling {
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
