// Convolutions and poolings over windows. Paddings are written as numbers of pixels, which the size of the image
// determines, since frameworks round sizes up in different ways.

import TapBackbone
import TapONNXOperators
import TapTensors

extension NetworkTranslation {
  mutating func add(_ convolution: Convolution, _ operands: [String], _ input: Shape, as output: String) {
    var operands = operands
    operands.append(
      builder.constant(convolution.weights.shape.extents, convolution.weights.elements, near: output + ".weight"))
    if let bias = convolution.bias {
      operands.append(builder.constant([bias.count], bias, near: output + ".bias"))
    }
    let (vertical, horizontal) = (
      Pixels(convolution.vertical, input: input[1]), Pixels(convolution.horizontal, input: input[2])
    )
    var attributes = Self.attributes(vertical, horizontal)
    attributes["dilations"] = .integers(
      [convolution.vertical.dilation, convolution.horizontal.dilation].map(Int64.init))
    attributes["group"] = .integer(Int64(convolution.groups))
    builder.add("Conv", operands, as: output, attributes)
  }

  mutating func add(
    _ pooling: WindowPooling, _ operands: [String], _ input: Shape, _ node: Graph.Node, as output: String
  ) throws(ExportError) {
    var (vertical, horizontal) = (
      Pixels(pooling.vertical, input: input[1]), Pixels(pooling.horizontal, input: input[2])
    )
    guard case .average(let countsPadding) = pooling.kind else {
      var attributes = Self.attributes(vertical, horizontal)
      attributes["dilations"] = .integers([pooling.vertical.dilation, pooling.horizontal.dilation].map(Int64.init))
      builder.add("MaxPool", operands, as: output, attributes)
      return
    }
    guard pooling.vertical.dilation == 1, pooling.horizontal.dilation == 1 else {
      throw .notTranslatable(
        node: node.output, operation: node.operation.name,
        reason: "the operator set has no means of windows with a dilation")
    }
    var operands = operands
    if countsPadding, vertical.hasPadding || horizontal.hasPadding {
      // The declared zeros count, and pixels beyond them do not: a separate node adds the zeros.
      let pads = [0, 0, vertical.before, horizontal.before, 0, 0, vertical.declaredAfter, horizontal.declaredAfter]
      let amounts = builder.constant(pads, near: output + ".pads")
      operands = [builder.add("Pad", [operands[0], amounts], near: output)]
      vertical.addZeros()
      horizontal.addZeros()
    }
    var attributes = Self.attributes(vertical, horizontal)
    attributes["count_include_pad"] = .integer(0)
    builder.add("AveragePool", operands, as: output, attributes)
  }

  /// Means over regions. Equal regions are windows; otherwise the means are products with constant matrices.
  mutating func add(
    _ pooling: AdaptiveAveragePooling, _ operands: [String], _ input: Shape, as output: String
  ) {
    let (height, width) = (input[1], input[2])
    if height % pooling.height == 0, width % pooling.width == 0 {
      let window = [Int64(height / pooling.height), Int64(width / pooling.width)]
      builder.add(
        "AveragePool", operands, as: output,
        ["kernel_shape": .integers(window), "strides": .integers(window), "pads": .integers([0, 0, 0, 0])])
      return
    }
    let columns = builder.constant(
      [width, pooling.width], Self.means(of: width, regions: pooling.width, isTransposed: true),
      near: output + ".columns")
    let rows = builder.constant(
      [pooling.height, height], Self.means(of: height, regions: pooling.height, isTransposed: false),
      near: output + ".rows")
    let narrow = builder.add("MatMul", [operands[0], columns], near: output)
    builder.add("MatMul", [rows, narrow], as: output)
  }

  /// The matrix whose product with `size` values is the mean of each region: `[regions, size]`, or its transpose.
  private static func means(of size: Int, regions: Int, isTransposed: Bool) -> [Float] {
    var matrix = [Float](repeating: 0, count: regions * size)
    for region in 0..<regions {
      let pixels = AdaptiveAveragePooling.region(region, of: regions, size: size)
      for pixel in pixels {
        matrix[isTransposed ? pixel * regions + region : region * size + pixel] = 1 / Float(pixels.count)
      }
    }
    return matrix
  }

  private static func attributes(_ vertical: Pixels, _ horizontal: Pixels) -> [String: ONNXAttribute] {
    [
      "kernel_shape": .integers([vertical.axis.kernel, horizontal.axis.kernel].map(Int64.init)),
      "strides": .integers([vertical.axis.stride, horizontal.axis.stride].map(Int64.init)),
      "pads": .integers([vertical.before, horizontal.before, vertical.after, horizontal.after].map(Int64.init)),
    ]
  }
}

/// The padding of a window along one axis of an image, in pixels.
private struct Pixels {
  let axis: WindowAxis
  private(set) var before: Int
  /// The pixels after the image that make windows of the operator's number fit.
  private(set) var after: Int
  /// The pixels after the image that the operator declares. The last window may end beyond them.
  private(set) var declaredAfter: Int

  init(_ axis: WindowAxis, input: Int) {
    self.axis = axis
    let (windows, before) = axis.geometry(input: input)
    self.before = before
    let reach = axis.dilation * (axis.kernel - 1) + 1
    let needed = max((windows - 1) * axis.stride + reach - input - before, 0)
    switch axis.padding {
    case .same: (after, declaredAfter) = (needed, 0)
    case .around(_, let declared):
      declaredAfter = declared
      after = axis.roundsUp ? needed : declared
    }
  }

  var hasPadding: Bool { before > 0 || after > 0 || declaredAfter > 0 }

  /// Removes the declared padding, since the image has it now.
  mutating func addZeros() {
    before = 0
    after = max(after - declaredAfter, 0)
    declaredAfter = 0
  }
}
