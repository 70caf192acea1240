// From a name or a file to a backbone with pretrained weights.

import TapArchitectures
import TapBackbone
import TapCheckpoints
import TapFileSystem
import TapFormats

extension Backbone {
  /// Loads a pretrained backbone.
  ///
  /// - Parameters:
  ///   - source: a built-in name (one of `Architectures.names`), or the path of a checkpoint whose
  ///     architecture is recognised by the names and shapes of its tensors.
  ///   - locator: where the weights of built-in names are looked for.
  /// - Throws: ``BackboneLoadingError``; for missing weights its text says how to get them.
  public static func load(
    _ source: String = Architectures.defaultName, locator: WeightsLocator = WeightsLocator()
  ) throws(BackboneLoadingError) -> Backbone {
    if Architectures.names.contains(source) {
      guard let weights = KnownWeights.of(source) else { throw .noKnownWeights(source) }
      return try known(weights, locator)
    }
    guard FileSystem.exists(source) else { throw unknown(source) }
    return try recognised(in: source)
  }

  /// Published weights: their bytes are compared with the published hash, in the same pass.
  private static func known(
    _ weights: KnownWeights, _ locator: WeightsLocator
  ) throws(BackboneLoadingError) -> Backbone {
    let found: WeightsLocator.Found
    do { found = try locator.locate(weights) } catch { throw .weights(error) }
    let checkpoint: (state: StateDictionary, digest: Digest)
    do { checkpoint = try Checkpoint.loadWithDigest(found.path) } catch {
      // Why the bytes are not sound matters less than that they are not the published ones.
      do { try locator.check(found) } catch { throw .weights(error) }
      throw .checkpoint(error)
    }
    guard checkpoint.digest.hex == weights.checkpoint.sha256 else {
      throw .weights(
        .damaged(
          path: found.path, expected: weights.checkpoint.sha256, actual: checkpoint.digest.hex))
    }
    return try build(weights.architecture, checkpoint.state, from: found.path)
  }

  private static func build(
    _ name: String, _ tensors: StateDictionary, from path: String
  ) throws(BackboneLoadingError) -> Backbone {
    do { return try Architectures.build(name, weights: tensors) } catch {
      throw .architecture(path: path, error)
    }
  }

  /// The architecture whose tensors the checkpoint holds; if none does, the objection of the one that comes closest.
  private static func recognised(in path: String) throws(BackboneLoadingError) -> Backbone {
    let tensors = try checkpoint(path)
    if let backbone = Architectures.recognised(tensors) { return backbone }
    if let objection = Architectures.objections(tensors).first { throw .architecture(path: path, objection) }
    throw .notRecognised(path: path, tensors: tensors.tensors.keys.sorted())
  }

  private static func checkpoint(_ path: String) throws(BackboneLoadingError) -> StateDictionary {
    do { return try Checkpoint.load(path) } catch { throw .checkpoint(error) }
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
  /// A checkpoint that cannot be read.
  case checkpoint(CheckpointError)
  /// The tensors of a checkpoint are those of no architecture.
  case notRecognised(path: String, tensors: [String])
  /// The tensors of a checkpoint are not those of the architecture.
  case architecture(path: String, ArchitectureError)

  public var description: String {
    switch self {
    case .unknown(let name, let known, let nearest):
      "unknown backbone '\(name)': neither a built-in name (\(known.joined(separator: ", "))) nor a file"
        + (nearest.map { ". Did you mean '\($0)'?" } ?? "")
    case .noKnownWeights(let name): "no published weights are known for \(name): give a checkpoint's path"
    case .weights(let error): error.description
    case .checkpoint(let error): error.description
    case .notRecognised(let path, let tensors):
      "\(path): its \(tensors.count) tensors (\(tensors.prefix(3).joined(separator: ", "))\(tensors.count > 3 ? ", …" : "")) "
        + "are those of no architecture known here: \(Architectures.names.joined(separator: ", "))"
    case .architecture(let path, let error): "\(path): \(error)"
    }
  }
}
