// The options of preprocessing, the same in every command that reads images.

import LayerTap

extension Options {
  private static let preprocessingSection = "PREPROCESSING"

  package static let size = Parameter<Int?>.optional(
    "size", .integer(in: 8...4096), valueName: "n", defaultText: "the backbone's",
    section: preprocessingSection, help: "The side of the network's square input in pixels.")

  package static let resize = Parameter<Preprocessing.ResizeRule?>.optional(
    "resize", .choice, valueName: "rule", defaultText: "the backbone's", section: preprocessingSection,
    help: "Scale the short side and crop, squash, or scale the long side and pad.")

  package static let cropFraction = Parameter<Double?>.optional(
    "crop-fraction", .number("a number above 0 and up to 1") { $0 > 0 && $0 <= 1 }, valueName: "f",
    defaultText: "the backbone's", section: preprocessingSection,
    help: "What part of the short side the crop keeps.")

  package static let interpolation = Parameter<Preprocessing.Interpolation?>.optional(
    "interpolation", .choice, valueName: "name", defaultText: "the backbone's",
    section: preprocessingSection, help: "The filter of the antialiased resize.")

  package static let scale = Parameter<Double?>.optional(
    "scale", .number("a number above 0") { $0 > 0 }, valueName: "x", defaultText: "the backbone's",
    section: preprocessingSection, help: "Divides the pixel values.")

  package static let mean = Parameter<[Double]?>.optional(
    "mean", .perChannel(), valueName: "r,g,b", defaultText: "the backbone's",
    section: preprocessingSection, help: "Subtracted after scaling.")

  package static let std = Parameter<[Double]?>.optional(
    "std", .perChannel("three numbers r,g,b above 0") { $0 > 0 }, valueName: "r,g,b",
    defaultText: "the backbone's", section: preprocessingSection, help: "Divides after the mean.")

  package static let channels = Parameter<Preprocessing.ChannelOrder?>.optional(
    "channels", .choice, valueName: "order", defaultText: "the backbone's",
    section: preprocessingSection, help: "The order of the channels.")

  package static let decode = Parameter<Decoding.Mode?>.optional(
    "decode", .choice, valueName: "mode", defaultText: "exact", section: preprocessingSection,
    help: "Decode large JPEGs exactly, or fast: scaled down, for slightly other pixels.")

  package static let orientation = Parameter<Decoding.OrientationRule?>.optional(
    "orientation", .choice, valueName: "rule", defaultText: "exif", section: preprocessingSection,
    help: "Turn pictures upright as the camera noted, or leave them as they are stored.")

  package static let alpha = Parameter<Decoding.AlphaRule?>.optional(
    "alpha", .choice, valueName: "rule", defaultText: "white", section: preprocessingSection,
    help: "Lay transparent pictures on white or black, or drop the transparency as Pillow does.")

  package static let allowTruncated = Parameter<Bool>.flag(
    "allow-truncated", section: preprocessingSection,
    help: "Take files that end early, their missing part grey or black.")

  /// Every preprocessing option, in the order of the help.
  package static let preprocessing: [ParameterDeclaration] = [
    size.declaration, resize.declaration, cropFraction.declaration, interpolation.declaration,
    scale.declaration, mean.declaration, std.declaration, channels.declaration, decode.declaration,
    orientation.declaration, alpha.declaration, allowTruncated.declaration,
  ]

  /// A backbone's preprocessing with what the command line changes.
  package static func preprocessing(
    _ arguments: ParsedArguments, over base: Preprocessing
  ) -> Preprocessing {
    RunConfiguration.PreprocessingChanges(
      size: arguments[size], resize: arguments[resize], cropFraction: arguments[cropFraction],
      interpolation: arguments[interpolation], scale: arguments[scale], mean: arguments[mean],
      standardDeviation: arguments[std], channels: arguments[channels], decode: arguments[decode],
      orientation: arguments[orientation], alpha: arguments[alpha],
      allowsTruncated: arguments[allowTruncated] ? true : nil
    ).applied(to: base)
  }
}
