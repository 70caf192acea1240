// Features of images for callers that have memory, stores and labels of their own.

import TapExtraction
import TapFeatures
import TapKernels
import TapProvenance
import TapSettings
import TapTraining

extension LoadedBackbone {
  /// Loads the backbone of settings, and chooses its algorithms if the settings ask for it.
  ///
  /// - Throws: ``BackboneLoadingError``, and the errors of a tuning.
  package init(_ settings: ExtractionSettings) throws {
    let loaded = try Backbone.loadWithOrigin(
      settings.backbone, architecture: settings.architecture, isNormalizationGiven: settings.changes.isComplete,
      changingPreprocessing: settings.changes.applied)
    let tuned = settings.tunes ? try BackboneTuning().tuned(loaded.backbone, stores: nil) : nil
    self.init(
      backbone: tuned?.backbone ?? loaded.backbone, origin: loaded.origin,
      warnings: loaded.warnings + (tuned?.warnings ?? []))
  }
}

extension ImageFeatureExtractor {
  /// The dimensions of each column.
  ///
  /// - Throws: ``FeatureError``.
  package var dimensions: [Int] { get throws(FeatureError) { try extractor.dimensions } }

  /// Computes features and passes each image's row to a function, in the order of the images. A row has the values of
  /// all columns, one column after the other.
  ///
  /// - Parameters:
  ///   - images: the images. An element is requested when its turn comes.
  ///   - deliver: called from any thread, one call at a time.
  /// - Throws: ``FeatureError``, and `CancellationError` after a requested cancellation.
  package func forEachRow<Images: RandomAccessCollection<ImageInput> & Sendable>(
    of images: Images, progress: @escaping @Sendable (JobProgress) -> Void,
    _ deliver: @Sendable (Int, RowOutcome) -> Void
  ) throws where Images.Index == Int {
    guard try extractor.forEachRow(of: images, progress: { progress(JobProgress($0)) }, deliver) else {
      throw CancellationError()
    }
  }

  /// Computes the features of a list's images that a store lacks.
  ///
  /// - Parameter store: the folder of feature stores, created if it does not exist.
  /// - Throws: ``FeatureError``.
  package func extraction(
    of list: ImageList, into store: String, progress: @escaping @Sendable (JobProgress) -> Void
  ) throws(FeatureError) -> Extraction {
    try extractor.extract(
      list, into: store, progress: { progress(JobProgress($0)) },
      shouldStop: { Cancellation.isRequested })
  }

  /// The features of a list's readable images with the list's labels, splits, groups and weights.
  ///
  /// - Parameter store: the folder of feature stores; with nil, nothing is kept on disk.
  /// - Returns: the data, and the images that could not be read.
  /// - Throws: ``FeatureError``, and `CancellationError` after a requested cancellation.
  package func labeled(
    _ list: ImageList, store: String?, progress: @escaping @Sendable (JobProgress) -> Void
  ) throws -> (data: LabeledFeatures, unreadable: [UnreadableImage]) {
    guard let store else {
      let images = list.items.map { ImageInput.file(list.location(of: $0)) }
      guard let rows = try extractor.rows(of: images, progress: { progress(JobProgress($0)) }) else {
        throw CancellationError()
      }
      return (labeled(rows, images: rows.indices.map { list.items[$0] }), rows.unreadable)
    }
    let extraction = try extraction(of: list, into: store, progress: progress)
    try extraction.requireClasses()
    var data = try LabeledFeatures(extraction.items, in: extraction.store, columns: columns)
    data.extraction = settings ?? data.extraction
    data.backbone = backbone
    let unreadable = extraction.unreadable.map { UnreadableImage(index: 0, name: $0.path, reason: $0.reason) }
    return (data, unreadable)
  }

  /// The features of images with labels, splits, groups and weights.
  ///
  /// - Parameter items: an item for each image.
  /// - Throws: ``FeatureError``, and `CancellationError` after a requested cancellation.
  package func labeled<Images: RandomAccessCollection<ImageInput> & Sendable>(
    _ images: Images, items: [ImageItem], progress: @escaping @Sendable (JobProgress) -> Void
  ) throws -> LabeledFeatures where Images.Index == Int {
    guard let rows = try extractor.rows(of: images, progress: { progress(JobProgress($0)) }) else {
      throw CancellationError()
    }
    return labeled(rows, images: rows.indices.map { items[$0] })
  }

  private func labeled(_ rows: ExtractedRows, images: [ImageItem]) -> LabeledFeatures {
    LabeledFeatures(
      candidates: zip(columns, rows.matrices).map { LabeledFeatures.Candidate(column: $0, features: $1) },
      images: images, hashes: rows.keys, identity: BackboneIdentity(backbone), extraction: settings,
      backbone: backbone)
  }
}
