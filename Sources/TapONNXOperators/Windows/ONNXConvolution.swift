// Convolution as a matrix product. The right matrix of the product is never stored: its panels are read from the padded
// input.

import TapTensors

package enum ONNXConvolution {
  /// ONNX `Conv`: y[n, m, o] = bias[m] + Σ over c, k of w[m, c, k] · x[n, c', o · stride - pad + k · dilation]. Here c'
  /// is channel c of the filter's group.
  ///
  /// - Parameters:
  ///   - x: the input, `[n, channels, spatial]`, with one to three spatial axes.
  ///   - weights: the filters, `[m, channels / groups, kernel]`.
  ///   - bias: a number for each filter, `[m]`.
  ///   - attributes: the attributes of the window. If their kernel is empty, the kernel's extents are taken from
  ///     `weights`.
  /// - Returns: `[n, m, positions]`.
  /// - Throws: ``OperatorError`` for shapes that do not fit, and for integers.
  package static func convolve(
    _ x: ONNXTensor, weights: ONNXTensor, bias: ONNXTensor?, groups: Int, _ attributes: ONNXWindowAttributes
  ) throws(OperatorError) -> ONNXTensor {
    guard weights.rank == x.rank, x.rank >= 3 else {
      throw .wrongRank(of: "the weights", expected: "\(max(x.rank, 3)) as the input", shape: weights.shape)
    }
    let kernel = Array(weights.shape.extents.dropFirst(2))
    var attributes = attributes
    if attributes.kernel.isEmpty { attributes.kernel = kernel }
    guard attributes.kernel == kernel else {
      throw .wrongShape(of: "the weights", expected: "a window of \(attributes.kernel)", found: weights.shape)
    }
    let window = try ONNXWindow(x.shape, attributes)
    let (batch, channels, filters) = (x.shape[0], x.shape[1], weights.shape[0])
    guard groups >= 1, channels % groups == 0, filters % groups == 0 else {
      throw .wrongValue(
        of: "group", expected: "a divisor of \(channels) channels and \(filters) filters", found: "\(groups)")
    }
    guard weights.shape[1] == channels / groups else {
      throw .wrongShape(of: "the weights", expected: "\(channels / groups) channels", found: weights.shape)
    }
    let shape = try Shape(ofResult: [batch, filters] + window.outputExtents)
    let positions = shape.product(2..<shape.rank)
    var result = try startingValue(shape, bias, filters: filters)
    let padded = try ONNXPaddedInput(x, window)
    let bases = padded.positionOffsets(window)
    let taps = padded.tapOffsets(window, channels: channels / groups)
    let filterCount = filters / groups
    let w = try weights.floats("the weights")
    guard positions > 0, !taps.isEmpty else { return ONNXTensor(shape: shape, floats: result, type: x.type) }
    for image in 0..<batch {
      let elements = padded.image(image)
      for group in 0..<groups {
        let start = group * (channels / groups) * padded.channelCount
        ONNXMatrixKernel.multiply(
          w, at: group * filterCount * taps.count, into: &result,
          at: (image * filters + group * filterCount) * positions, rows: filterCount, columns: positions,
          depth: taps.count
        ) { depth, column, panel in
          fill(&panel, from: elements, start, taps, depth, bases, column)
        }
      }
    }
    return ONNXTensor(shape: shape, floats: result, type: x.type)
  }

  /// ONNX `ConvTranspose`. For every position p of the input, the product w[c, m, k] · x[n, c, p] is added to the
  /// result. Its position in the result is p · stride + k · dilation - pad. The bias is added to every element.
  ///
  /// - Parameters:
  ///   - x: the input, `[n, channels, spatial]`, with one to three spatial axes.
  ///   - weights: the filters, `[channels, m / groups, kernel]`.
  ///   - outputPadding: elements to add at the end of each spatial axis; nil is 0.
  ///   - outputExtents: the spatial extents of the result, from which the padding is computed.
  /// - Throws: ``OperatorError`` for shapes that do not fit, and for integers.
  package static func convolveTransposed(
    _ x: ONNXTensor, weights: ONNXTensor, bias: ONNXTensor?, groups: Int, _ attributes: ONNXWindowAttributes,
    outputPadding: [Int]? = nil, outputExtents: [Int]? = nil
  ) throws(OperatorError) -> ONNXTensor {
    guard (3...5).contains(x.rank) else {
      throw .wrongRank(of: "the input", expected: "3 to 5 (n, c, one to three spatial)", shape: x.shape)
    }
    guard weights.rank == x.rank else {
      throw .wrongRank(of: "the weights", expected: "\(x.rank) as the input", shape: weights.shape)
    }
    let (batch, channels) = (x.shape[0], x.shape[1])
    guard weights.shape[0] == channels, groups >= 1, channels % groups == 0 else {
      throw .wrongShape(
        of: "the weights", expected: "\(channels) channels in \(groups) groups", found: weights.shape)
    }
    let filterCount = weights.shape[1]
    var attributes = attributes
    let kernel = Array(weights.shape.extents.dropFirst(2))
    if attributes.kernel.isEmpty { attributes.kernel = kernel }
    guard attributes.kernel == kernel else {
      throw .wrongShape(of: "the weights", expected: "a window of \(attributes.kernel)", found: weights.shape)
    }
    let scatter = try ONNXTransposedWindow(
      Array(x.shape.extents.dropFirst(2)), attributes, outputPadding: outputPadding,
      outputExtents: outputExtents)
    let filters = try Shape(ofResult: [filterCount, groups]).elementCount
    let shape = try Shape(ofResult: [batch, filters] + scatter.outputExtents)
    var result = try startingValue(shape, bias, filters: filters)

    let depth = channels / groups
    let kernelCount = weights.shape.product(2..<weights.rank)
    let positions = x.shape.product(2..<x.rank)
    let outputs = shape.product(2..<shape.rank)
    let rows = try Shape(ofResult: [filterCount, kernelCount]).elementCount
    let columnCount = try Shape(ofResult: [rows, positions]).elementCount
    // The transposed weights are the left matrix of the product. Its first axes are the filters and the positions of
    // the kernel.
    let turned = try weights.strided(
      shape: Shape(ofResult: [groups, rows, depth]), offset: 0, strides: [depth * rows, 1, rows]
    ).floats("the weights")
    let input = try x.floats()
    for image in 0..<batch {
      for group in 0..<groups {
        var columns = [Float](repeating: 0, count: columnCount)
        let start = (image * channels + group * depth) * positions
        ONNXMatrixKernel.multiply(
          turned, at: group * rows * depth, into: &columns, at: 0, rows: rows, columns: positions,
          depth: depth
        ) { range, column, panel in
          var target = 0
          for channel in range {
            for lane in 0..<ONNXMatrixKernel.panelWidth {
              panel[target + lane] =
                column + lane < positions ? input[start + channel * positions + column + lane] : 0
            }
            target += ONNXMatrixKernel.panelWidth
          }
        }
        scatter.add(
          columns, filters: filterCount, to: &result, at: (image * filters + group * filterCount) * outputs)
      }
    }
    return ONNXTensor(shape: shape, floats: result, type: x.type)
  }

  /// A result that is filled with the bias; without a bias, filled with 0.
  private static func startingValue(
    _ shape: Shape, _ bias: ONNXTensor?, filters: Int
  ) throws(OperatorError) -> [Float] {
    var result = [Float](repeating: 0, count: shape.elementCount)
    guard let bias else { return result }
    guard bias.shape == Shape([filters]) else {
      throw .wrongShape(of: "the bias", expected: "[\(filters)]", found: bias.shape)
    }
    let values = try bias.floats("the bias")
    let positions = shape.product(2..<shape.rank)
    if positions > 0 { for i in result.indices { result[i] = values[i / positions % filters] } }
    return result
  }

  @inline(__always)
  private static func fill(
    _ panel: inout [Float], from elements: [Float], _ start: Int, _ taps: [Int], _ depth: Range<Int>,
    _ bases: [Int], _ column: Int
  ) {
    let width = min(ONNXMatrixKernel.panelWidth, bases.count - column)
    var target = 0
    // Offsets increase from one position to the next. If the last of eight offsets is 7 above the first, the eight
    // values are neighbors in memory.
    if width == 8 && bases[column + 7] - bases[column] == 7 {
      for tap in depth {
        let source = start + bases[column] + taps[tap]
        for lane in 0..<8 { panel[target + lane] = elements[source + lane] }
        target += ONNXMatrixKernel.panelWidth
      }
      return
    }
    for tap in depth {
      let source = start + taps[tap]
      for lane in 0..<width { panel[target + lane] = elements[source + bases[column + lane]] }
      for lane in width..<ONNXMatrixKernel.panelWidth { panel[target + lane] = 0 }
      target += ONNXMatrixKernel.panelWidth
    }
  }
}
