// Reads a checkpoint in several files, as Hugging Face writes large checkpoints. An index,
// `model.safetensors.index.json` or a similar name for `.bin` files, gives the file of each tensor. These files are
// called shards.
//
// The tensors are equal to those of a checkpoint in one file, so features and their identity are equal too. The digest
// of such a checkpoint is the digest of the index. No published checkpoint has this digest.

import TapFileSystem
import TapFormats
import TapTensors

/// The index of a checkpoint in several files.
package struct ShardedCheckpoint {
  private static let suffix = ".index.json"
  private let path: String
  private let digest: Digest
  /// The names of the tensors in each file, by the name of the file.
  private let shards: [String: Set<String>]

  /// Whether the name of a file is the name of an index.
  package static func isIndex(_ path: String) -> Bool { FileSystem.name(of: path).hasSuffix(suffix) }

  /// The path of the index to which a shard belongs, and the number of shards. Both follow from the shard's name:
  /// `model-00001-of-00002.safetensors` has the index `model.safetensors.index.json` and 2 shards. The result is nil
  /// for other names.
  package static func index(ofShard path: String) -> (path: String, count: Int)? {
    let name = FileSystem.name(of: path)
    guard let dot = name.lastIndex(of: "."), [".safetensors", ".bin"].contains(name[dot...]) else {
      return nil
    }
    let parts = name[..<dot].split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count >= 4, parts[parts.count - 2] == "of",
      [parts[parts.count - 1], parts[parts.count - 3]].allSatisfy({ part in
        part.utf8.count == 5 && part.utf8.allSatisfy { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }
      }), let count = Int(parts[parts.count - 1])
    else { return nil }
    let stem = parts.dropLast(3).joined(separator: "-")
    return (FileSystem.join(FileSystem.parent(of: path), stem + name[dot...] + suffix), count)
  }

  /// Reads the index at a path.
  ///
  /// - Throws: ``CheckpointError`` unless the index has the form `{"weight_map": {tensor: file beside it}}`.
  package init(path: String) throws(CheckpointError) {
    self.path = path
    func failure(_ reason: CheckpointError.Reason) -> CheckpointError {
      CheckpointError(path: path, reason: reason)
    }
    let bytes: [UInt8]
    do throws(FileSystemError) { bytes = try FileSystem.read(path) } catch { throw failure(.file(error)) }
    guard let json = try? JSONValue.parse(bytes), let map = json["weight_map"]?.objectValue, !map.isEmpty
    else {
      throw failure(.noWeightMap)
    }
    var shards: [String: Set<String>] = [:]
    for (tensor, value) in map {
      guard let file = value.stringValue, !file.isEmpty, !file.contains("/"), !file.hasPrefix("."),
        !Self.isIndex(file)
      else { throw failure(.shardName(tensor: tensor)) }
      shards[file, default: []].insert(tensor)
    }
    self.shards = shards
    digest = SHA256.hash(bytes)
  }

  /// The number of shards.
  package var count: Int { shards.count }

  /// All tensors of the checkpoint, and the digest of the index.
  ///
  /// - Throws: ``CheckpointError`` if a shard is missing, or if its tensors are not those that the index lists for it.
  package func load() throws(CheckpointError) -> (weights: CheckpointWeights, digest: Digest) {
    var tensors: [String: Tensor] = [:]
    var warnings: [String] = []
    for (name, expected) in shards.sorted(by: { $0.key < $1.key }) {
      let shard = FileSystem.join(FileSystem.parent(of: path), name)
      guard FileSystem.exists(shard) else {
        throw CheckpointError(path: path, reason: .missingShard(name: name, of: shards.count))
      }
      let found = try Checkpoint.readWeights(shard)
      let names = Set(found.state.tensors.keys)
      guard names == expected else {
        throw CheckpointError(
          path: path,
          reason: .otherShard(
            name: name, missing: expected.subtracting(names).sorted(),
            extra: names.subtracting(expected).sorted()))
      }
      tensors.merge(found.state.tensors) { first, _ in first }
      warnings += found.warnings
    }
    return (CheckpointWeights(state: StateDictionary(tensors), warnings: warnings), digest)
  }
}
