// A checkpoint in several files, as Hugging Face writes large ones: `model.safetensors.index.json`, or the same for
// `.bin` files, gives the file of each tensor.
//
// The tensors are those of one file with all of them, so features and their identity are the same too. The digest of
// the files is that of the index: no such checkpoint is a published one.

import TapFileSystem
import TapFormats
import TapTensors

/// A list of files with tensors.
package struct ShardedCheckpoint {
  private static let suffix = ".index.json"
  private let path: String
  private let digest: Digest
  /// The names of the tensors by file.
  private let shards: [String: Set<String>]

  /// Whether a path is that of an index, by its name.
  package static func isIndex(_ path: String) -> Bool { FileSystem.name(of: path).hasSuffix(suffix) }

  /// The index for a file's name, `model.safetensors.index.json` for `model-00001-of-00002.safetensors`, and the number
  /// of files in the name; nil for other names.
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

  /// Reads an index.
  ///
  /// - Throws: ``CheckpointError`` unless it is `{"weight_map": {tensor: file beside it}}`.
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

  /// The number of files.
  package var count: Int { shards.count }

  /// All tensors, and the digest of the index.
  ///
  /// - Throws: ``CheckpointError`` if a file is missing or has other tensors than the index says.
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
