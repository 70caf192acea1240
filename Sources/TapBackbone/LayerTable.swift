// The layers of a network as a separate table. A store keeps such a table, and `layertap layers` prints it.

import TapFormats

/// A layer that can be tapped.
public struct Layer: Sendable, Hashable {
  /// The canonical name.
  public let name: String
  /// The kind of the block that computes the layer, such as `stem` or `inverted residual`.
  public let kind: String
  /// The shape of the layer's output for an input of the preprocessing's size: `[C, H, W]` or `[features]`.
  public let shape: [Int]
  /// The distance in input pixels, along a side, between two neighboring pixels of this layer; the whole side for a
  /// vector.
  public let stride: Int
  /// The side, in pixels, of the square of the input that one pixel of this layer depends on. Padding counts as part of
  /// the image. Nil if the pixel depends on the whole image.
  public let receptiveField: Int?
  /// The number of trained values between the previous layer and this layer.
  public let parameters: Int
  /// The number of multiply-adds for one image from the input to this layer.
  public let multiplyAdds: Int
}

/// The layers of a network for images of one size.
public struct LayerTable: Sendable, Hashable {
  /// The network's name.
  public let backbone: String
  /// The side of the images in pixels.
  public let inputSize: Int
  /// The layers, in order of depth.
  public let layers: [Layer]
  /// Other names of layers, by alias.
  public let aliases: [String: String]
}

extension LayerTable {
  /// The fields of the table's JSON object.
  package var fields: [String: JSONValue] {
    [
      "backbone": .string(backbone), "inputSize": .integer(inputSize),
      "aliases": .object(aliases.mapValues(JSONValue.string)),
      "layers": .array(
        layers.map { layer in
          .object([
            "name": .string(layer.name), "kind": .string(layer.kind),
            "shape": .array(layer.shape.map(JSONValue.integer)), "stride": .integer(layer.stride),
            "receptiveField": layer.receptiveField.map(JSONValue.integer) ?? .null,
            "parameters": .integer(layer.parameters), "multiplyAdds": .integer(layer.multiplyAdds),
          ])
        }),
    ]
  }

  /// Reads the table's JSON object; ignores unknown fields.
  package init(json: JSONValue) throws(JSONError) {
    var aliases: [String: String] = [:]
    for (alias, name) in try json.object("aliases") {
      guard let name = name.stringValue else {
        throw .wrongType(field: "aliases", expected: "names of layers", found: name.kind)
      }
      aliases[alias] = name
    }
    var layers: [Layer] = []
    for entry in try json.array("layers") {
      let shape = try entry.array("shape")
      layers.append(
        Layer(
          name: try entry.string("name"), kind: try entry.string("kind"),
          shape: shape.compactMap(\.intValue), stride: try entry.int("stride"),
          receptiveField: entry["receptiveField"]?.intValue, parameters: try entry.int("parameters"),
          multiplyAdds: try entry.int("multiplyAdds")))
    }
    self.init(
      backbone: try json.string("backbone"), inputSize: try json.int("inputSize"), layers: layers,
      aliases: aliases)
  }
}
