// The sliding window of convolutions and poolings. A window always has three spatial axes: if an input has one or two,
// axes of extent 1 are added in front.

import TapTensors

/// The rule for the padding: ONNX `auto_pad`.
package enum ONNXAutomaticPadding: String, Hashable, Sendable, CaseIterable {
  /// The padding is as given.
  case none = "NOTSET"
  case valid = "VALID"
  /// The output has ceil(extent / stride) positions. If the padding is odd, the larger half is behind the input.
  case sameUpper = "SAME_UPPER"
  /// The output has ceil(extent / stride) positions. If the padding is odd, the larger half is in front of the input.
  case sameLower = "SAME_LOWER"
}

/// The attributes of a window as a model gives them, with one value for each spatial axis.
package struct ONNXWindowAttributes: Hashable, Sendable {
  /// The extents of the window.
  package var kernel: [Int]
  /// The strides; nil is 1 for every axis.
  package var strides: [Int]?
  package var dilations: [Int]?
  /// The padding in front of all axes, then behind all axes; nil is 0 everywhere.
  package var pads: [Int]?
  package var automatic: ONNXAutomaticPadding
  /// Whether the output also has the last window, which begins before the end of the padding and ends behind this end.
  package var ceilMode: Bool

  package init(
    kernel: [Int], strides: [Int]? = nil, dilations: [Int]? = nil, pads: [Int]? = nil,
    automatic: ONNXAutomaticPadding = .none, ceilMode: Bool = false
  ) {
    self.kernel = kernel
    self.strides = strides
    self.dilations = dilations
    self.pads = pads
    self.automatic = automatic
    self.ceilMode = ceilMode
  }

  /// Checks that each value is in its range and that no value is missing.
  func checked(
    rank: Int
  ) throws(OperatorError) -> (kernel: [Int], strides: [Int], dilations: [Int], pads: [Int]) {
    let limit = ONNXTensor.elementLimit
    let pads = pads ?? [Int](repeating: 0, count: 2 * rank)
    let all = [
      ("kernel_shape", kernel, rank, 1), ("strides", strides ?? [Int](repeating: 1, count: rank), rank, 1),
      ("dilations", dilations ?? [Int](repeating: 1, count: rank), rank, 1), ("pads", pads, 2 * rank, 0),
    ]
    for (name, values, count, least) in all {
      guard values.count == count, values.allSatisfy({ $0 >= least && $0 <= limit }) else {
        throw .wrongValue(
          of: name, expected: "\(count) numbers from \(least) to \(limit)", found: "\(values)")
      }
    }
    _ = try Shape(ofResult: kernel)
    return (all[0].1, all[1].1, all[2].1, pads)
  }
}

/// A window over an input of known extents, with three spatial axes.
struct ONNXWindow {
  /// The extents of the input's spatial axes. `kernel` has the extents of the window, and `output` has the extents of
  /// the output.
  let input: [Int]
  let kernel: [Int]
  let output: [Int]
  let strides: [Int]
  let dilations: [Int]
  /// The padding in front of each axis.
  let before: [Int]
  /// The padding behind each axis.
  let after: [Int]
  /// The extents of the output, along the spatial axes that the input has.
  var outputExtents: [Int] { Array(output.suffix(rank)) }
  private let rank: Int

  /// - Parameter shape: `[n, c, spatial axes]`, with one to three spatial axes.
  init(_ shape: Shape, _ attributes: ONNXWindowAttributes) throws(OperatorError) {
    guard (3...5).contains(shape.rank) else {
      throw .wrongRank(of: "the input", expected: "3 to 5 (n, c, one to three spatial)", shape: shape)
    }
    rank = shape.rank - 2
    var (kernel, strides, dilations, pads) = try attributes.checked(rank: rank)
    var input = Array(shape.extents.dropFirst(2))
    var output: [Int] = []
    for axis in 0..<rank {
      let reach = (kernel[axis] - 1) * dilations[axis] + 1
      switch attributes.automatic {
      case .none: break
      case .valid:
        pads[axis] = 0
        pads[rank + axis] = 0
      case .sameUpper, .sameLower:
        let positions = (input[axis] + strides[axis] - 1) / strides[axis]
        let total = max(0, (positions - 1) * strides[axis] + reach - input[axis])
        guard total <= ONNXTensor.elementLimit else {
          throw .wrongValue(of: "the padding", expected: "to \(ONNXTensor.elementLimit)", found: "\(total)")
        }
        let half = attributes.automatic == .sameUpper ? total / 2 : total - total / 2
        pads[axis] = half
        pads[rank + axis] = total - half
      }
      let room = input[axis] + pads[axis] + pads[rank + axis] - reach
      guard room >= 0 else {
        throw .wrongShape(
          of: "the input", expected: "at least \(reach) with its padding in spatial axis \(axis)",
          found: shape)
      }
      var positions = room / strides[axis] + 1
      if attributes.ceilMode {
        positions = (room + strides[axis] - 1) / strides[axis] + 1
        if (positions - 1) * strides[axis] >= input[axis] + pads[axis] { positions -= 1 }
      }
      output.append(positions)
    }
    var before = Array(pads.prefix(rank))
    var after = Array(pads.suffix(rank))
    while input.count < 3 {
      input.insert(1, at: 0)
      output.insert(1, at: 0)
      kernel.insert(1, at: 0)
      strides.insert(1, at: 0)
      dilations.insert(1, at: 0)
      before.insert(0, at: 0)
      after.insert(0, at: 0)
    }
    self.input = input
    self.kernel = kernel
    self.output = output
    self.strides = strides
    self.dilations = dilations
    self.before = before
    self.after = after
  }

  /// For each output position of an axis, the range of window indices that are in the input: the first index, and the
  /// index after the last.
  func inside(_ axis: Int) -> [Range<Int>] {
    (0..<output[axis]).map { position in
      let start = position * strides[axis] - before[axis]
      let step = dilations[axis]
      let first = start >= 0 ? 0 : (-start + step - 1) / step
      let last = start >= input[axis] ? 0 : (input[axis] - start + step - 1) / step
      let lower = min(first, kernel[axis])
      return lower..<max(lower, min(last, kernel[axis]))
    }
  }
}
