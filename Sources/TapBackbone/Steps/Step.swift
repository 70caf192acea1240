// A step of a plan: an operator whose geometry, packed weights and places in memory are fixed.

import TapKernels
import TapTensors

/// One part of the work of a plan, for all images of a batch.
enum Step: Sendable {
  case dense(DenseStep)
  case winograd(WinogradStep)
  case depthwise(DepthwiseStep)
  case banded(BandedStep)
  case elementwise(ElementwiseStep)
  case concatenate(ConcatenationStep)
  case windowPooling(WindowPoolingStep)
  case adaptiveAverage(AdaptiveAverageStep)
  case globalAverage(GlobalAverageStep)
  case layerNormalization(LayerNormalizationStep)
  case softmax(SoftmaxStep)
  case transpose(TransposeStep)
  case imported(ImportedNodeStep)

  /// Joins a depthwise convolution or a pooling and its neighbors, given in order, into one step.
  ///
  /// - Precondition: `steps` has a depthwise convolution or a pooling in the middle, at most one dense step before it,
  ///   and at most one after it.
  init(banded steps: [Step]) {
    var (first, middle, last): (DenseStep?, RowOperator?, DenseStep?)
    for step in steps {
      switch step {
      case .depthwise(let step): middle = .depthwise(step)
      case .windowPooling(let step): middle = .pooling(step)
      case .dense(let step): if middle == nil { first = step } else { last = step }
      case .winograd, .banded, .elementwise, .concatenate, .adaptiveAverage, .globalAverage,
        .layerNormalization, .softmax, .transpose, .imported:
        preconditionFailure("no band of \(step.algorithm)")
      }
    }
    guard let middle else { preconditionFailure("a band without a middle") }
    self = .banded(BandedStep(first: first, middle: middle, last: last))
  }

  @unsafe func run(_ workspace: Workspace, kernels: KernelSet) {
    switch self {
    case .dense(let step): unsafe step.run(workspace, kernels: kernels)
    case .winograd(let step): unsafe step.run(workspace, kernels: kernels)
    case .depthwise(let step): unsafe step.run(workspace, kernels: kernels)
    case .banded(let step): unsafe step.run(workspace, kernels: kernels)
    case .elementwise(let step): unsafe step.run(workspace, kernels: kernels)
    case .concatenate(let step): unsafe step.run(workspace)
    case .windowPooling(let step): unsafe step.run(workspace, kernels: kernels)
    case .adaptiveAverage(let step): unsafe step.run(workspace)
    case .globalAverage(let step): unsafe step.run(workspace)
    case .layerNormalization(let step): unsafe step.run(workspace, kernels: kernels)
    case .softmax(let step): unsafe step.run(workspace)
    case .transpose(let step): unsafe step.run(workspace)
    case .imported(let step): unsafe step.run(workspace)
    }
  }

  /// The algorithm of the step, in a few words for people.
  var algorithm: String {
    switch self {
    case .dense(let step): step.algorithm
    case .winograd: "winograd 3x3"
    case .depthwise(let step): step.algorithm
    case .banded(let step): step.algorithm
    case .elementwise: "elementwise"
    case .concatenate: "concatenation"
    case .windowPooling: "window pooling"
    case .adaptiveAverage, .globalAverage: "average"
    case .layerNormalization: "layer normalization"
    case .softmax: "softmax"
    case .transpose: "transposition"
    case .imported: "general"
    }
  }

  /// The number of floats of packed weights.
  var weightCount: Int {
    switch self {
    case .dense(let step): step.weightCount
    case .winograd(let step): step.weights.count
    case .depthwise(let step): step.weights.count
    case .banded(let step): step.weightCount
    case .elementwise, .concatenate, .windowPooling, .adaptiveAverage, .globalAverage, .layerNormalization,
      .softmax, .transpose, .imported:
      0
    }
  }

  /// The number of input pointers in `run`'s scratch memory.
  var pointerCount: Int {
    switch self {
    case .dense(let step): step.pointerCount
    case .winograd(let step): step.pointerCount
    case .depthwise(let step): step.kernel
    case .banded(let step): step.pointerCount
    case .windowPooling(let step): step.pointerCount
    case .elementwise, .concatenate, .adaptiveAverage, .globalAverage, .layerNormalization, .softmax,
      .transpose, .imported:
      0
    }
  }

  /// The number of floats in `run`'s scratch memory.
  var scratchCount: Int {
    switch self {
    case .dense(let step): step.scratchCount
    case .winograd(let step): step.scratchCount
    case .banded(let step): step.scratchCount
    case .depthwise, .elementwise, .concatenate, .windowPooling, .adaptiveAverage, .globalAverage,
      .layerNormalization, .softmax, .transpose, .imported:
      0
    }
  }

  /// The number of zeros that `run` reads for pixels outside the image.
  var zeroCount: Int {
    switch self {
    case .dense(let step): step.zeroCount
    case .winograd(let step): step.zeroCount
    case .depthwise(let step): step.zeroCount
    case .banded(let step): step.zeroCount
    case .elementwise, .concatenate, .windowPooling, .adaptiveAverage, .globalAverage, .layerNormalization,
      .softmax, .transpose, .imported:
      0
    }
  }
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
