// From a name or a file to a backbone with pretrained weights.

import TapArchitectures
import TapBackbone
import TapCheckpoints
import TapFileSystem
import TapFormats
import TapONNX
import TapProvenance

/// Where a backbone's preprocessing comes from.
public enum PreprocessingOrigin: Hashable, Sendable {
  /// A file beside the weights.
  case file(String)
  /// What is published of these weights.
  case published(String)
  /// The architecture's own default: what its first published weights were trained with.
  case architecture
  /// The caller, for a network that says nothing.
  case given
}

/// A backbone with what was found out about it.
public struct LoadedBackbone: Sendable {
  /// Ready to be tapped.
  public var backbone: Backbone
  /// Where its preprocessing comes from, before changes.
  public let origin: PreprocessingOrigin
  /// Sentences on how the file was read: a prefix of its names, tensors without a use.
  public let remarks: [String]

  package init(backbone: Backbone, origin: PreprocessingOrigin, remarks: [String] = []) {
    self.backbone = backbone
    self.origin = origin
    self.remarks = remarks
  }
}

extension Backbone {
  /// Loads a pretrained backbone.
  ///
  /// - Parameters:
  ///   - source: a built-in name (one of `Architectures.names`), or the path of a checkpoint whose
  ///     architecture is recognised by the names and shapes of its tensors, or of an `.onnx` file.
  ///   - locator: where the weights of built-in names are looked for.
  /// - Throws: ``BackboneLoadingError``; for missing weights its text says how to get them.
  public static func load(
    _ source: String = Architectures.defaultName, locator: WeightsLocator = WeightsLocator()
  ) throws(BackboneLoadingError) -> Backbone {
    try loaded(source, locator: locator).backbone
  }

  /// Loads a pretrained backbone, changes its preprocessing, and says where that came from.
  ///
  /// The preprocessing is that of a file `<source>.preprocessing.json` (as in a store's identity) or timm's `config.json` beside
  /// the weights, of what is published of weights with their SHA-256, or the architecture's default.
  ///
  /// - Parameters:
  ///   - isComplete: whether `change` states mean and deviation: an `.onnx` file without any preprocessing is refused otherwise.
  ///   - change: gives the preprocessing to be used for the one found.
  /// - Throws: ``BackboneLoadingError``.
  public static func loaded(
    _ source: String, locator: WeightsLocator = WeightsLocator(), isComplete: Bool = false,
    changing change: (Preprocessing) -> Preprocessing = { $0 }
  ) throws(BackboneLoadingError) -> LoadedBackbone {
    if Architectures.names.contains(source) {
      let known = KnownWeights.of(source)
      guard let first = known.first else { throw .noKnownWeights(source) }
      let weights = known.first { locator.find($0) != nil } ?? first
      var backbone = try Self.known(weights, locator)
      backbone.preprocessing = change(weights.preprocessing ?? backbone.preprocessing)
      return LoadedBackbone(backbone: backbone, origin: .published(weights.checkpoint.name))
    }
    guard FileSystem.exists(source) else { throw unknown(source) }
    let beside = try PreprocessingFile(beside: source)
    if source.lowercased().hasSuffix(".onnx") {
      return try onnx(source, beside, isComplete: isComplete, changing: change)
    }
    let (weights, digest) = try checkpoint(source)
    let origin = beside.architecture ?? FileSystem.name(of: source)
    let recognised = try recognised(weights.state, origin: origin, path: source)
    var backbone = recognised.backbone
    let known = KnownWeights.published(digest)
    let choice = try agreed(recognised, beside, path: source, isPublished: known != nil)
    let found = beside.preprocessing(over: backbone.preprocessing) ?? known?.preprocessing
    backbone.preprocessing = change(found ?? backbone.preprocessing)
    return LoadedBackbone(
      backbone: backbone,
      origin: beside.origin ?? known.map { .published($0.checkpoint.name) } ?? .architecture,
      remarks: weights.remarks + recognised.remarks + choice)
  }

  /// A network that the file itself describes.
  private static func onnx(
    _ path: String, _ beside: PreprocessingFile, isComplete: Bool,
    changing change: (Preprocessing) -> Preprocessing
  ) throws(BackboneLoadingError) -> LoadedBackbone {
    do {
      let digest = try digest(of: path)
      let known = KnownWeights.published(digest)?.preprocessing
      let model = try ONNXModel(path: path)
      guard
        var preprocessing = beside.preprocessing(over: Preprocessing()) ?? known
          ?? (isComplete ? Preprocessing() : nil)
      else { throw BackboneLoadingError.noPreprocessing(path) }
      do throws(ONNXError.Reason) {
        preprocessing.size = try ONNXImporter.picture(of: model).size ?? preprocessing.size
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
    let checkpoint: (weights: ReadWeights, digest: Digest)
    do { checkpoint = try Checkpoint.loadWithDigest(found.path) } catch {
      // Why the bytes are not sound matters less than that they are not the published ones.
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

  /// The network whose tensors the checkpoint holds; if none does, the objection of the one that comes closest.
  private static func recognised(
    _ tensors: StateDictionary, origin: String, path: String
  ) throws(BackboneLoadingError) -> Recognition {
    do throws(ArchitectureError) {
      if let found = try Architectures.recognition(tensors, origin: origin) { return found }
    } catch { throw .architecture(path: path, error) }
    throw .notRecognised(path: path, tensors: tensors.tensors.keys.sorted())
  }

  /// Whether `config.json` or the file's name means the network that the tensors are like.
  ///
  /// - Returns: a sentence on networks with the same tensors, where nothing says which it is.
  private static func agreed(
    _ recognised: Recognition, _ beside: PreprocessingFile, path: String, isPublished: Bool
  ) throws(BackboneLoadingError) -> [String] {
    let name = recognised.backbone.name
    try beside.requirePlainNetwork()
    if let stated = beside.architecture {
      guard NetworkNames.architecture(of: stated) == name else {
        throw .otherNetwork(
          path: path, named: stated, in: beside.architectureFile, recognised: name,
          meaning: NetworkNames.architecture(of: stated))
      }
      return []
    }
    if let twin = NetworkNames.twin(ofFile: FileSystem.name(of: path), name), !isPublished {
      throw .otherNetwork(path: path, named: twin, in: nil, recognised: name, meaning: nil)
    }
    guard let choice = recognised.choice, !isPublished else { return [] }
    return [
      "Tensors do not tell \(choice.taken) from \(choice.others.joined(separator: " and ")): it is taken for the former "
        + "('architecture' in timm's config.json beside the file decides)."
    ]
  }

  /// The tensors and the SHA-256 of a file; a hash in its name must be that of its bytes.
  private static func checkpoint(
    _ path: String
  ) throws(BackboneLoadingError) -> (weights: ReadWeights, digest: String) {
    let (weights, digest): (ReadWeights, Digest)
    do { (weights, digest) = try Checkpoint.loadWithDigest(path) } catch { throw .checkpoint(error) }
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

/// A backbone could not be loaded.
public enum BackboneLoadingError: Error, Equatable, CustomStringConvertible {
  /// Neither a built-in name nor a file.
  case unknown(String, known: [String], nearest: String?)
  /// A built-in backbone for which no published weights are known.
  case noKnownWeights(String)
  /// The weights were not found or are not those published.
  case weights(WeightsError)
  /// A file beside the weights that does not say what it should.
  case preprocessing(path: String, problem: String)
  /// An ONNX file of which nobody says what pictures it expects.
  case noPreprocessing(String)
  /// An ONNX file that cannot be read, or a network that cannot be run.
  case onnx(ONNXError)
  /// A checkpoint that cannot be read.
  case checkpoint(CheckpointError)
  /// The tensors of a checkpoint are those of no architecture.
  case notRecognised(path: String, tensors: [String])
  /// A configuration or a file's name means another network than the one that the tensors are like.
  case otherNetwork(path: String, named: String, in: String?, recognised: String, meaning: String?)
  /// The tensors of a checkpoint are not those of the architecture.
  case architecture(path: String, ArchitectureError)

  public var description: String {
    switch self {
    case .unknown(let name, let known, let nearest):
      "unknown backbone '\(name)': neither a file nor one of the \(known.count) built-in names"
        + (nearest.map { ". Did you mean '\($0)'?" } ?? "") + " ('layertap layers --help' lists them)"
    case .noKnownWeights(let name): "no published weights are known for \(name): give a checkpoint's path"
    case .weights(let error): error.description
    case .preprocessing(let path, let problem): "\(path): \(problem)"
    case .noPreprocessing(let path):
      "\(path) does not say what pictures it expects, and a wrong guess costs accuracy unseen: state --mean and --std (and "
        + "--scale, --size, --channels where they differ from 255, 224 and rgb), or write them into \(path).preprocessing.json"
    case .onnx(let error): error.description
    case .checkpoint(let error): error.description
    case .notRecognised(let path, let tensors):
      "\(path): its \(tensors.count) tensors (\(tensors.prefix(3).joined(separator: ", "))\(tensors.count > 3 ? ", …" : "")) "
        + "are those of no architecture known here: \(Architectures.names.joined(separator: ", "))"
    case .otherNetwork(let path, let named, let file, let recognised, let meaning):
      if let meaning {
        "\(path): its tensors are those of \(recognised), but \(file ?? "its name") says \(named), which is \(meaning) here: one "
          + "of the two files is the wrong one"
      } else {
        "\(path): \(file.map { "\($0) says" } ?? "its name says") \(named), which is none of the networks here, though its tensors have "
          + "names and shapes of \(recognised)'s; as \(recognised) it would give other features. Export the network to ONNX "
          + "(torch.onnx.export) and give that file; if the name is wrong, change it"
      }
    case .architecture(let path, let error): "\(path): \(error)"
    }
  }
}
