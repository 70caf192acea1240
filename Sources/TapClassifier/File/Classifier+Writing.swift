// Writes the model file in format 3, one safetensors file. Documentation/ModelFormat.md describes this format.

import TapBackbone
import TapFileSystem
import TapFormats
import TapLinear
import TapMetrics
import TapProvenance
import TapTensors

extension Classifier {
  /// The format that this program writes. This program reads no later format.
  public static let formatVersion = 3
  static let formatName = "layertap-classifier"
  /// The first version of the program that reads this format.
  static let formatSince = "0.2.0"

  /// Writes the classifier to a file. An existing file is replaced.
  ///
  /// - Parameter backbone: the backbone that the classifier was trained with. Its layers up to the last tapped layer
  ///   are embedded, so that the file alone can classify images. Nil embeds no backbone.
  /// - Throws: ``ClassifierError/file(_:)``; after this error, an existing file at `path` is unchanged.
  ///   ``ClassifierError/noBackbone`` if a backbone is given for a classifier that was trained on a matrix.
  ///   ``ClassifierError/mismatch(part:trained:here:)`` if the backbone is not the backbone of the training.
  public func write(to path: String, embedding backbone: Backbone? = nil) throws(ClassifierError) {
    let bytes = try encoded(embedding: backbone)
    do { try AtomicWriter.replace(path, with: bytes) } catch { throw .file(error) }
  }

  /// The bytes of the file without a backbone.
  package var encoded: [UInt8] { encoded(structure: nil, parameters: []) }

  /// The bytes of the file with an embedded backbone. Nil embeds no backbone.
  package func encoded(embedding backbone: Backbone?) throws(ClassifierError) -> [UInt8] {
    guard let backbone = backbone else { return encoded }
    guard let source else { throw .noBackbone }
    let trained = backbone.withPreprocessingAndAlgorithms(of: source.identity)
    try Classifier.requireSameFeatures(trained: source.identity, here: BackboneIdentity(trained))
    do {
      let cut = try trained.cut(at: source.columns.map(\.tap))
      return encoded(structure: cut.structure, parameters: cut.tensors)
    } catch { throw .backbone(error) }
  }

  private func encoded(structure: JSONValue?, parameters: [(name: String, tensor: Tensor)]) -> [UInt8] {
    var tensors = heads
    var metadata = [
      "format": Self.formatName,
      "formatVersion": "\(Self.formatVersion)",
      "since": Self.formatSince,
      "classes": JSONValue.array(classNames.map(JSONValue.string)).canonical,
      "settings": training.settings.json.canonical,
      "training": training.json.canonical,
      "selection": training.selection.json.canonical,
    ]
    if normalizesRows { metadata["rows"] = "l2" }
    if let calibration { metadata["calibration"] = calibration.json.canonical }
    if let indexBase { metadata["indexBase"] = "\(indexBase)" }
    var extensions: [String: JSONValue] = [:]
    if let novelty {
      let entry = ModelExtensions.Entry(
        isRequired: false, revision: NoveltyScore.revision, since: NoveltyScore.since)
      extensions[NoveltyScore.extensionName] = entry.json
      metadata[NoveltyScore.extensionName] = novelty.metadata.canonical
      tensors += novelty.tensors
    }
    if let threshold {
      let entry = ModelExtensions.Entry(
        isRequired: false, revision: ProbabilityThreshold.revision, since: ProbabilityThreshold.since)
      extensions[ProbabilityThreshold.extensionName] = entry.json
      metadata[ProbabilityThreshold.extensionName] = threshold.json.canonical
    }
    if !extensions.isEmpty { metadata["extensions"] = JSONValue.object(extensions).canonical }
    if let source {
      metadata["backbone"] = source.identity.json.canonical
      metadata["columns"] = JSONValue.array(source.columns.map(\.json)).canonical
      if let scores = source.goldenScores {
        tensors.append(
          Safetensors.Tensor(name: "golden.scores", shape: [classNames.count], elements: scores))
      }
    }
    if let structure {
      metadata[ModelFileReader.graphKey] = structure.canonical
      for (name, tensor) in parameters {
        tensors.append(
          Safetensors.Tensor(
            name: ModelFileReader.parameterPrefix + name, shape: tensor.shape.extents,
            elements: tensor.elements))
      }
    }
    return Safetensors.encode(tensors, metadata: metadata)
  }

  /// The tensors that every file has, and the keys of the items that the training used.
  private var heads: [Safetensors.Tensor] {
    let classes = classNames.count
    var tensors = [
      Safetensors.Tensor(name: "weights", shape: [classes, dimensions], elements: weights),
      Safetensors.Tensor(name: "bias", shape: [classes], elements: bias),
      Safetensors.Tensor(
        name: "scaler.offset", shape: [dimensions], elements: scaler.offset.map { Float($0) }),
      Safetensors.Tensor(
        name: "scaler.scale", shape: [dimensions], elements: scaler.scale.map { Float($0) }),
    ]
    if let seen {
      tensors.append(
        Safetensors.Tensor(
          name: seen.source.tensorName, shape: [seen.count, SeenKeys.keyLength], bytes: seen.bytes))
    }
    return tensors
  }
}

extension SeenKeys.Source {
  var tensorName: String { self == .images ? "seen" : "seenRows" }
}
