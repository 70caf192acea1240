// The memory of one worker, in which a step finds its operands at offsets that the plan fixed.

import TapTensors

/// A value's place: the caller's input, or an offset in the arena. A batch's images are `imageStride` apart, or all in
/// one place if each image is finished before the next begins.
enum ActivationPlace: Sendable, Hashable {
  case input
  case arena(offset: Int, imageStride: Int)
}

/// A value as a step writes it: channels last, possibly between the channels of a concatenation.
struct ActivationView: Sendable, Hashable {
  let place: ActivationPlace
  /// Floats between the first channels of neighboring pixels.
  let pixelStride: Int
}

/// One thread's share of a step's work.
struct ThreadShare: Sendable {
  let index: Int
  /// The number of threads that share the step.
  let count: Int

  /// Its share of `0..<total`, which begins at a multiple of `unit`.
  func range(_ total: Int, multipleOf unit: Int) -> Range<Int> {
    let units = (total + unit - 1) / unit
    return min(index * units / count * unit, total)..<min((index + 1) * units / count * unit, total)
  }

  /// Whether it does the work that is not shared.
  var isFirst: Bool { index == 0 }
}

/// The number of elements of each kind of memory that a plan's steps need.
struct ArenaSizes: Sendable {
  /// Activations.
  let values: Int
  /// Memory that one step needs while it runs.
  let scratch: Int
  let pointers: Int
  let zeros: Int

  /// The number of bytes of an arena whose steps are shared by threads.
  func byteCount(threads: Int) -> Int { (values + threads * scratch + zeros) * 4 + threads * pointers * 8 }
}

/// Scratch memory for running a plan; one for each worker, made by ``Plan/makeArena(threads:)``.
package struct Arena: ~Copyable, Sendable {
  var values: AlignedBuffer<Float>
  var scratch: AlignedBuffer<Float>
  var pointers: AlignedBuffer<UInt>
  let zeros: AlignedBuffer<Float>
  /// The number of threads that share each step.
  let threads: Int

  init(_ sizes: ArenaSizes, threads: Int) {
    self.threads = threads
    self.values = AlignedBuffer(count: sizes.values)
    self.scratch = AlignedBuffer(count: sizes.scratch * threads)
    self.pointers = AlignedBuffer(count: sizes.pointers * threads)
    self.zeros = AlignedBuffer(count: sizes.zeros)
  }
}

/// The memory of one run, for the steps.
@unsafe struct Workspace {
  let input: UnsafePointer<Float>
  let values: UnsafeMutablePointer<Float>
  /// For a step while it runs.
  var scratch: UnsafeMutablePointer<Float>
  /// For a step's table of input pointers.
  var pointers: UnsafeMutablePointer<UnsafePointer<Float>>
  let zeros: UnsafePointer<Float>
  /// Floats of one image of the input.
  let inputCount: Int
  /// The images to compute: the first, and their number, at most the plan's batch.
  var image = 0
  var count: Int
  /// The share of a step to compute.
  var part: ThreadShare

  func read(_ place: ActivationPlace) -> UnsafePointer<Float> {
    switch place {
    case .input: unsafe input + image * inputCount
    case .arena(let offset, let imageStride): unsafe UnsafePointer(values + offset + image * imageStride)
    }
  }

  func write(_ view: ActivationView) -> UnsafeMutablePointer<Float> { unsafe write(view.place) }

  func write(_ place: ActivationPlace) -> UnsafeMutablePointer<Float> {
    guard case .arena(let offset, let imageStride) = place else {
      preconditionFailure("the input is never written")
    }
    return unsafe values + offset + image * imageStride
  }
}
