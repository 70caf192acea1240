// From images to features: a backbone, the layers to tap, and nothing about files on disk unless a store is named.

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
/// The bytes of features do not depend on the number of threads, on the other columns, or on whether an image comes
/// from a file, its bytes or its pixels.
public struct ImageFeatureExtractor: Sendable {
  /// The treatment of images that cannot be read or decoded.
  public enum UnreadableImages: Hashable, Sendable {
    /// An error names the first one.
    case fail
    /// It has no row, and ``ImageFeatures/unreadable`` names it.
    case skip
  }

  /// The network with its preprocessing.
  public let backbone: Backbone
  /// The taps with their poolings, as features have them.
  public let columns: [Column]
  /// Sentences on how the weights were read: a prefix of their names, unused tensors.
  public let warnings: [String]
  /// The treatment of images that cannot be read or decoded.
  public var unreadable = UnreadableImages.fail
  /// The number of threads; nil is the number of cores that this process may use. Changes no byte.
  public var threads: Int?
  /// The settings that a model file keeps, if the extractor was made by settings.
  let settings: ExtractionSettings?

  /// An extractor of a backbone's layers.
  ///
  /// - Parameters:
  ///   - backbone: the network, with the preprocessing to use.
  ///   - layers: names, aliases, or `all`; see ``Backbone/layers``.
  ///   - poolings: how an activation becomes a vector; each layer with each pooling is a column.
  ///   - threads: nil is the number of cores that this process may use. Changes no byte.
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

  /// An extractor of a backbone's layers.
  ///
  /// - Parameters:
  ///   - source: a built-in name, one of `Architectures.names`, or the path of a checkpoint or an ONNX file.
  ///   - layers: names, aliases, or `all`; see ``Backbone/layers``.
  ///   - poolings: how an activation becomes a vector; each layer with each pooling is a column.
  ///   - threads: nil is the number of cores that this process may use. Changes no byte.
  /// - Throws: ``BackboneLoadingError``; for missing weights its text explains how to get them. ``BackboneError``.
  public init(
    _ source: String = ExtractionSettings.defaultBackbone, layers: [String] = ["penultimate"],
    poolings: [Pooling] = [.avg], threads: Int? = nil
  ) throws {
    try self.init(
      ExtractionSettings(backbone: source, columns: .named(layers: layers, poolings: poolings)),
      threads: threads)
  }

  /// An extractor with all settings of the command line and of pipeline files.
  ///
  /// - Parameters:
  ///   - settings: the backbone may be a path too.
  ///   - threads: nil is the number of cores that this process may use. Changes no byte.
  /// - Throws: ``SettingsError``, ``BackboneError``, ``BackboneLoadingError``; for missing weights its text explains
  ///   how to get them.
  public init(_ settings: ExtractionSettings, threads: Int? = nil) throws {
    try settings.validate()
    try Architectures.require(settings.columns, of: settings.backbone)
    let loaded = try Backbone.loadWithOrigin(
      settings.backbone, architecture: settings.architecture, isNormalizationGiven: settings.changes.isComplete,
      changingPreprocessing: settings.changes.applied)
    let tuned = settings.tunes ? try BackboneTuning().tuned(loaded.backbone, stores: nil) : nil
    backbone = tuned?.backbone ?? loaded.backbone
    columns = try backbone.columns(settings.columns)
    warnings = loaded.warnings + (tuned?.warnings ?? [])
    self.settings = settings.resolved(backbone, columns)
    self.threads = threads
  }

  /// Computes the features of images in files or in memory.
  ///
  /// - Throws: ``FeatureError``, for example ``FeatureError/unreadable(path:reason:)`` with the image's path, or its
  ///   place if it is in memory.
  public func features(of images: [ImageInput]) throws -> ImageFeatures {
    try features(of: images, progress: { _ in })
  }

  /// The same beside other tasks, on threads of its own.
  ///
  /// - Throws: the same, and `CancellationError` once a canceled task's work has stopped.
  public func features(of images: [ImageInput]) async throws -> ImageFeatures {
    try await featuresJob(of: images).value
  }

  /// The same as a job with progress.
  public func featuresJob(of images: [ImageInput]) -> Job<ImageFeatures> {
    Job { progress in try features(of: images, progress: progress) }
  }

  /// Computes the features of a list's images; if a store is named, only those that it lacks.
  ///
  /// Each readable image has a row of its own, in the order of ``ImageList/items``. A store keeps what was computed,
  /// also if the work is stopped or fails: the next call goes on from there.
  ///
  /// - Parameters:
  ///   - list: images in files.
  ///   - store: the folder of feature stores, made if it does not exist; nil keeps nothing.
  /// - Throws: ``FeatureError``.
  public func features(of list: ImageList, store: String? = nil) throws -> ImageFeatures {
    try features(of: list, store: store, progress: { _ in })
  }

  /// The same beside other tasks, on threads of its own.
  ///
  /// - Throws: the same, and `CancellationError` once a canceled task's work has stopped.
  public func features(of list: ImageList, store: String? = nil) async throws -> ImageFeatures {
    try await featuresJob(of: list, store: store).value
  }

  /// The same as a job with progress.
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

  private var extractor: FeatureExtractor {
    var extractor = FeatureExtractor(
      backbone: backbone, columns: columns, threads: threads.map { max(1, $0) })
    extractor.stopsAtUnreadable = unreadable == .fail
    return extractor
  }
}
