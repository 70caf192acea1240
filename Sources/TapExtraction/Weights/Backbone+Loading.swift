// Loads a backbone with pretrained weights by a name or from a file.

import TapArchitectures
import TapBackbone
import TapCheckpoints
import TapFileSystem
import TapFormats
import TapONNX
import TapProvenance

/// The origin of a backbone's preprocessing.
public enum PreprocessingOrigin: Hashable, Sendable {
  /// A file beside the weights.
  case file(String)
  /// The published preprocessing of these weights.
  case published(String)
  /// The architecture's own default: the preprocessing of its first published weights.
  case architecture
  /// The caller, for a network without preprocessing information.
  case given
}

/// A backbone and facts about its file.
public struct LoadedBackbone: Sendable {
  /// The loaded backbone.
  public var backbone: Backbone
  /// The origin of its preprocessing, before changes.
  public let origin: PreprocessingOrigin
  /// Sentences on how the file was read: a prefix of its names, unused tensors.
  public let warnings: [String]

  package init(backbone: Backbone, origin: PreprocessingOrigin, warnings: [String] = []) {
    self.backbone = backbone
    self.origin = origin
    self.warnings = warnings
  }
}

extension Backbone {
  /// Loads a pretrained backbone.
  ///
  /// - Parameters:
  ///   - source: a built-in name (one of `Architectures.names`), or the path of a checkpoint whose
  ///     architecture is recognized by the names and shapes of its tensors, or of an `.onnx` file.
  ///   - locator: the folders in which the weights of built-in names are searched.
  /// - Throws: ``BackboneLoadingError``; for missing weights its text explains how to get them.
  public static func load(
    _ source: String = Architectures.defaultName, locator: WeightsLocator = WeightsLocator()
  ) throws(BackboneLoadingError) -> Backbone {
    try loadWithOrigin(source, locator: locator).backbone
  }

  /// Loads a pretrained backbone, changes its preprocessing, and returns the origin of the preprocessing.
  ///
  /// The preprocessing comes from a file `<source>.preprocessing.json` (as in a store's identity) or timm's
  /// `config.json` beside the weights, from the published data of weights with their SHA-256, or from the
  /// architecture's default.
  ///
  /// - Parameters:
  ///   - architecture: the network of a checkpoint whose tensors fit several networks, by a name of timm or
  ///     torchvision;
  ///     nil: it is inferred from `config.json`, the file's hash and name, or it is the usual one of several.
  ///   - isNormalizationGiven: whether `change` states mean and deviation: otherwise an `.onnx` file without
  ///     preprocessing is refused.
  ///   - change: returns the preprocessing to use, given the one found.
  /// - Throws: ``BackboneLoadingError``.
  public static func loadWithOrigin(
    _ source: String, locator: WeightsLocator = WeightsLocator(), architecture: String? = nil,
    isNormalizationGiven: Bool = false,
    changingPreprocessing change: (Preprocessing) -> Preprocessing = { $0 }
  ) throws(BackboneLoadingError) -> LoadedBackbone {
    if Architectures.names.contains(source) {
      let known = KnownWeights.of(source)
      guard let first = known.first else { throw .noKnownWeights(source) }
      let weights = known.first { locator.find($0) != nil } ?? first
      try require(architecture, meaning: source, by: "the backbone's name")
      var backbone = try Self.known(weights, locator)
      backbone.preprocessing = change(weights.preprocessing ?? backbone.preprocessing)
      return LoadedBackbone(backbone: backbone, origin: .published(weights.checkpoint.name))
    }
    guard FileSystem.exists(source) else { throw unknown(source) }
    let (source, shards) = try file(of: source)
    let beside = try PreprocessingFile(beside: source)
    if source.lowercased().hasSuffix(".onnx") {
      if let architecture { throw .noChoice(architecture, path: source) }
      return try onnx(source, beside, isNormalizationGiven: isNormalizationGiven, changing: change)
    }
    let (weights, digest) = try checkpoint(source)
    let known = KnownWeights.published(digest)
    let (recognized, choice) = try recognized(
      weights.state, as: architecture, beside, path: source, published: known)
    var backbone = recognized.backbone
    let found = beside.preprocessing(over: backbone.preprocessing) ?? known?.preprocessing
    backbone.preprocessing = change(found ?? backbone.preprocessing)
    return LoadedBackbone(
      backbone: backbone,
      origin: beside.origin ?? known.map { .published($0.checkpoint.name) } ?? .architecture,
      warnings: shards + weights.warnings + recognized.warnings + choice)
  }

  /// The file for a path: the index of a checkpoint in several files, if the path is its folder or one of its files;
  /// and a sentence that says so.
  private static func file(of source: String) throws(BackboneLoadingError) -> (
    path: String, warnings: [String]
  ) {
    if FileSystem.isDirectory(source) {
      let names = (try? FileSystem.list(source)) ?? []
      let indexes = names.filter(ShardedCheckpoint.isIndex)
      guard indexes.count == 1 else {
        let endings = [".pth", ".pt", ".th", ".bin", ".safetensors", ".onnx", ".whl", ".zip"]
        throw .folder(
          source, found: names.filter { name in endings.contains { name.hasSuffix($0) } }.sorted())
      }
      return (FileSystem.join(source, indexes[0]), [])
    }
    guard let found = ShardedCheckpoint.index(ofShard: source) else { return (source, []) }
    guard FileSystem.exists(found.path) else {
      if found.count == 1 { return (source, []) }
      throw .shard(path: source, index: FileSystem.name(of: found.path), count: found.count)
    }
    do throws(CheckpointError) {
      let (name, count) = (FileSystem.name(of: found.path), try ShardedCheckpoint(path: found.path).count)
      return (found.path, ["\(source) is one of \(count) files: all are read that \(name) lists."])
    } catch { throw .checkpoint(error) }
  }

  /// A network that the file itself describes.
  private static func onnx(
    _ path: String, _ beside: PreprocessingFile, isNormalizationGiven: Bool,
    changing change: (Preprocessing) -> Preprocessing
  ) throws(BackboneLoadingError) -> LoadedBackbone {
    do {
      // An invalid model is reported before its file is hashed.
      let model = try ONNXModel(path: path)
      let digest = try digest(of: path)
      let known = KnownWeights.published(digest)?.preprocessing
      guard
        var preprocessing = beside.preprocessing(over: Preprocessing()) ?? known
          ?? (isNormalizationGiven ? Preprocessing() : nil)
      else { throw BackboneLoadingError.noPreprocessing(path) }
      do throws(ONNXError.Reason) {
        preprocessing.size = try ONNXImporter.image(of: model).size ?? preprocessing.size
        let name = FileSystem.name(of: path)
        let backbone = try ONNXImporter.backbone(
          model, name: String(name.dropLast(".onnx".count)), preprocessing: change(preprocessing))
        let published = known == nil ? nil : PreprocessingOrigin.published(name)
        return LoadedBackbone(backbone: backbone, origin: beside.origin ?? published ?? .given)
      } catch { throw BackboneLoadingError.onnx(ONNXError(path: path, reason: error)) }
    } catch let error as BackboneLoadingError {
      throw error
    } catch let error as ONNXError {
      throw .onnx(error)
    } catch let error as WeightsError {
      throw .weights(error)
    } catch { preconditionFailure("\(error)") }
  }

  private static func digest(of path: String) throws(WeightsError) -> String {
    do { return try MappedFile(path: path).withBytes { SHA256.hash($0).hex } } catch { throw .file(error) }
  }

  /// Published weights: their bytes are compared with the published hash, in the same pass.
  private static func known(
    _ weights: KnownWeights, _ locator: WeightsLocator
  ) throws(BackboneLoadingError) -> Backbone {
    let found: WeightsLocator.Found
    do { found = try locator.locate(weights) } catch { throw .weights(error) }
    let checkpoint: (weights: CheckpointWeights, digest: Digest)
    do { checkpoint = try Checkpoint.loadWithDigest(found.path) } catch {
      // A wrong hash is a more useful error than a damaged file's.
      do { try locator.check(found) } catch { throw .weights(error) }
      throw .checkpoint(error)
    }
    guard weights.checkpoint.isPublished(checkpoint.digest.hex) else {
      throw .weights(
        .damaged(
          path: found.path, expected: weights.checkpoint.sha256, actual: checkpoint.digest.hex))
    }
    do {
      return try Architectures.build(
        weights.architecture, weights: checkpoint.weights.state.withoutSharedPrefix)
    } catch {
      throw .architecture(path: found.path, error)
    }
  }

  /// The tensors and the SHA-256 of a file; a hash in the file's name must equal that of its bytes.
  private static func checkpoint(
    _ path: String
  ) throws(BackboneLoadingError) -> (weights: CheckpointWeights, digest: String) {
    let (weights, digest): (CheckpointWeights, Digest)
    do {
      (weights, digest) =
        ShardedCheckpoint.isIndex(path)
        ? try ShardedCheckpoint(path: path).load() : try Checkpoint.loadWithDigest(path)
    } catch { throw .checkpoint(error) }
    let name = FileSystem.name(of: path)
    if let expected = KnownWeights.certainHash(in: name), !digest.hex.hasPrefix(expected) {
      guard KnownWeights.named(name) == nil else {
        throw .weights(.damaged(path: path, expected: expected + "…", actual: digest.hex))
      }
      throw .weights(.otherHash(path: path, expected: expected, actual: digest.hex))
    }
    return (weights, digest.hex)
  }

  private static func unknown(_ source: String) -> BackboneLoadingError {
    .unknown(
      source, known: Architectures.names,
      nearest: NearestName.nearest(to: source, in: Architectures.names))
  }
}
