// Where a step finds its operands: the memory of one worker, seen through offsets that the plan fixed.

import TapTensors

/// A value's place: the caller's input, or an offset in the arena. Offsets and sizes are per image;
/// a batch's images lie one after another.
enum Place: Sendable, Hashable {
  case input
  case arena(offset: Int)
}

/// Scratch memory for running a plan; one a worker, made by ``Plan/makeArena()``.
public struct Arena: ~Copyable, Sendable {
  var values: AlignedBuffer<Float>
  var pointers: AlignedBuffer<UInt>
  let zeros: AlignedBuffer<Float>

  init(values: Int, pointers: Int, zeros: Int) {
    self.values = AlignedBuffer(count: values)
    self.pointers = AlignedBuffer(count: pointers)
    self.zeros = AlignedBuffer(count: zeros)
  }

  /// Bytes of memory held.
  public var byteCount: Int { (values.count + zeros.count) * 4 + pointers.count * 8 }
}

/// The memory of one run, for the steps.
@unsafe struct Workspace {
  let input: UnsafePointer<Float>
  let values: UnsafeMutablePointer<Float>
  /// Scratch for a step's table of input pointers.
  let pointers: UnsafeMutablePointer<UnsafePointer<Float>>
  let zeros: UnsafePointer<Float>
  /// Images in this run, at most the plan's batch.
  let count: Int

  func read(_ place: Place) -> UnsafePointer<Float> {
    switch place {
    case .input: unsafe input
    case .arena(let offset): unsafe UnsafePointer(values + offset)
    }
  }

  func write(_ place: Place) -> UnsafeMutablePointer<Float> {
    guard case .arena(let offset) = place else { preconditionFailure("the input is never written") }
    return unsafe values + offset
  }
}
