// Loads a backbone with pretrained weights, given by a name or by the path of a file.

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
  /// The caller, who stated the preprocessing of a network without preprocessing information.
  case given
}

/// A backbone and facts about its file.
public struct LoadedBackbone: Sendable {
  /// The loaded backbone.
  public var backbone: Backbone
  /// The origin of the backbone's preprocessing before any changes.
  public let origin: PreprocessingOrigin
  /// Sentences about the reading of the file, such as a prefix of the tensor names, or unused tensors.
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
  ///   - source: a built-in name (an element of `Architectures.names`), the path of an `.onnx` file, the path of a
  ///     checkpoint, or `hf-hub:OWNER/NAME` for a repository in Hugging Face's cache on this machine. The architecture
  ///     of a checkpoint is recognized by the names and shapes of its tensors.
  ///   - locator: the folders that are searched for the weights of built-in names.
  /// - Throws: ``BackboneLoadingError``. The text of an error for missing weights explains how to get the weights.
  public static func load(
    _ source: String = Architectures.defaultName, locator: WeightsLocator = WeightsLocator()
  ) throws(BackboneLoadingError) -> Backbone {
    try loadWithOrigin(source, locator: locator).backbone
  }

  /// Loads a pretrained backbone, changes its preprocessing, and returns the origin of the preprocessing.
  ///
  /// The preprocessing comes from the first of these sources that states one: a file beside the weights, the published
  /// data of weights with the same SHA-256, the architecture's default. The file is `<source>.preprocessing.json` (in
  /// the form of a store's identity), timm's `config.json` or Hugging Face's `preprocessor_config.json`.
  ///
  /// - Parameters:
  ///   - architecture: the network of a checkpoint whose tensors fit several networks, as a name of timm or
  ///     torchvision. If `architecture` is nil, the network is inferred from `config.json`, the file's hash or the
  ///     file's name. If none of these decides, the most common of the possible networks is taken.
  ///   - isNormalizationGiven: whether `change` states mean and standard deviation. If `change` does not state both, an
  ///     `.onnx` file without preprocessing is refused.
  ///   - change: takes the preprocessing that was found, and returns the preprocessing to use.
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
    let path: String
    do { path = try HubCache().path(of: source) } catch { throw .weights(error) }
    guard FileSystem.exists(path) else { throw unknown(source) }
    let (source, shards) = try file(of: path)
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

  /// The file to load for a path, and warnings. A checkpoint may consist of several files and an index. If the path
  /// leads to the folder of such a checkpoint, or to one of the files, the file to load is the index. If the path leads
  /// to one of the files, a warning says that all files of the index are read.
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

  /// Loads an ONNX file, which describes its own network.
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

  /// Loads published weights. The pass over the file that reads the tensors also computes the hash of the bytes, which
  /// must be the published hash.
  private static func known(
    _ weights: KnownWeights, _ locator: WeightsLocator
  ) throws(BackboneLoadingError) -> Backbone {
    let found: WeightsLocator.Found
    do { found = try locator.locate(weights) } catch { throw .weights(error) }
    let checkpoint: (weights: CheckpointWeights, digest: Digest)
    do { checkpoint = try Checkpoint.loadWithDigest(found.path) } catch {
      // An error about a wrong hash is more useful than an error about a damaged file.
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

  /// The tensors and the SHA-256 of a file. A hash in the file's name must equal the hash of the file's bytes.
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
