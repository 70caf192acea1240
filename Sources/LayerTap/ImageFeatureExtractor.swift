// Computes features from images, with a backbone and the layers to tap. No file is written unless a store is named.

import TapArchitectures
import TapBackbone
import TapExtraction
import TapFeatures
import TapImages
import TapKernels
import TapProvenance
import TapRun
import TapSettings

/// Computes features of images at layers of a frozen network.
///
/// ```swift
/// let extractor = try ImageFeatureExtractor("efficientnet_lite0", layers: ["blocks.10", "penultimate"])
/// let features = try extractor.features(of: .files(["a.jpg", "b.jpg"]))
/// print(features.matrices[0][1, 5])
/// ```
///
/// The bytes of features do not depend on the number of threads or on the other columns. The bytes are also the same if
/// an image comes from its file, from the bytes of its file or from its pixels.
public struct ImageFeatureExtractor: Sendable {
  /// The treatment of images that cannot be read or decoded.
  public enum UnreadableImages: Hashable, Sendable {
    /// An error names the first unreadable image.
    case fail
    /// An unreadable image has no row, and ``ImageFeatures/unreadable`` names the image.
    case skip
  }

  /// The network with its preprocessing.
  public let backbone: Backbone
  /// The columns of the features: the tapped layers, each with a pooling.
  public let columns: [Column]
  /// Warnings about the reading of the weights: a prefix of the tensors' names, unused tensors.
  public let warnings: [String]
  /// The treatment of images that cannot be read or decoded.
  public var unreadable = UnreadableImages.fail
  /// The number of threads; nil means the number of cores that this process may use. The value changes no byte.
  public var threads: Int?
  /// The settings that a model file keeps; nil if the extractor was made without settings.
  package let settings: ExtractionSettings?

  /// Creates an extractor of layers of a backbone.
  ///
  /// - Parameters:
  ///   - backbone: the network, with the preprocessing to use.
  ///   - layers: names of layers, aliases of layers, or `all`; see ``Backbone/layers``.
  ///   - poolings: the ways to turn an activation into a vector. Each layer with each pooling is a column.
  ///   - threads: nil means the number of cores that this process may use. The value changes no byte.
  /// - Throws: ``BackboneError``.
  public init(
    _ backbone: Backbone, layers: [String] = ["penultimate"], poolings: [Pooling] = [.avg],
    threads: Int? = nil
  ) throws(BackboneError) {
    self.backbone = backbone
    columns = try backbone.columns(layers: layers, poolings: poolings)
    warnings = []
    settings = nil
    self.threads = threads
  }

  /// Creates an extractor of layers of a backbone.
  ///
  /// - Parameters:
  ///   - source: the name of a built-in backbone (see `Architectures.names`), or the path of a checkpoint or an ONNX
  ///     file.
  ///   - layers: names of layers, aliases of layers, or `all`; see ``Backbone/layers``.
  ///   - poolings: the ways to turn an activation into a vector. Each layer with each pooling is a column.
  ///   - threads: nil means the number of cores that this process may use. The value changes no byte.
  /// - Throws: ``BackboneError``, ``BackboneLoadingError``. The text of the error for missing weights explains how to
  /// get the weights.
  public init(
    _ source: String = ExtractionSettings.defaultBackbone, layers: [String] = ["penultimate"],
    poolings: [Pooling] = [.avg], threads: Int? = nil
  ) throws {
    try self.init(
      ExtractionSettings(backbone: source, columns: .named(layers: layers, poolings: poolings)),
      threads: threads)
  }

  /// Creates an extractor with all settings of the command line and of pipeline files.
  ///
  /// - Parameters:
  ///   - settings: the settings. The backbone in the settings may also be a path.
  ///   - threads: nil means the number of cores that this process may use. The value changes no byte.
  /// - Throws: ``SettingsError``, ``BackboneError``, ``BackboneLoadingError``. The text of the error for missing
  /// weights explains how to get the weights.
  public init(_ settings: ExtractionSettings, threads: Int? = nil) throws {
    try settings.validate()
    try Architectures.require(settings.columns, of: settings.backbone)
    try self.init(LoadedBackbone(settings), settings, threads: threads)
  }

  /// Creates an extractor of the columns that settings name, for a backbone that was loaded with the same settings.
  package init(
    _ loaded: LoadedBackbone, _ settings: ExtractionSettings, threads: Int? = nil
  ) throws(BackboneError) {
    backbone = loaded.backbone
    columns = try backbone.columns(settings.columns)
    warnings = loaded.warnings
    self.settings = settings.resolved(backbone, columns)
    self.threads = threads
  }

  /// Computes the features of images in files or in memory.
  ///
  /// - Throws: ``FeatureError``. For example, ``FeatureError/unreadable(path:reason:)`` has the path of an image in a
  /// file, or the place of an image in memory.
  public func features(of images: [ImageInput]) throws -> ImageFeatures {
    try features(of: images, progress: { _ in })
  }

  /// Computes the features on other threads, so that the calling task does not block its thread.
  ///
  /// - Throws: ``FeatureError``, and `CancellationError` for a canceled task, once its work has stopped.
  public func features(of images: [ImageInput]) async throws -> ImageFeatures {
    try await featuresJob(of: images).value
  }

  /// Starts the computation of features as a job, which reports progress.
  public func featuresJob(of images: [ImageInput]) -> Job<ImageFeatures> {
    Job { progress in try features(of: images, progress: progress) }
  }

  /// Computes the features of a list's images. If a store is named, only features that the store lacks are computed.
  ///
  /// Each readable image has its own row, in the order of ``ImageList/items``. A store keeps all computed rows, even if
  /// the work is stopped or fails: the next call computes only the missing rows.
  ///
  /// - Parameters:
  ///   - list: images in files.
  ///   - store: the folder of feature stores, created if it does not exist. With nil, nothing is kept on disk.
  /// - Throws: ``FeatureError``.
  public func features(of list: ImageList, store: String? = nil) throws -> ImageFeatures {
    try features(of: list, store: store, progress: { _ in })
  }

  /// Computes the features of a list's images on other threads, so that the calling task does not block its thread.
  ///
  /// - Throws: ``FeatureError``, and `CancellationError` for a canceled task, once its work has stopped.
  public func features(of list: ImageList, store: String? = nil) async throws -> ImageFeatures {
    try await featuresJob(of: list, store: store).value
  }

  /// Starts the computation of a list's features as a job, which reports progress.
  public func featuresJob(of list: ImageList, store: String? = nil) -> Job<ImageFeatures> {
    Job { progress in try features(of: list, store: store, progress: progress) }
  }

  private func features(
    of images: [ImageInput], progress: @escaping @Sendable (JobProgress) -> Void
  ) throws -> ImageFeatures {
    let rows = try extractor.rows(of: images, progress: { progress(JobProgress($0)) })
    guard let rows else { throw CancellationError() }
    return ImageFeatures(rows, of: self)
  }

  private func features(
    of list: ImageList, store: String?, progress: @escaping @Sendable (JobProgress) -> Void
  ) throws -> ImageFeatures {
    guard let store else {
      return try features(of: .files(list.items.map(list.location)), progress: progress)
    }
    let extraction = try extractor.extract(list, into: store, progress: { progress(JobProgress($0)) })
    return ImageFeatures(try extraction.rows(of: columns), of: self)
  }

  /// The extractor with this extractor's threads and treatment of unreadable images.
  var extractor: FeatureExtractor {
    var extractor = FeatureExtractor(
      backbone: backbone, columns: columns, threads: threads.map { max(1, $0) })
    extractor.stopsAtUnreadable = unreadable == .fail
    return extractor
  }
}
