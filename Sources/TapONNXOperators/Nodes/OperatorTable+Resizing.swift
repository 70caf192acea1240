// The operator Resize with its options, and Upsample, which Resize replaced.

import TapTensors

extension OperatorTable {
  static func addResizing(to table: inout OperatorTable) {
    table.add("Upsample") { context throws(OperatorError) in
      let x = try context.input(0)
      let scales =
        context.inputs.count > 1 ? try context.input(1).floats("scales") : try context.floats("scales")
      guard let scales, scales.count == x.rank else { throw .missing("a scale for each axis") }
      return [try ONNXResize.resize(x, axes(x, scales), try formerOptions(context))]
    }
    table.add("Resize") { context throws(OperatorError) in
      let x = try context.input(0)
      guard context.opset >= 11 else {
        let scales = try context.input(1).floats("scales")
        guard scales.count == x.rank else { throw .missing("a scale for each axis") }
        return [try ONNXResize.resize(x, axes(x, scales), try formerOptions(context))]
      }
      return [try ONNXResize.resize(x, try axes(x, context), try options(context))]
    }
  }

  /// The options of Upsample, and of Resize in opset 10. The position in the input is the index in the result divided
  /// by the scale. The nearest element is the element at or before this position.
  private static func formerOptions(_ context: OperatorArguments) throws(OperatorError) -> ONNXResize.Options {
    var options = ONNXResize.Options()
    let mode = try context.text("mode", default: "nearest")
    options.interpolation =
      mode == "bilinear" ? .linear : try context.choice("mode", default: ONNXResize.Interpolation.nearest)
    options.coordinates = .asymmetric
    options.rounding = .floor
    return options
  }

  private static func options(_ context: OperatorArguments) throws(OperatorError) -> ONNXResize.Options {
    var options = ONNXResize.Options()
    options.interpolation = try context.choice("mode", default: options.interpolation)
    options.rounding = try context.choice("nearest_mode", default: options.rounding)
    options.coordinates = try context.choice("coordinate_transformation_mode", default: options.coordinates)
    options.cubicCoefficient = try context.float("cubic_coeff_a", default: options.cubicCoefficient)
    options.antialias = try context.flag("antialias")
    options.excludeOutside = try context.flag("exclude_outside")
    options.extrapolationValue = try context.float("extrapolation_value", default: 0)
    return options
  }

  /// The axes of a resize, with one scale for each axis.
  private static func axes(_ x: ONNXTensor, _ scales: [Float]) -> [ONNXResize.Axis] {
    scales.indices.map { axis in
      let scale = Double(scales[axis])
      return ONNXResize.Axis(axis: axis, scale: scale, extent: extent(scale * Double(x.shape[axis])))
    }
  }

  /// The axes of a resize from the inputs x, roi, scales and sizes. A node has either scales or sizes; an empty input
  /// counts as absent.
  private static func axes(_ x: ONNXTensor, _ context: OperatorArguments) throws(OperatorError) -> [ONNXResize
    .Axis]
  {
    let axes = try x.shape.axes(try context.integers("axes"))
    var scales = try context.optional(2)?.floats("scales").map { Double($0) } ?? []
    var extents: [Int]
    if let sizes = try context.indices(input: 3, "sizes"), !sizes.isEmpty {
      guard sizes.count == axes.count, scales.isEmpty else {
        throw .wrongCount(of: "sizes", expected: "\(axes.count) and no scales", found: sizes.count)
      }
      guard axes.allSatisfy({ x.shape[$0] > 0 }) else {
        throw .wrongShape(of: "the input", expected: "not empty", found: x.shape)
      }
      extents = sizes
      scales = axes.indices.map { Double(sizes[$0]) / Double(x.shape[axes[$0]]) }
      let policy = try context.text("keep_aspect_ratio_policy", default: "stretch")
      switch policy {
      case "stretch": break
      case "not_larger", "not_smaller":
        let scale = (policy == "not_larger" ? scales.min() : scales.max()) ?? 1
        scales = scales.map { _ in scale }
        extents = axes.map { extent(scale * Double(x.shape[$0]) + 0.5) }
      default:
        throw .wrongValue(
          of: "keep_aspect_ratio_policy", expected: "stretch, not_larger or not_smaller", found: policy)
      }
    } else {
      guard scales.count == axes.count else {
        throw .wrongCount(of: "scales", expected: "\(axes.count)", found: scales.count)
      }
      extents = axes.indices.map { extent(scales[$0] * Double(x.shape[axes[$0]])) }
    }
    var regions: [ONNXResize.Axis.ClosedRangeOfFractions?] = axes.map { _ in nil }
    if let roi = try context.optional(1)?.floats("roi"), !roi.isEmpty,
      try context.text("coordinate_transformation_mode", default: "") == "tf_crop_and_resize"
    {
      guard roi.count == 2 * axes.count else {
        throw .wrongCount(of: "roi", expected: "\(2 * axes.count)", found: roi.count)
      }
      regions = axes.indices.map { .init(start: Double(roi[$0]), end: Double(roi[axes.count + $0])) }
    }
    return axes.indices.map {
      ONNXResize.Axis(axis: axes[$0], scale: scales[$0], extent: extents[$0], region: regions[$0])
    }
  }

  /// ⌊x⌋ as an integer. An invalid extent becomes -1, which every operation refuses.
  private static func extent(_ x: Double) -> Int {
    x >= 0 && x <= Double(ONNXTensor.elementLimit) ? Int(x.rounded(.down)) : -1
  }
}
