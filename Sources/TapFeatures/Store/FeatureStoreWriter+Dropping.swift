// Dropping the rows of images that a new column lacks. A new store with the remaining rows is built beside the old
// store, in `.<store>.kept`. The old store is renamed to `.<store>.dropped`, the new store takes its place, and the old
// store is removed. If a run is killed between the two renamings, no store has the usual name. The next writer then
// gives the old store its name back.

import TapFileSystem
import TapFormats

extension FeatureStoreWriter {
  /// Replaces the store by a store without the rows of these keys, and opens the new store for writing.
  ///
  /// This writer cannot be used any more. The remaining rows keep their order. The files items.csv, unfinished new
  /// columns and records of runs are removed with the old store.
  package func dropping(_ absent: Set<Digest>) throws(FeatureError) -> FeatureStoreWriter {
    let kept = StoreFolder(path: folder.kept)
    try onFiles { () throws(FileSystemError) in
      try FileSystem.removeTree(kept.path)
      try FileSystem.createDirectories(kept.features, faults: faults)
      try state.withLock { state throws(FileSystemError) in
        let rows = (0..<state.committed).filter { !absent.contains(state.keys[$0]) }
        for column in state.columns {
          var copy = try ColumnFile(
            creating: column.stored, values: kept.values(column.stored),
            checksums: kept.checksums(column.stored), faults: faults)
          for row in rows {
            try copy.append(column.values(ofRow: row))
            if copy.pendingBytes >= CommitClock.byteLimit { try copy.flush() }
          }
          try copy.flush()
          try copy.writeHeader()
          try copy.synchronize()
        }
        if FileSystem.exists(folder.layers) {
          try AtomicWriter.replace(kept.layers, with: try FileSystem.read(folder.layers), faults: faults)
        }
        let keys = rows.flatMap { state.keys[$0].bytes }
        try AtomicWriter.replace(kept.keys, with: keys, faults: faults)
        try FileSystem.synchronizeDirectory(kept.features, faults: faults)
        try AtomicWriter.replace(kept.description, with: state.description.text, faults: faults)
      }
      try FileSystem.rename(folder.path, to: folder.dropped, faults: faults)
      try FileSystem.rename(kept.path, to: folder.path, faults: faults)
    }
    return try FeatureStoreWriter(
      parent: FileSystem.parent(of: folder.path), identity: identity, faults: faults)
  }

  /// Gives the old store its name back if a run was killed before the new store took its place.
  static func undoHalfDrop(_ folder: StoreFolder, _ faults: WriteFaults?) throws(FileSystemError) {
    guard !FileSystem.exists(folder.path), FileSystem.exists(folder.dropped) else { return }
    try FileSystem.rename(folder.dropped, to: folder.path, faults: faults)
  }

  /// Removes the folders that a finished or killed drop or compaction left beside the store. The caller holds the
  /// store's lock.
  static func removeDropped(_ folder: StoreFolder) throws(FileSystemError) {
    for path in [folder.dropped, folder.kept, folder.compacting] { try FileSystem.removeTree(path) }
  }
}
