import TapFormats

// Preprocessing in files: every field by name, none left out, so that a new default never changes the
// meaning of an old file.

extension Preprocessing {
  package var json: JSONValue {
    .object([
      "size": .integer(size),
      "resize": .string(resize.rawValue),
      "cropFraction": .number(cropFraction),
      "interpolation": .string(interpolation.rawValue),
      "scale": .number(scale),
      "mean": .array(mean.map(JSONValue.number)),
      "standardDeviation": .array(standardDeviation.map(JSONValue.number)),
      "channels": .string(channels.rawValue),
      "decode": .string(decode.rawValue),
    ])
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
      decode: try fields.name("decode", as: DecodeMode.self))
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
