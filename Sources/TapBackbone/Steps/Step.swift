// A step of a plan: an operator whose geometry, packed weights and places in memory are fixed.

import TapKernels
import TapTensors

/// One part of the work of a plan, for all images of a batch.
package protocol Step: Sendable {
  /// The algorithm of the step, in a few words for people.
  var algorithm: String { get }

  /// The number of floats of packed weights.
  var weightCount: Int { get }

  /// The number of input pointers in `run`'s scratch memory.
  var pointerCount: Int { get }

  /// The number of floats in `run`'s scratch memory.
  var scratchCount: Int { get }

  /// The number of zeros that `run` reads for pixels outside the image.
  var zeroCount: Int { get }

  /// The number of multiply-adds that `run` executes for one image.
  ///
  /// - Parameter multiplyAdds: the number of multiply-adds in the definition of the operators.
  func executedMultiplyAdds(_ multiplyAdds: Int) -> Int

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet)
}

extension Step {
  package var weightCount: Int { 0 }
  package var pointerCount: Int { 0 }
  package var scratchCount: Int { 0 }
  package var zeroCount: Int { 0 }
  package func executedMultiplyAdds(_ multiplyAdds: Int) -> Int { multiplyAdds }
}

/// The part of a plan from which a node's operator makes its step.
package struct StepContext {
  struct Operand {
    let place: ActivationPlace
    /// The logical shape.
    let shape: Shape
  }

  let inputs: [Operand]
  /// A convolution can write parts of wider pixels. All other operators write whole pixels.
  let output: ActivationView
  /// The logical shape of the output.
  let outputShape: Shape
  let kernels: KernelSet
  let algorithms: AlgorithmRule

  /// The first of the inputs.
  var input: Operand { inputs[0] }
  /// The size in memory of the first input.
  var from: ActivationExtents { ActivationExtents(input.shape) }
  /// The size in memory of the output.
  var to: ActivationExtents { ActivationExtents(outputShape) }
}

/// The size of a rank-3 value in memory: height x width pixels, each of `channels` neighboring floats.
struct ActivationExtents: Sendable, Hashable {
  let height: Int
  let width: Int
  let channels: Int

  init(_ shape: Shape) {
    if shape.rank == 3 {
      (channels, height, width) = (shape[0], shape[1], shape[2])
    } else {
      (channels, height, width) = (shape.elementCount, 1, 1)
    }
  }

  var pixels: Int { height * width }
  var count: Int { height * width * channels }
}
