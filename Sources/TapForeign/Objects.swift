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
  let dimensions: [Int]

  init(_ backbone: BackboneObject, _ settings: ExtractionSettings) throws {
    extractor = try ImageFeatureExtractor(backbone.loaded, settings)
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

  init(_ data: LabeledFeatures, unreadable: [UnreadableImage] = [], warnings: [String] = []) {
    self.data = data
    self.unreadable = unreadable
    self.warnings = warnings
  }
}

/// A fitted model.
final class ModelObject: HandleObject {
  static let kind = HandleKind.model
  let fit: MatrixFit

  init(_ fit: MatrixFit) { self.fit = fit }
}
