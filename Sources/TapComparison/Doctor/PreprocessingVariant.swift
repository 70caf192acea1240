// Plausible alternatives to a preprocessing, each with one change. In practice, most differences between the
// preprocessing of a training and the preprocessing of a deployed model are such changes.

import TapArchitectures
import TapProvenance

/// A preprocessing that differs from the present preprocessing in one respect.
package struct PreprocessingVariant: Hashable, Sendable {
  /// The change in a few words, for tables.
  package let name: String
  /// The command-line options that make the change: `--channels bgr`.
  package let options: String
  /// The present preprocessing with the change.
  package let preprocessing: Preprocessing

  /// The plausible variants of a preprocessing. Each variant differs from the given preprocessing.
  package static func plausible(of present: Preprocessing) -> [PreprocessingVariant] {
    (geometry(present) + colors(present) + decoding(present)).filter { $0.preprocessing != present }
  }

  private init(
    _ name: String, _ options: String, of present: Preprocessing, _ change: (inout Preprocessing) -> Void
  ) {
    self.name = name
    self.options = options
    var changed = present
    change(&changed)
    preprocessing = changed
  }

  // MARK: - Crop and scaling

  private static func geometry(_ present: Preprocessing) -> [PreprocessingVariant] {
    var variants = [Preprocessing.Interpolation.bilinear, .bicubic].map { filter in
      PreprocessingVariant(filter.rawValue, "--interpolation \(filter.rawValue)", of: present) {
        $0.interpolation = filter
      }
    }
    // The rules `squashAndCrop` and `border` are left out. They differ from `squash` and `pad` only in the crop
    // fraction.
    variants += [Preprocessing.ResizeRule.short, .squash, .pad].map { rule in
      let name =
        switch rule {
        case .short: "short side, crop"
        case .squash, .squashAndCrop: "squash"
        case .pad, .border: "pad"
        }
      return PreprocessingVariant(name, "--resize \(rule.rawValue)", of: present) { $0.resize = rule }
    }
    if ![.squash, .pad].contains(present.resize) {
      // The fraction 1 keeps the whole short side. The fraction 0.875 keeps 224 of 256 pixels, as in the tests of most
      // published networks.
      let fraction = present.cropFraction == 1 ? 0.875 : 1
      variants.append(
        PreprocessingVariant(
          "crop \(option(fraction))", "--crop-fraction \(option(fraction))", of: present
        ) { $0.cropFraction = fraction })
    }
    return variants
  }

  // MARK: - Channels and normalization

  private static func colors(_ present: Preprocessing) -> [PreprocessingVariant] {
    let other: Preprocessing.ChannelOrder = present.channels == .rgb ? .bgr : .rgb
    var variants = [
      PreprocessingVariant(other.rawValue.uppercased(), "--channels \(other.rawValue)", of: present) {
        $0.channels = other
      }
    ]
    let scale = present.scale == 1 ? 255.0 : 1
    variants.append(
      PreprocessingVariant(
        scale == 1 ? "not divided by \(option(present.scale))" : "divided by 255", "--scale \(option(scale))",
        of: present
      ) { $0.scale = scale })
    let statistics: [(name: String, scale: Double, mean: [Double], deviation: [Double])] = [
      ("ImageNet statistics", 255, [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]),
      ("-1 to 1", 255, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5]),
      ("0 to 1", 255, [0, 0, 0], [1, 1, 1]),
      ("Caffe's mean", 1, [123.68, 116.779, 103.939], [1, 1, 1]),
    ]
    variants += statistics.compactMap { statistics in
      let variant = PreprocessingVariant(
        statistics.name,
        "--scale \(option(statistics.scale)) --mean \(option(statistics.mean)) --std \(option(statistics.deviation))",
        of: present
      ) {
        $0.scale = statistics.scale
        $0.mean = statistics.mean
        $0.standardDeviation = statistics.deviation
      }
      return isNormalizedAlike(variant.preprocessing, present) ? nil : variant
    }
    return variants
  }

  /// Whether mean and deviation of two preprocessings are equal in pixel values: 127.5 of 255 equals 0.5 of 1.
  private static func isNormalizedAlike(_ first: Preprocessing, _ second: Preprocessing) -> Bool {
    func values(_ p: Preprocessing) -> [Double] { (p.mean + p.standardDeviation).map { $0 * p.scale } }
    return zip(values(first), values(second)).allSatisfy { abs($0 - $1) < 1e-9 * 255 }
  }

  // MARK: - From the file

  private static func decoding(_ present: Preprocessing) -> [PreprocessingVariant] {
    let orientation: Decoding.OrientationRule = present.decoding.orientation == .exif ? .ignore : .exif
    let mode: Decoding.Mode = present.decoding.mode == .exact ? .fast : .exact
    let alpha: Decoding.AlphaRule = present.decoding.alpha == .drop ? .white : .drop
    return [
      PreprocessingVariant(
        orientation == .ignore ? "orientation ignored" : "turned upright",
        "--orientation \(orientation.rawValue)",
        of: present
      ) { $0.decoding.orientation = orientation },
      PreprocessingVariant("\(mode.rawValue) decoding", "--decode \(mode.rawValue)", of: present) {
        $0.decoding.mode = mode
      },
      PreprocessingVariant(
        alpha == .drop ? "transparency dropped" : "laid on white", "--alpha \(alpha.rawValue)", of: present
      ) { $0.decoding.alpha = alpha },
    ]
  }

  // MARK: - As typed

  private static func option(_ value: Double) -> String {
    value == value.rounded() && abs(value) < 1e15 ? "\(Int(value))" : "\(value)"
  }

  private static func option(_ values: [Double]) -> String {
    values.map { option($0) }.joined(separator: ",")
  }
}
