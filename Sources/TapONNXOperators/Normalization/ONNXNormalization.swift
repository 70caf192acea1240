// Normalizations of floats. The statistics come from the input, or from the training data. Sums are computed in double
// precision, and each result is rounded once.

import TapTensors

package enum ONNXNormalization {
  /// ONNX `BatchNormalization` for inference: scale (x - mean) / √(variance + epsilon) + bias. Scale, bias, mean and
  /// variance are vectors with one element for each channel; the channels are axis 1.
  ///
  /// - Throws: ``OperatorError`` unless the shape of each vector is `[channels]`.
  package static func batch(
    _ x: ONNXTensor, scale: ONNXTensor, bias: ONNXTensor, mean: ONNXTensor, variance: ONNXTensor,
    epsilon: Float
  ) throws(OperatorError) -> ONNXTensor {
    let channels = x.rank < 2 ? 1 : x.shape[1]
    let inner = x.rank < 2 ? 1 : x.shape.product(2..<x.rank)
    let means = try vector(mean, "the mean", channels)
    let variances = try vector(variance, "the variance", channels)
    let scales = try vector(scale, "the scale", channels)
    let biases = try vector(bias, "the bias", channels)
    let factors = (0..<channels).map { scales[$0] / (variances[$0] + Double(epsilon)).squareRoot() }
    var elements = try x.floats()
    forEachBlock(elements.count, inner) { block, range in
      let channel = block % channels
      for i in range {
        elements[i] = Float((Double(elements[i]) - means[channel]) * factors[channel] + biases[channel])
      }
    }
    return ONNXTensor(shape: x.shape, floats: elements, type: x.type)
  }

  /// ONNX `BatchNormalization` for training. Mean and variance are computed from the input, over all axes except the
  /// axis of the channels.
  ///
  /// - Returns: the normalized values, the running mean and the running variance. A running value is `momentum` times
  ///   the given value plus (1 - `momentum`) times the value of the input.
  /// - Throws: ``OperatorError`` unless the shape of each vector is `[channels]`.
  package static func batchOfItsOwn(
    _ x: ONNXTensor, scale: ONNXTensor, bias: ONNXTensor, mean: ONNXTensor, variance: ONNXTensor,
    epsilon: Float, momentum: Float
  ) throws(OperatorError) -> (values: ONNXTensor, mean: ONNXTensor, variance: ONNXTensor) {
    guard x.rank >= 2 else { throw .wrongRank(of: "the input", expected: "2 or more", shape: x.shape) }
    let (channels, inner) = (x.shape[1], x.shape.product(2..<x.rank))
    let former = (
      try vector(mean, "the mean", channels), try vector(variance, "the variance", channels)
    )
    let (scales, biases) = (
      try vector(scale, "the scale", channels), try vector(bias, "the bias", channels)
    )
    var elements = try x.floats()
    let count = Double(x.shape[0] * inner)
    var (sums, squares) = ([Double](repeating: 0, count: channels), [Double](repeating: 0, count: channels))
    forEachBlock(elements.count, inner) { block, range in
      for i in range { sums[block % channels] += Double(elements[i]) }
    }
    let means = sums.map { $0 / count }
    forEachBlock(elements.count, inner) { block, range in
      for i in range {
        let difference = Double(elements[i]) - means[block % channels]
        squares[block % channels] += difference * difference
      }
    }
    let variances = squares.map { $0 / count }
    forEachBlock(elements.count, inner) { block, range in
      let channel = block % channels
      let factor = scales[channel] / (variances[channel] + Double(epsilon)).squareRoot()
      for i in range {
        elements[i] = Float((Double(elements[i]) - means[channel]) * factor + biases[channel])
      }
    }
    func running(_ former: [Double], _ current: [Double], as type: ElementType) -> ONNXTensor {
      let values = zip(former, current).map { Float($0 * Double(momentum) + $1 * (1 - Double(momentum))) }
      return ONNXTensor(shape: [channels], floats: values, type: type)
    }
    return (
      ONNXTensor(shape: x.shape, floats: elements, type: x.type),
      running(former.0, means, as: mean.type), running(former.1, variances, as: variance.type)
    )
  }

  /// ONNX `InstanceNormalization`: scale (x - mean) / √(variance + epsilon) + bias. Mean and variance are computed for
  /// each channel of each image. The shape of x is `[n, channels, …]`; the shape of scale and bias is `[channels]`.
  package static func instance(
    _ x: ONNXTensor, scale: ONNXTensor, bias: ONNXTensor, epsilon: Float
  ) throws(OperatorError) -> ONNXTensor {
    guard x.rank >= 2 else { throw .wrongRank(of: "the input", expected: "2 or more", shape: x.shape) }
    return try group(x, scale: scale, bias: bias, groups: x.shape[1], epsilon: epsilon)
  }

  /// ONNX `GroupNormalization`: scale (x - mean) / √(variance + epsilon) + bias. Mean and variance are computed over a
  /// group of channels. The shape of scale and bias is `[channels]`, or `[groups]` before opset 21.
  package static func group(
    _ x: ONNXTensor, scale: ONNXTensor, bias: ONNXTensor, groups: Int, epsilon: Float
  ) throws(OperatorError) -> ONNXTensor {
    guard x.rank >= 2 else { throw .wrongRank(of: "the input", expected: "2 or more", shape: x.shape) }
    let channels = x.shape[1]
    guard groups >= 1 && channels % groups == 0 || channels == 0 else {
      throw .wrongValue(of: "num_groups", expected: "a divisor of \(channels) channels", found: "\(groups)")
    }
    let perGroup = scale.count == groups && groups != channels
    let scales = try vector(scale, "the scale", perGroup ? groups : channels)
    let biases = try vector(bias, "the bias", perGroup ? groups : channels)
    var elements = try x.floats()
    guard !elements.isEmpty else { return x }
    let inner = x.shape.product(2..<x.rank)
    let size = channels / groups
    forEachBlock(elements.count, size * inner) { block, range in
      let (mean, inverse) = standardization(elements, range, epsilon)
      for i in range {
        let channel = block % groups * size + (i - range.lowerBound) / inner
        let parameter = perGroup ? channel / size : channel
        elements[i] = Float((Double(elements[i]) - mean) * inverse * scales[parameter] + biases[parameter])
      }
    }
    return ONNXTensor(shape: x.shape, floats: elements, type: x.type)
  }

  /// ONNX `LayerNormalization`: scale (x - mean) / √(variance + epsilon) + bias over the axes from `axis` on.
  ///
  /// - Returns: the normalized values, the means, and the reciprocals of the standard deviations. In the means and the
  ///   reciprocals, the normalized axes have extent 1.
  package static func layer(
    _ x: ONNXTensor, scale: ONNXTensor, bias: ONNXTensor?, axis: Int, epsilon: Float
  ) throws(OperatorError) -> (values: ONNXTensor, means: ONNXTensor, inverseDeviations: ONNXTensor) {
    let axis = try x.shape.axis(axis)
    let inner = x.shape.product(axis..<x.rank)
    var elements = try x.floats()
    var means: [Float] = []
    var inverses: [Float] = []
    forEachBlock(elements.count, inner) { _, range in
      let (mean, inverse) = standardization(elements, range, epsilon)
      for i in range { elements[i] = Float((Double(elements[i]) - mean) * inverse) }
      means.append(Float(mean))
      inverses.append(Float(inverse))
    }
    let normalized = ONNXTensor(shape: x.shape, floats: elements, type: x.type)
    let reduced = try Shape(ofResult: x.shape.extents[..<axis] + x.shape.extents[axis...].map { _ in 1 })
    // The loop above computes no statistics for an empty input. Its statistics are set to 0.
    if means.count != reduced.elementCount {
      means = [Float](repeating: 0, count: reduced.elementCount)
      inverses = means
    }
    return (
      try affine(normalized, scale, bias), ONNXTensor(shape: reduced, floats: means),
      ONNXTensor(shape: reduced, floats: inverses)
    )
  }

  /// ONNX `RMSNormalization`: scale x / √(mean of x² + epsilon) over the axes from `axis` on.
  package static func rootMeanSquare(
    _ x: ONNXTensor, scale: ONNXTensor, axis: Int, epsilon: Float
  ) throws(OperatorError) -> ONNXTensor {
    let axis = try x.shape.axis(axis)
    var elements = try x.floats()
    forEachBlock(elements.count, x.shape.product(axis..<x.rank)) { _, range in
      var sum = 0.0
      for i in range { sum += Double(elements[i]) * Double(elements[i]) }
      let inverse = 1 / (sum / Double(range.count) + Double(epsilon)).squareRoot()
      for i in range { elements[i] = Float(Double(elements[i]) * inverse) }
    }
    return try affine(ONNXTensor(shape: x.shape, floats: elements, type: x.type), scale, nil)
  }

  /// ONNX `MeanVarianceNormalization`: (x - mean) / (√variance + 1e-9) over `axes`.
  package static func meanVariance(_ x: ONNXTensor, axes: [Int]) throws(OperatorError) -> ONNXTensor {
    let mean = try ONNXReductions.reduce(x, .mean, axes: axes, keepingAxes: true)
    let centered = try ONNXArithmetic.subtract(x, mean)
    let variance = try ONNXReductions.reduce(
      try ONNXArithmetic.multiply(centered, centered), .mean, axes: axes, keepingAxes: true)
    let deviation = try ONNXActivations.map(variance) { $0.squareRoot() + 1e-9 }
    return try ONNXArithmetic.divide(centered, deviation)
  }

  /// ONNX `LpNormalization`: x / (Σ |x|^p)^(1/p) along an axis, for p = 1 or p = 2. The result is 0 if the norm is 0.
  package static func norm(_ x: ONNXTensor, axis: Int, p: Int) throws(OperatorError) -> ONNXTensor {
    guard p == 1 || p == 2 else { throw .wrongValue(of: "p", expected: "1 or 2", found: "\(p)") }
    let norm = try ONNXReductions.reduce(x, p == 1 ? .l1 : .l2, axes: [axis], keepingAxes: true)
    let result = try ONNXBroadcasting.map(try x.floats(), x.shape, try norm.floats(), norm.shape) {
      $1 == 0 ? 0 : $0 / $1
    }
    return ONNXTensor(shape: x.shape, floats: result.elements, type: x.type)
  }

  /// ONNX `LRN`: x / (bias + alpha / size · Σ x²)^beta. The sum is over `size` channels: ⌊(size - 1) / 2⌋ channels
  /// before each channel, the channel itself, and ⌈(size - 1) / 2⌉ channels after it.
  package static func localResponse(
    _ x: ONNXTensor, size: Int, alpha: Float, beta: Float, bias: Float
  ) throws(OperatorError) -> ONNXTensor {
    guard x.rank >= 2 else { throw .wrongRank(of: "the input", expected: "2 or more", shape: x.shape) }
    guard size >= 1 && size <= ONNXTensor.elementLimit else {
      throw .wrongValue(of: "size", expected: "at least 1", found: "\(size)")
    }
    let (images, channels) = (x.shape[0], x.shape[1])
    let inner = x.shape.product(2..<x.rank)
    let elements = try x.floats()
    var result = elements
    let factor = Double(alpha) / Double(size)
    for image in 0..<images {
      let start = image * channels * inner
      for channel in 0..<channels {
        let first = max(0, channel - (size - 1) / 2)
        let last = min(channels - 1, channel + size / 2)
        for i in 0..<inner {
          var sum = 0.0
          for other in first...last {
            let value = Double(elements[start + other * inner + i])
            sum += value * value
          }
          let index = start + channel * inner + i
          let base = Double(bias) + factor * sum
          result[index] = Float(Double(elements[index]) * ONNXTranscendental.pow(base, -Double(beta)))
        }
      }
    }
    return ONNXTensor(shape: x.shape, floats: result, type: x.type)
  }

  /// The mean and 1 / √(variance + epsilon) of some elements.
  private static func standardization(
    _ elements: [Float], _ range: Range<Int>, _ epsilon: Float
  ) -> (mean: Double, inverse: Double) {
    var sum = 0.0
    for i in range { sum += Double(elements[i]) }
    let mean = sum / Double(range.count)
    var squares = 0.0
    for i in range {
      let difference = Double(elements[i]) - mean
      squares += difference * difference
    }
    return (mean, 1 / (squares / Double(range.count) + Double(epsilon)).squareRoot())
  }

  /// scale · x + bias. Scale and bias broadcast to x.
  private static func affine(
    _ x: ONNXTensor, _ scale: ONNXTensor, _ bias: ONNXTensor?
  ) throws(OperatorError) -> ONNXTensor {
    for (parameter, name) in [(scale, "the scale"), (bias ?? scale, "the bias")] {
      guard try ONNXBroadcasting.shape([x.shape, parameter.shape]) == x.shape else {
        throw .wrongShape(of: name, expected: "one that broadcasts to \(x.shape)", found: parameter.shape)
      }
    }
    let scaled = try ONNXArithmetic.multiply(x, ONNXUnaryFunctions.cast(scale, to: x.type))
    guard let bias else { return scaled }
    return try ONNXArithmetic.add(scaled, ONNXUnaryFunctions.cast(bias, to: x.type))
  }

  private static func vector(
    _ value: ONNXTensor, _ name: String, _ count: Int
  ) throws(OperatorError) -> [Double] {
    guard value.count == count else {
      throw .wrongShape(of: name, expected: "[\(count)]", found: value.shape)
    }
    return try value.floats(name).map { Double($0) }
  }

  private static func forEachBlock(_ count: Int, _ size: Int, _ body: (Int, Range<Int>) -> Void) {
    guard count > 0 else { return }
    for block in 0..<count / size { body(block, block * size..<(block + 1) * size) }
  }
}
