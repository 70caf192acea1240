// Resizes images with ONNX `Resize` and `Upsample`, one axis after the other. Each element of the result is a weighted
// sum of neighbors in the input. The formulas for coordinates are in a table of the specification.

import TapTensors

package enum ONNXResize {
  /// The interpolation between elements: the attribute `mode`.
  package enum Interpolation: String, Hashable, Sendable, CaseIterable {
    case nearest, linear, cubic
  }

  /// The rule for the nearest neighbor: the attribute `nearest_mode`.
  package enum Rounding: String, Hashable, Sendable, CaseIterable {
    case preferFloor = "round_prefer_floor"
    case preferCeiling = "round_prefer_ceil"
    case floor, ceil
  }

  /// The mapping from a position in the result to a position in the input: the attribute
  /// `coordinate_transformation_mode`.
  package enum Coordinates: String, Hashable, Sendable, CaseIterable {
    case halfPixel = "half_pixel"
    case halfPixelSymmetric = "half_pixel_symmetric"
    case pytorchHalfPixel = "pytorch_half_pixel"
    case alignCorners = "align_corners"
    case asymmetric
    case cropAndResize = "tf_crop_and_resize"
    /// A mapping for the interpolation `nearest` in opset 11 and 12.
    case tensorflowHalfPixel = "tf_half_pixel_for_nn"
  }

  package struct Options: Hashable, Sendable {
    package var interpolation = Interpolation.nearest
    package var rounding = Rounding.preferFloor
    package var coordinates = Coordinates.halfPixel
    /// The coefficient a of the cubic kernel. PyTorch has -0.75; the kernel of Catmull and Rom has -0.5.
    package var cubicCoefficient: Float = -0.75
    /// Whether, in a result that is smaller than the input, each element is a mean over all input elements that it
    /// covers.
    package var antialias = false
    /// Whether weights outside the input are dropped. The other weights are then scaled to the sum 1.
    package var excludeOutside = false
    /// The value of the result outside the input, for ``Coordinates/cropAndResize``.
    package var extrapolationValue: Float = 0

    package init() {}
  }

  /// One axis of the input: its scale, its extent in the result, and the used region. The region is in fractions of the
  /// axis, and only ``Coordinates/cropAndResize`` uses it.
  package struct Axis: Hashable, Sendable {
    package let axis: Int
    package let scale: Double
    package let extent: Int
    package let region: ClosedRangeOfFractions?

    package struct ClosedRangeOfFractions: Hashable, Sendable {
      package let start: Double
      package let end: Double

      package init(start: Double, end: Double) {
        self.start = start
        self.end = end
      }
    }

    package init(axis: Int, scale: Double, extent: Int, region: ClosedRangeOfFractions? = nil) {
      self.axis = axis
      self.scale = scale
      self.extent = extent
      self.region = region
    }
  }

  /// `x` resized along `axes`.
  ///
  /// - Throws: ``OperatorError`` for scales that are not positive, for an empty axis whose result has elements, and for
  ///   integers unless the interpolation is `nearest`.
  package static func resize(
    _ x: ONNXTensor, _ axes: [Axis], _ options: Options
  ) throws(OperatorError) -> ONNXTensor {
    var extents = x.shape.extents
    for axis in axes {
      let position = try x.shape.axis(axis.axis)
      guard axis.scale > 0, axis.scale.isFinite, axis.extent >= 0, axis.extent == 0 || extents[position] > 0
      else {
        throw .wrongValue(of: "the scale", expected: "positive", found: "\(axis.scale)")
      }
      // The kernel is stretched by 1 / scale. A scale far below the ratio of the extents would make the kernel
      // extremely long.
      guard axis.extent == 0 || axis.scale * Double(extents[position]) >= 0.5 else {
        throw .wrongValue(of: "the scale", expected: "that of the extents", found: "\(axis.scale)")
      }
      if let region = axis.region {
        guard region.start.isFinite, region.end.isFinite else {
          throw .wrongValue(of: "roi", expected: "finite", found: "\(region.start), \(region.end)")
        }
      }
      extents[position] = axis.extent
    }
    let shape = try Shape(ofResult: extents)
    guard shape.elementCount > 0 else { return x.picked([], shape: shape) }
    var values = x
    for axis in axes {
      let position = try x.shape.axis(axis.axis)
      let isSame = axis.scale == 1 && axis.extent == values.shape[position]
      if isSame && (axis.region == nil || axis.region == .init(start: 0, end: 1)) { continue }
      values = try resize(values, position, axis, options)
    }
    return values
  }

  private static func resize(
    _ x: ONNXTensor, _ position: Int, _ axis: Axis, _ options: Options
  ) throws(OperatorError) -> ONNXTensor {
    let input = x.shape[position]
    var extents = x.shape.extents
    extents[position] = axis.extent
    let shape = try Shape(ofResult: extents)
    let (outer, inner) = (x.shape.product(0..<position), x.shape.product(position + 1..<x.rank))
    let places = (0..<axis.extent).map { place($0, axis, input: input, options.coordinates) }
    let isOutside = places.map {
      options.coordinates == .cropAndResize && ($0 < 0 || $0 > Double(input - 1))
    }
    if options.interpolation == .nearest {
      let nearest = places.map { max(0, min(input - 1, Int(rounded($0, options.rounding)))) }
      var picked: [Int] = []
      picked.reserveCapacity(shape.elementCount)
      for row in 0..<outer {
        for (index, isOutside) in zip(nearest, isOutside) {
          let start = (row * input + index) * inner
          for i in 0..<inner { picked.append(isOutside ? -1 : start + i) }
        }
      }
      let fill = ONNXUnaryFunctions.cast(ONNXTensor(options.extrapolationValue), to: x.type)
      return x.picked(picked, shape: shape, fill: fill)
    }
    let elements = try x.floats("an interpolated input")
    let weights = places.map { taps($0, axis.scale, input: input, options) }
    var result: [Float] = []
    result.reserveCapacity(shape.elementCount)
    for row in 0..<outer {
      for (taps, isOutside) in zip(weights, isOutside) {
        for i in 0..<inner {
          var sum = 0.0
          for (index, weight) in taps { sum += weight * Double(elements[(row * input + index) * inner + i]) }
          result.append(isOutside ? options.extrapolationValue : Float(sum))
        }
      }
    }
    return ONNXTensor(shape: shape, floats: result, type: x.type)
  }

  /// The position in the input that belongs to an index of the result.
  private static func place(_ index: Int, _ axis: Axis, input: Int, _ coordinates: Coordinates) -> Double {
    let y = Double(index)
    let width = Double(input)
    // The exact extent of the result, before rounding to a whole number.
    let full = axis.scale * width
    let place: Double
    switch coordinates {
    case .halfPixel: place = (y + 0.5) / axis.scale - 0.5
    case .halfPixelSymmetric:
      place = width / 2 * (1 - Double(axis.extent) / full) + (y + 0.5) / axis.scale - 0.5
    case .pytorchHalfPixel: place = full == 1 ? -0.5 : (y + 0.5) / axis.scale - 0.5
    case .alignCorners: place = full == 1 ? 0 : y * (width - 1) / (full - 1)
    case .asymmetric: place = y / axis.scale
    case .tensorflowHalfPixel: place = (y + 0.5) / axis.scale
    case .cropAndResize:
      let region = axis.region ?? .init(start: 0, end: 1)
      let part = (region.end - region.start) * (width - 1)
      place = region.start * (width - 1) + (full == 1 ? part / 2 : y * part / (full - 1))
    }
    // Positions far outside the input are clipped, so that they can be converted to integers.
    return place.isNaN ? 0 : max(-0x1p40, min(0x1p40, place))
  }

  private static func rounded(_ place: Double, _ rounding: Rounding) -> Double {
    switch rounding {
    case .floor: place.rounded(.down)
    case .ceil: place.rounded(.up)
    case .preferFloor: (place - 0.5).rounded(.up)
    case .preferCeiling: (place + 0.5).rounded(.down)
    }
  }

  /// The elements around a position, with weights that add up to 1.
  private static func taps(
    _ place: Double, _ scale: Double, input: Int, _ options: Options
  ) -> [(index: Int, weight: Double)] {
    // If the result is smaller than the input, antialiasing stretches the kernel over all input elements that an
    // element of the result covers.
    let stretch = options.antialias ? min(scale, 1) : 1
    let reach = (options.interpolation == .linear ? 1 : 2) / stretch
    // A position exactly on an element belongs to the interval before it. The taps then include the elements at both
    // ends of this interval.
    let whole = Int(place.rounded(.up)) - 1
    let first = whole + Int((-reach).rounded(.down)) + 1
    let last = whole + 1 - Int((-reach).rounded(.down)) - 1
    var taps: [(index: Int, weight: Double)] = []
    var sum = 0.0
    for index in first...max(first, last) {
      var weight = weight(stretch * (Double(index) - place), options)
      if options.excludeOutside && (index < 0 || index >= input) { weight = 0 }
      sum += weight
      taps.append((max(0, min(input - 1, index)), weight))
    }
    guard options.antialias || options.excludeOutside, sum != 0 else { return taps }
    return taps.map { ($0.index, $0.weight / sum) }
  }

  /// The weight of the triangle kernel, or of Keys's cubic kernel with the coefficient a.
  private static func weight(_ distance: Double, _ options: Options) -> Double {
    let x = distance.magnitude
    if options.interpolation == .linear { return max(0, 1 - x) }
    let a = Double(options.cubicCoefficient)
    if x <= 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
    if x < 2 { return ((a * x - 5 * a) * x + 8 * a) * x - 4 * a }
    return 0
  }
}
