// Softmax and related functions along runs of elements. Exponentials and sums are computed in double precision, and
// each result is rounded once.

import TapTensors

package enum ONNXSoftmax {
  /// The elements over which one softmax is computed.
  package enum Run: Hashable, Sendable {
    /// The elements along one axis, as in opset 13 and later.
    case along(axis: Int)
    /// The elements of the axis `axis` and of all axes after it, as before opset 13.
    case from(axis: Int)
  }

  /// ONNX `Softmax`: e^(x - max) / Σ e^(x - max).
  package static func softmax(_ x: ONNXTensor, _ run: Run) throws(OperatorError) -> ONNXTensor {
    try map(x, run) { values in
      let greatest = values.max() ?? 0
      var sum = 0.0
      for i in values.indices {
        values[i] = ONNXTranscendental.exp(values[i] - greatest)
        sum += values[i]
      }
      for i in values.indices { values[i] /= sum }
    }
  }

  /// ONNX `LogSoftmax`: x - max - ln Σ e^(x - max).
  package static func logSoftmax(_ x: ONNXTensor, _ run: Run) throws(OperatorError) -> ONNXTensor {
    try map(x, run) { values in
      let greatest = values.max() ?? 0
      var sum = 0.0
      for value in values { sum += ONNXTranscendental.exp(value - greatest) }
      let logarithm = ONNXTranscendental.log(sum)
      for i in values.indices { values[i] = values[i] - greatest - logarithm }
    }
  }

  /// ONNX `Hardmax`: 1 at the first of the largest elements, 0 at all others.
  package static func hardmax(_ x: ONNXTensor, _ run: Run) throws(OperatorError) -> ONNXTensor {
    try map(x, run) { values in
      var best = 0
      for i in values.indices where values[i] > values[best] { best = i }
      for i in values.indices { values[i] = i == best ? 1 : 0 }
    }
  }

  private static func map(
    _ x: ONNXTensor, _ run: Run, _ body: (inout [Double]) -> Void
  ) throws(OperatorError) -> ONNXTensor {
    let count: Int
    let step: Int
    switch run {
    case .along(let axis):
      let axis = try x.shape.axis(axis)
      count = x.shape[axis]
      step = x.shape.product(axis + 1..<x.rank)
    case .from(let axis):
      // The axis may be equal to the rank: every element is then a run of its own.
      let axis = axis == x.rank ? axis : try x.shape.axis(axis)
      count = x.shape.product(axis..<x.rank)
      step = 1
    }
    var elements = try x.floats()
    guard !elements.isEmpty else { return x }
    var values = [Double](repeating: 0, count: count)
    for outer in 0..<elements.count / (count * step) {
      for inner in 0..<step {
        let start = outer * count * step + inner
        for i in 0..<count { values[i] = Double(elements[start + i * step]) }
        body(&values)
        for i in 0..<count { elements[start + i * step] = Float(values[i]) }
      }
    }
    return ONNXTensor(shape: x.shape, floats: elements, type: x.type)
  }
}
