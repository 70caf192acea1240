// The memory of one worker. The plan has fixed the offset of each operand of a step.

import TapTensors

/// The place of a value: the caller's input, or an offset in the arena. The images of a batch are `imageStride` apart.
/// They share one place if each image is finished before the next begins.
enum ActivationPlace: Sendable, Hashable {
  case input
  case arena(offset: Int, imageStride: Int)
}

/// A value as a step writes it: channels-last. Its pixels can be parts of the wider pixels of a concatenation.
struct ActivationView: Sendable, Hashable {
  let place: ActivationPlace
  /// The number of floats from the first channel of a pixel to the first channel of the next pixel.
  let pixelStride: Int
}

/// One thread's share of a step's work.
struct ThreadShare: Sendable {
  let index: Int
  /// The number of threads that share the step.
  let count: Int

  /// This thread's range of `0..<total`; it begins at a multiple of `unit`.
  func range(_ total: Int, multipleOf unit: Int) -> Range<Int> {
    let units = (total + unit - 1) / unit
    return min(index * units / count * unit, total)..<min((index + 1) * units / count * unit, total)
  }

  /// Whether this thread does the work that is not shared.
  var isFirst: Bool { index == 0 }
}

/// The number of elements of each kind of memory that a plan's steps need.
struct ArenaSizes: Sendable {
  /// The number of floats for activations.
  let values: Int
  /// The number of floats that one step needs only while it runs.
  let scratch: Int
  let pointers: Int
  let zeros: Int

  /// The number of bytes of an arena if `threads` threads share each step.
  func byteCount(threads: Int) -> Int { (values + threads * scratch + zeros) * 4 + threads * pointers * 8 }
}

/// The scratch memory for running a plan. Each worker has one arena, made by ``Plan/makeArena(threads:)``.
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

/// The memory of one run, as the steps use it.
@unsafe package struct Workspace {
  let input: UnsafePointer<Float>
  let values: UnsafeMutablePointer<Float>
  /// Memory that a step uses while it runs.
  var scratch: UnsafeMutablePointer<Float>
  /// Memory for the table of input pointers that a step uses while it runs.
  var pointers: UnsafeMutablePointer<UnsafePointer<Float>>
  let zeros: UnsafePointer<Float>
  /// The number of floats of one input image.
  let inputCount: Int
  /// The first of the images to compute. `count` is the number of these images, at most the plan's batch.
  var image = 0
  var count: Int
  /// The share of a step that this thread computes.
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
