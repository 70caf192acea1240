// The objects that handles stand for.

import LayerTap
import Synchronization

/// A backbone with the settings that it was loaded with.
final class BackboneObject: HandleObject {
  static let kind = HandleKind.backbone
  let loaded: LoadedBackbone
  let settings: ExtractionSettings

  init(_ settings: ExtractionSettings) throws {
    loaded = try LoadedBackbone(settings)
    self.settings = settings
  }
}

/// An extractor with the dimensions of its columns.
final class ExtractorObject: HandleObject {
  static let kind = HandleKind.extractor
  private let extractor: ImageFeatureExtractor
  let backbone: Backbone
  let dimensions: [Int]

  init(_ backbone: BackboneObject, _ settings: ExtractionSettings) throws {
    extractor = try ImageFeatureExtractor(backbone.loaded, settings)
    self.backbone = backbone.loaded.backbone
    dimensions = try extractor.dimensions
  }

  var columns: [Column] { extractor.columns }

  /// The extractor with the threads of a call.
  func extractor(_ work: Work, _ unreadable: ImageFeatureExtractor.UnreadableImages) -> ImageFeatureExtractor {
    var extractor = extractor
    extractor.threads = work.threads
    extractor.unreadable = unreadable
    return extractor
  }

  /// The extractor for a classifier of its features.
  var settled: ImageFeatureExtractor { extractor }
}

/// An open store with the columns that were mapped.
final class StoreObject: HandleObject {
  static let kind = HandleKind.store
  let store: FeatureStore
  private let mapped = Mutex<[Int: MatrixView]>([:])

  init(_ store: FeatureStore) { self.store = store }

  /// The matrix of a column, which stays mapped as long as this object.
  ///
  /// - Throws: ``FeatureError``.
  func matrix(_ index: Int) throws -> MatrixView {
    try mapped.withLock { mapped in
      if let matrix = mapped[index] { return matrix }
      let matrix = try store.matrix(store.columns[index].column)
      mapped[index] = matrix
      return matrix
    }
  }
}

/// Labeled features with what was noticed while they were made.
final class DataObject: HandleObject {
  static let kind = HandleKind.data
  let data: LabeledFeatures
  let unreadable: [UnreadableImage]
  let warnings: [String]
  /// The backbones of the features by the names of their variants; empty for features of one backbone.
  let variants: [String: Backbone]

  init(
    _ data: LabeledFeatures, unreadable: [UnreadableImage] = [], warnings: [String] = [],
    variants: [String: Backbone] = [:]
  ) {
    self.data = data
    self.unreadable = unreadable
    self.warnings = warnings
    self.variants = variants
  }

  /// The columns of several backbones on the same images. A backbone whose name occurs twice gets its place as well.
  ///
  /// - Throws: ``ForeignError``, and ``FeatureError`` for parts of other images.
  convenience init(combining parts: [DataObject]) throws {
    let names = try parts.enumerated().map { place, part in
      guard let identity = part.data.identity, part.variants.isEmpty else {
        throw ForeignError.argument(
          "parts", problem: "part \(place), counted from 0, is not data of one backbone, which every part must be")
      }
      return identity.backbone
    }
    for (place, part) in parts.enumerated() {
      guard part.data.images == parts[0].data.images,
        part.data.items.map(\.contentHash) == parts[0].data.items.map(\.contentHash)
      else {
        throw ForeignError.argument("parts", problem: "part \(place), counted from 0, has other images than part 0")
      }
    }
    let titles = names.enumerated().map { place, name in
      names.count { $0 == name } > 1 ? "\(name) \(place + 1)" : name
    }
    let data = try LabeledFeatures.combined(
      zip(titles, parts).map { (name: LabeledFeatures.VariantName(backbone: $0, resize: nil), data: $1.data) })
    var variants: [String: Backbone] = [:]
    for (title, part) in zip(titles, parts) { variants[title] = part.data.backbone }
    var warnings: [String] = []
    for warning in parts.flatMap(\.warnings) where !warnings.contains(warning) { warnings.append(warning) }
    self.init(data, unreadable: parts[0].unreadable, warnings: warnings, variants: variants)
  }
}

/// A fitted model.
final class ModelObject: HandleObject {
  static let kind = HandleKind.model
  let fit: MatrixFit

  init(_ fit: MatrixFit) { self.fit = fit }
}
