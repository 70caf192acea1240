// Extraction of a shard. The shard is written in a folder whose name begins with a dot. When the shard is complete, its
// folder is renamed. So a folder with the name of a shard is always complete.

import TapFileSystem
import TapFormats

extension FeatureExtractor {
  /// The parent folder of the store in which an unfinished shard is written. A later run continues from this store.
  package func workFolder(of shard: Shard, below parent: String) -> String {
    FileSystem.join(parent, "." + shard.name(of: identity.storeName))
  }

  /// The folder of a complete shard.
  package func folder(of shard: Shard, below parent: String) -> String {
    FileSystem.join(parent, shard.name(of: identity.storeName))
  }

  /// The result of an earlier extraction of the shard; nil if the shard is not complete.
  ///
  /// - Throws: ``FeatureError/otherShard(path:problem:)`` if the folder has a shard of another list, or lacks a column.
  package func completeShard(
    _ shard: Shard, of whole: ImageList, below parent: String
  ) throws(FeatureError) -> Extraction? {
    let path = folder(of: shard, below: parent)
    guard FileSystem.exists(path) else { return nil }
    let store = try FeatureStore(path: path)
    guard let record = try ShardRecord(in: store.folder), record.shard == shard, let items = try store.items()
    else { throw .otherShard(path: path, problem: "it is not the complete shard \(shard.text)") }
    guard record.listHash == ListHash.of(whole) else {
      throw .otherShard(path: path, problem: "it is a shard of another list")
    }
    let absent = columns.filter { column in !store.columns.contains { $0.column == column } }
    guard absent.isEmpty else {
      throw .otherShard(
        path: path, problem: "the shard lacks the columns \(absent.map(\.name).joined(separator: ", "))")
    }
    return Extraction(store: store, items: items, computedRows: 0, filledRows: 0)
  }

  /// Gives the folder of an extracted shard its name.
  ///
  /// - Parameter extraction: the extraction of the shard's items into ``workFolder(of:below:)``.
  /// - Returns: the extraction with the store in its new folder.
  package func complete(
    _ shard: Shard, of whole: ImageList, _ extraction: Extraction, below parent: String
  ) throws(FeatureError) -> Extraction {
    let path = folder(of: shard, below: parent)
    let work = workFolder(of: shard, below: parent)
    try onFiles { () throws(FileSystemError) in
      let record = ShardRecord(shard, listHash: ListHash.of(whole))
      try record.write(to: extraction.store.folder, faults: faults)
      try FileSystem.rename(extraction.store.path, to: path, faults: faults)
      try FileSystem.removeTree(work)
    }
    return Extraction(
      store: try FeatureStore(path: path), items: extraction.items, computedRows: extraction.computedRows,
      filledRows: extraction.filledRows)
  }
}
