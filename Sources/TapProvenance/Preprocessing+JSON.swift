// Preprocessing in files. Every field has its name in the file, so that a new default never changes the meaning of an
// old file. Fields that were added later are left out if they have the value that was implied before. So an old file
// keeps its meaning and its identity.

import TapFormats

extension Preprocessing {
  package var json: JSONValue {
    let fields: [String: JSONValue] = [
      "size": .integer(size),
      "resize": .string(resize.rawValue),
      "cropFraction": .number(cropFraction),
      "interpolation": .string(interpolation.rawValue),
      "scale": .number(scale),
      "mean": .array(mean.map(JSONValue.number)),
      "standardDeviation": .array(standardDeviation.map(JSONValue.number)),
      "channels": .string(channels.rawValue),
    ]
    return .object(fields.merging(decoding.fields) { field, _ in field })
  }

  package init(json: JSONValue) throws(ProvenanceError) {
    let fields = Fields(json: json)
    self.init(
      size: try fields.int("size"), resize: try fields.name("resize", as: ResizeRule.self),
      cropFraction: try fields.double("cropFraction"),
      interpolation: try fields.name("interpolation", as: Interpolation.self),
      scale: try fields.double("scale"), mean: try fields.channels("mean"),
      standardDeviation: try fields.channels("standardDeviation"),
      channels: try fields.name("channels", as: ChannelOrder.self),
      decoding: try Decoding(fields))
    guard size >= 1 else { throw .value(field: "size", found: "\(size)", expected: "at least 1") }
    guard cropFraction > 0, cropFraction <= 1 else {
      throw .value(field: "cropFraction", found: "\(cropFraction)", expected: "more than 0, at most 1")
    }
    guard scale != 0 else { throw .value(field: "scale", found: "0", expected: "a number other than 0") }
    guard !standardDeviation.contains(0) else {
      throw .value(field: "standardDeviation", found: "0", expected: "numbers other than 0")
    }
  }
}

extension Decoding {
  fileprivate var fields: [String: JSONValue] {
    var fields: [String: JSONValue] = ["decode": .string(mode.rawValue)]
    if orientation != .exif { fields["orientation"] = .string(orientation.rawValue) }
    if alpha != .drop { fields["alpha"] = .string(alpha.rawValue) }
    if allowsTruncated { fields["truncated"] = .string(Truncation.allowed.rawValue) }
    return fields
  }

  fileprivate init(_ fields: Fields) throws(ProvenanceError) {
    self.init(
      mode: try fields.name("decode", as: Mode.self),
      orientation: fields.has("orientation")
        ? try fields.name("orientation", as: OrientationRule.self) : .exif,
      alpha: fields.has("alpha") ? try fields.name("alpha", as: AlphaRule.self) : .drop,
      allowsTruncated: fields.has("truncated")
        ? try fields.name("truncated", as: Truncation.self) == .allowed : false)
  }

  private enum Truncation: String, CaseIterable {
    case refused = "refused"
    case allowed = "allowed"
  }
}
