// The positions of a transposed convolution's values in the result. A transposed window always has three spatial axes,
// as ``ONNXWindow`` has.

import TapTensors

struct ONNXTransposedWindow {
  private let input: [Int]
  private let kernel: [Int]
  private let output: [Int]
  private let strides: [Int]
  private let dilations: [Int]
  private let before: [Int]
  private let rank: Int

  /// The extents of the result's spatial axes.
  var outputExtents: [Int] { Array(output.suffix(rank)) }

  init(
    _ extents: [Int], _ attributes: ONNXWindowAttributes, outputPadding: [Int]?, outputExtents: [Int]?
  ) throws(OperatorError) {
    let rank = extents.count
    self.rank = rank
    let (kernel, strides, dilations, pads) = try attributes.checked(rank: rank)
    let limit = ONNXTensor.elementLimit
    let extra = outputPadding ?? [Int](repeating: 0, count: rank)
    guard extra.count == rank, extra.allSatisfy({ $0 >= 0 && $0 <= limit }) else {
      throw .wrongValue(of: "output_padding", expected: "\(rank) numbers from 0", found: "\(extra)")
    }
    // Some models give the extents of all axes; the last extents are the spatial extents.
    let wanted = outputExtents.map { Array($0.suffix(rank)) }
    if let wanted, wanted.count != rank || !wanted.allSatisfy({ $0 >= 0 && $0 <= limit }) {
      throw .wrongValue(of: "output_shape", expected: "\(rank) numbers from 0", found: "\(wanted)")
    }
    var output: [Int] = []
    var before: [Int] = []
    for axis in 0..<rank {
      let reach = (kernel[axis] - 1) * dilations[axis] + 1
      let full = max(extents[axis] - 1, 0) * strides[axis] + reach + extra[axis]
      var target = full - pads[axis] - pads[rank + axis]
      var front = pads[axis]
      let isSame = attributes.automatic == .sameUpper || attributes.automatic == .sameLower
      if wanted != nil || isSame {
        target = wanted?[axis] ?? extents[axis] * strides[axis]
        let total = max(full - target, 0)
        front = attributes.automatic == .sameUpper ? total / 2 : total - total / 2
      } else if attributes.automatic == .valid {
        target = full
        front = 0
      }
      output.append(target)
      before.append(front)
    }
    _ = try Shape(ofResult: output)
    input = Self.filled(extents, 1)
    self.kernel = Self.filled(kernel, 1)
    self.output = Self.filled(output, 1)
    self.strides = Self.filled(strides, 1)
    self.dilations = Self.filled(dilations, 1)
    self.before = Self.filled(before, 0)
  }

  private static func filled(_ values: [Int], _ value: Int) -> [Int] {
    [Int](repeating: value, count: 3 - values.count) + values
  }

  /// Adds each element of `columns`, [filters, kernel, input positions], at its output position in `result` (col2im).
  /// The values of `result`, [filters, output positions], begin at index `start`.
  func add(_ columns: [Float], filters: Int, to result: inout [Float], at start: Int) {
    var source = 0
    for filter in 0..<filters {
      let plane = start + filter * output[0] * output[1] * output[2]
      for kz in 0..<kernel[0] {
        for ky in 0..<kernel[1] {
          for kx in 0..<kernel[2] {
            for iz in 0..<input[0] {
              let z = iz * strides[0] + kz * dilations[0] - before[0]
              for iy in 0..<input[1] {
                let y = iy * strides[1] + ky * dilations[1] - before[1]
                if z >= 0 && z < output[0] && y >= 0 && y < output[1] {
                  let row = plane + (z * output[1] + y) * output[2]
                  var x = kx * dilations[2] - before[2]
                  for ix in 0..<input[2] {
                    if x >= 0 && x < output[2] { result[row + x] += columns[source + ix] }
                    x += strides[2]
                  }
                }
                source += input[2]
              }
            }
          }
        }
      }
    }
  }
}
