// Reads Hugging Face's `preprocessor_config.json` as the image processors in `transformers` do.

import TapFormats
import TapProvenance

/// Converts the steps of an image processor to a preprocessing. A step without an equivalent is refused with the name
/// of its field.
struct HuggingFacePreprocessing {
  let json: JSONValue
  let path: String

  /// Image processors whose steps are known. In other processors the same fields may have other meanings.
  private static let processors = [
    "ConvNext", "MobileNetV1", "MobileNetV2", "MobileViT", "Bit", "ViT", "EfficientNet", "ResNet", "RegNet",
  ]
  /// Supported steps, and steps that do not change an image of three channels.
  private static let steps: Set<String> = [
    "do_resize", "do_center_crop", "do_rescale", "do_normalize", "do_convert_rgb", "do_flip_channel_order",
  ]
  private static let filters: [Int: Preprocessing.Interpolation] = [
    1: .lanczos, 2: .bilinear, 3: .bicubic, 4: .box, 5: .hamming,
  ]

  func preprocessing(over base: Preprocessing) throws(BackboneLoadingError) -> Preprocessing {
    try checkSteps()
    var result = base
    try resize(&result)
    result.scale = try flag("do_rescale", default: true) ? try scale() : 1
    if try flag("do_normalize", default: true) {
      result.mean = try channels("image_mean")
      result.standardDeviation = try channels("image_std")
      guard !result.standardDeviation.contains(0) else { throw wrong("image_std", "three numbers, none 0") }
    } else {
      (result.mean, result.standardDeviation) = ([0, 0, 0], [1, 1, 1])
    }
    result.channels = try flag("do_flip_channel_order", default: false) ? .bgr : .rgb
    return result
  }

  private var kind: String? {
    json["image_processor_type"]?.stringValue ?? json["feature_extractor_type"]?.stringValue
  }

  private func checkSteps() throws(BackboneLoadingError) {
    guard let fields = json.objectValue else { throw wrong("", "an object") }
    if let kind, !Self.processors.contains(where: { kind.hasPrefix($0) }) {
      throw wrong("image_processor_type", "one of \(Self.processors.joined(separator: ", ")), found \(kind)")
    }
    for name in fields.keys.sorted() where name.hasPrefix("do_") && !Self.steps.contains(name) {
      if try flag(name, default: false) { throw wrong(name, "false: this step is not computed here") }
    }
    for name in ["rescale_offset", "include_top"] where try flag(name, default: false) {
      throw wrong(name, "false: what it does is not computed here")
    }
  }

  /// Reads the fields `size`, `crop_size`, `crop_pct` and `resample`.
  private func resize(_ result: inout Preprocessing) throws(BackboneLoadingError) {
    guard try flag("do_resize", default: true) else {
      throw wrong("do_resize", "true: a network takes images of one size here")
    }
    guard let filter = json["resample"]?.intValue.flatMap({ Self.filters[$0] }) else {
      throw wrong("resample", "1 (lanczos), 2 (bilinear), 3 (bicubic), 4 (box) or 5 (hamming)")
    }
    result.interpolation = filter
    let takesShortest = kind.map { !$0.hasPrefix("ViT") && !$0.hasPrefix("EfficientNet") } ?? true
    let size = try extent("size", aloneIsShortest: takesShortest)
    if let value = json["crop_pct"], value != .null {
      guard size.isShortest, let fraction = value.doubleValue, fraction > 0, fraction <= 1 else {
        throw wrong("crop_pct", "a number above 0, up to 1, and \"shortest_edge\" in \"size\"")
      }
      guard try !flag("do_center_crop", default: false) || json["crop_size"] == nil else {
        throw wrong("crop_size", "nothing beside \"crop_pct\"")
      }
      // ConvNeXt's processor does not crop if the side is at least 384.
      result.size = size.side
      (result.resize, result.cropFraction) = size.side < 384 ? (.short, fraction) : (.squash, 1)
      return
    }
    guard try flag("do_center_crop", default: json["crop_size"] != nil) else {
      guard !size.isShortest else {
        throw wrong("do_center_crop", "true beside \"shortest_edge\": an image has to become a square")
      }
      (result.size, result.resize, result.cropFraction) = (size.side, .squash, 1)
      return
    }
    let crop = try extent("crop_size", aloneIsShortest: false)
    guard crop.side <= size.side else {
      throw wrong("crop_size", "at most the \(size.side) of \"size\": black borders are not computed here")
    }
    result.size = crop.side
    result.resize =
      size.isShortest ? .short : size.side == crop.side ? .squash : .squashAndCrop
    result.cropFraction = Self.fraction(crop.side, of: size.side)
  }

  /// The fraction f of a crop for which `crop` / f, rounded down, is `side`.
  private static func fraction(_ crop: Int, of side: Int) -> Double {
    let fraction = Double(crop) / Double(side)
    return Int((Double(crop) / fraction).rounded(.down)) == side
      ? fraction : Double(crop) / (Double(side) + 0.5)
  }

  /// Reads a size: a number, `{"shortest_edge": 224}` or `{"height": 224, "width": 224}`.
  private func extent(
    _ field: String, aloneIsShortest: Bool
  ) throws(BackboneLoadingError) -> (side: Int, isShortest: Bool) {
    let value = json[field]
    let found: (side: Int, isShortest: Bool)?
    if let side = value?.intValue {
      found = (side, aloneIsShortest)
    } else if let side = value?["shortest_edge"]?.intValue, value?.objectValue?.count == 1 {
      found = (side, true)
    } else if let height = value?["height"]?.intValue, height == value?["width"]?.intValue {
      found = (height, false)
    } else {
      found = nil
    }
    guard let found, 1...4096 ~= found.side else {
      throw wrong(
        field, "a number of pixels, {\"shortest_edge\": n}, or {\"height\": n, \"width\": n} of a square")
    }
    return found
  }

  private func scale() throws(BackboneLoadingError) -> Double {
    guard let value = json["rescale_factor"] else { return 255 }
    guard let factor = value.doubleValue, factor > 0, (1 / factor).isFinite else {
      throw wrong("rescale_factor", "a number above 0")
    }
    let scale = 1 / factor
    return abs(scale - 255) < 1e-9 ? 255 : scale
  }

  private func channels(_ field: String) throws(BackboneLoadingError) -> [Double] {
    let numbers = json[field]?.arrayValue?.compactMap(\.doubleValue) ?? []
    guard numbers.count == 3, numbers.allSatisfy(\.isFinite) else { throw wrong(field, "three numbers") }
    return numbers
  }

  private func flag(_ field: String, default value: Bool) throws(BackboneLoadingError) -> Bool {
    switch json[field] {
    case nil, .null?: return value
    case .bool(let value)?: return value
    default: throw wrong(field, "true or false")
    }
  }

  private func wrong(_ field: String, _ expected: String) -> BackboneLoadingError {
    .preprocessing(path: path, problem: "field \"\(field)\": expected \(expected)")
  }
}
