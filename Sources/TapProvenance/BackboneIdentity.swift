// All inputs that the bytes of a feature depend on, except the image and the column. Two stores or models may be used
// together only if they have the same identity.

import TapFormats

/// The network, its weights, the preprocessing of an image, and the numerics (decoder, precision, algorithms).
public struct BackboneIdentity: Hashable, Sendable {
  /// The backbone's name. It is only a label. It is not part of ``hash``, because renaming a file changes no feature.
  public var backbone: String
  /// SHA-256 of the weights, in hexadecimal.
  public var weightsHash: String
  /// SHA-256 of the graph, in hexadecimal.
  public var graphHash: String
  /// The conversion of images to the network's input.
  public var preprocessing: Preprocessing
  /// The library that decodes images, with its version.
  public var decoder: String
  /// The data type of activations: `float32`.
  public var precision: String
  /// The revision of the numerics. It increases only if the bytes of some feature change.
  public var numericsRevision: Int
  /// Convolutions whose algorithm differs from the default of ``numericsRevision``.
  public var algorithms: AlgorithmChoices

  /// Creates an identity from these parts. The hashes are SHA-256 in hexadecimal.
  public init(
    backbone: String, weightsHash: String, graphHash: String, preprocessing: Preprocessing,
    decoder: String, precision: String = "float32", numericsRevision: Int,
    algorithms: AlgorithmChoices = AlgorithmChoices()
  ) {
    self.backbone = backbone
    self.weightsHash = weightsHash
    self.graphHash = graphHash
    self.preprocessing = preprocessing
    self.decoder = decoder
    self.precision = precision
    self.numericsRevision = numericsRevision
    self.algorithms = algorithms
  }

  /// SHA-256, in hexadecimal, of the canonical JSON of all fields except ``backbone``.
  public var hash: String {
    SHA256.hash(Array(JSONValue.object(hashedFields).canonical.utf8)).hex
  }

  /// The name of the folder of this identity's store: `<backbone>-<first 12 digits of hash>`. Only the first 100 bytes
  /// of the backbone's name are used. Bytes outside `[A-Za-z0-9_.-]` become `_`.
  public var storeName: String {
    let safe = backbone.utf8.prefix(100).map { byte -> UInt8 in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."):
        byte
      default: UInt8(ascii: "_")
      }
    }
    let name = String(decoding: safe, as: UTF8.self)
    return (name.hasPrefix(".") ? "_" + name.dropFirst() : name) + "-" + hash.prefix(12)
  }

  /// The fields in which this identity differs from `other`, for messages: `weightsHash: 57934424… / 1f2e…`.
  package func differences(from other: BackboneIdentity) -> [String] {
    let mine = hashedFields
    let theirs = other.hashedFields
    return Set(mine.keys).union(theirs.keys).sorted().compactMap { key in
      let (a, b) = (mine[key], theirs[key])
      return a == b ? nil : "\(key): \(a?.canonical ?? "none") / \(b?.canonical ?? "none")"
    }
  }

  private var hashedFields: [String: JSONValue] {
    var fields: [String: JSONValue] = [
      "weightsHash": .string(weightsHash),
      "graphHash": .string(graphHash),
      "preprocessing": preprocessing.json,
      "decoder": .string(decoder),
      "precision": .string(precision),
      "numericsRevision": .integer(numericsRevision),
    ]
    // The field is left out if there are no choices, so that identities from before this field stay the same.
    if !algorithms.isEmpty { fields["algorithms"] = algorithms.json }
    return fields
  }
}

extension BackboneIdentity {
  /// All fields, including ``backbone``.
  package var json: JSONValue {
    var fields = hashedFields
    fields["backbone"] = .string(backbone)
    return .object(fields)
  }

  package init(json: JSONValue) throws(ProvenanceError) {
    let fields = Fields(json: json)
    self.init(
      backbone: try fields.string("backbone"), weightsHash: try fields.string("weightsHash"),
      graphHash: try fields.string("graphHash"),
      preprocessing: try Preprocessing(json: try fields.object("preprocessing")),
      decoder: try fields.string("decoder"), precision: try fields.string("precision"),
      numericsRevision: try fields.int("numericsRevision"),
      algorithms: fields.has("algorithms")
        ? try AlgorithmChoices(json: try fields.object("algorithms")) : AlgorithmChoices())
  }
}
