// The measure of novelty in a model file, as the extension `novelty`.

import TapFormats

extension NoveltyScore {
  static let extensionName = "novelty"
  /// The revision of the extension that this program reads and writes.
  static let revision = 1
  /// The first version of the program that reads this revision.
  static let since = "0.2.0"
  /// The name of the measure in the metadata.
  static let measure = "class-means"

  var metadata: JSONValue { .object(["measure": .string(Self.measure)]) }

  var tensors: [Safetensors.Tensor] {
    [
      Safetensors.Tensor(
        name: "\(Self.extensionName).means", shape: [means.count / dimensions, dimensions], elements: means),
      Safetensors.Tensor(
        name: "\(Self.extensionName).percentiles", shape: [percentiles.count], elements: percentiles),
    ]
  }
}
