// The largest value, the mean or the norm of the values in a window. Padding is ignored, unless a mean counts zeros of
// the padding as values.

import TapTensors

package enum ONNXPooling {
  /// ONNX `MaxPool`: the largest value of each window, and the index of this value in the whole input. The input is
  /// `x: [n, c, spatial]`, with one to three spatial axes. For a window that is completely in the padding, the value is
  /// the smallest value of the type and the index is -1.
  ///
  /// - Parameter columnMajor: whether the first spatial axis varies fastest in the indices (`storage_order = 1`).
  /// - Throws: ``OperatorError`` if the window does not fit.
  package static func maximum(
    _ x: ONNXTensor, _ attributes: ONNXWindowAttributes, columnMajor: Bool = false
  ) throws(OperatorError) -> (values: ONNXTensor, indices: ONNXTensor) {
    let window = try ONNXWindow(x.shape, attributes)
    let shape = try Shape(ofResult: Array(x.shape.extents.prefix(2)) + window.outputExtents)
    var indices: [Int] = []
    indices.reserveCapacity(shape.elementCount)
    let values: ONNXTensor
    switch x.storage {
    case .floats(let elements):
      forEachWindow(window, planes: x.shape.product(0..<2)) { positions in
        indices.append(positions.best { elements[$0] > elements[$1] })
      }
      values = x.picked(indices, shape: shape, fill: ONNXTensor(-.infinity))
    case .integers(let elements):
      forEachWindow(window, planes: x.shape.product(0..<2)) { positions in
        indices.append(positions.best { elements[$0] > elements[$1] })
      }
      let least = ONNXTensor(shape: [], integers: [x.type.integerRange.lowerBound], type: x.type)
      values = x.picked(indices, shape: shape, fill: least)
    }
    if columnMajor {
      let (depth, height, width) = (window.input[0], window.input[1], window.input[2])
      indices = indices.map { index in
        guard index >= 0 else { return index }
        let inPlane = index % (depth * height * width)
        let (z, y, x) = (inPlane / (height * width), inPlane / width % height, inPlane % width)
        return index - inPlane + (x * height + y) * depth + z
      }
    }
    return (values, ONNXTensor(shape: shape, integers: indices.map { Int64($0) }))
  }

  /// ONNX `AveragePool`: the mean of the values of each window. The input is `x: [n, c, spatial]`. If `countingPadding`
  /// is true, zeros of the padding count as values.
  ///
  /// - Throws: ``OperatorError`` if the window does not fit, and for integers.
  package static func average(
    _ x: ONNXTensor, _ attributes: ONNXWindowAttributes, countingPadding: Bool
  ) throws(OperatorError) -> ONNXTensor {
    try reduce(x, attributes) { elements, positions in
      var sum = 0.0
      positions.visit { sum += Double(elements[$0]) }
      let count = countingPadding ? positions.paddedCount : positions.count
      return count == 0 ? 0 : Float(sum / Double(count))
    }
  }

  /// ONNX `LpPool`: (Σ |x|^p)^(1/p) over the values of each window.
  ///
  /// - Throws: ``OperatorError`` if the window does not fit, for p < 1, and for integers.
  package static func norm(
    _ x: ONNXTensor, _ attributes: ONNXWindowAttributes, p: Int
  ) throws(OperatorError) -> ONNXTensor {
    guard p >= 1 else { throw .wrongValue(of: "p", expected: "at least 1", found: "\(p)") }
    return try reduce(x, attributes) { elements, positions in
      var sum = 0.0
      positions.visit { sum += ONNXTranscendental.pow(Double(elements[$0].magnitude), Double(p)) }
      return Float(ONNXTranscendental.pow(sum, 1 / Double(p)))
    }
  }

  private static func reduce(
    _ x: ONNXTensor, _ attributes: ONNXWindowAttributes, _ body: ([Float], WindowPositions) -> Float
  ) throws(OperatorError) -> ONNXTensor {
    let window = try ONNXWindow(x.shape, attributes)
    let shape = try Shape(ofResult: Array(x.shape.extents.prefix(2)) + window.outputExtents)
    let elements = try x.floats()
    var result: [Float] = []
    result.reserveCapacity(shape.elementCount)
    forEachWindow(window, planes: x.shape.product(0..<2)) { result.append(body(elements, $0)) }
    return ONNXTensor(shape: shape, floats: result, type: x.type)
  }

  /// Calls `body` with each window of each plane, in the order of the output.
  @inline(__always)
  private static func forEachWindow(_ window: ONNXWindow, planes: Int, _ body: (WindowPositions) -> Void) {
    let inside = (0..<3).map { window.inside($0) }
    let padded = (0..<3).map { axis in
      // Counts the window's positions before the end of the padding. In ceil mode, a window may also have positions
      // behind this end.
      (0..<window.output[axis]).map { position in
        let room =
          window.input[axis] + window.before[axis] + window.after[axis] - position * window.strides[axis]
        return min(window.kernel[axis], max(0, (room + window.dilations[axis] - 1) / window.dilations[axis]))
      }
    }
    let (depth, height, width) = (window.input[0], window.input[1], window.input[2])
    for plane in 0..<planes {
      for z in 0..<window.output[0] {
        for y in 0..<window.output[1] {
          for x in 0..<window.output[2] {
            let start = (
              z * window.strides[0] - window.before[0], y * window.strides[1] - window.before[1],
              x * window.strides[2] - window.before[2]
            )
            body(
              WindowPositions(
                z: inside[0][z], y: inside[1][y], x: inside[2][x],
                offset: plane * depth * height * width + (start.0 * height + start.1) * width + start.2,
                zStep: window.dilations[0] * height * width, yStep: window.dilations[1] * width,
                xStep: window.dilations[2], paddedCount: padded[0][z] * padded[1][y] * padded[2][x]))
          }
        }
      }
    }
  }
}

/// The positions of one window that are within the input.
private struct WindowPositions {
  let z: Range<Int>
  let y: Range<Int>
  let x: Range<Int>
  let offset: Int
  let zStep: Int
  let yStep: Int
  let xStep: Int
  /// The number of the window's positions that are in the input or in its padding.
  let paddedCount: Int

  var count: Int { z.count * y.count * x.count }

  @inline(__always)
  func visit(_ body: (Int) -> Void) {
    for i in z {
      for j in y {
        let row = offset + i * zStep + j * yStep
        for k in x { body(row + k * xStep) }
      }
    }
  }

  /// The first of the best positions; -1 if the window has no position in the input.
  @inline(__always)
  func best(_ isBetter: (Int, Int) -> Bool) -> Int {
    var best = -1
    visit { if best < 0 || isBetter($0, best) { best = $0 } }
    return best
  }
}
