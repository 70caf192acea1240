// Replaces a whole file. A reader finds either the old bytes or the new bytes, also after a crash.

package enum AtomicWriter {
  /// Calls `write` to fill a temporary file in the folder of `path`, and makes the file durable. Then renames it to
  /// `path` and makes the renaming durable.
  ///
  /// On an error, the old file stays, and the temporary file is removed if possible.
  package static func replace(
    _ path: String, faults: WriteFaults? = nil, write: (File) throws(FileSystemError) -> Void
  ) throws(FileSystemError) {
    let temporary = temporaryName(for: path)
    try TemporaryFiles.tracking(temporary) { () throws(FileSystemError) in
      do throws(FileSystemError) {
        let file = try File(creating: temporary, faults: faults)
        try write(file)
        try file.synchronize()
        try FileSystem.rename(temporary, to: path, faults: faults)
      } catch {
        try? FileSystem.remove(temporary, faults: faults)
        throw error
      }
    }
  }

  /// Replaces the file at `path` by a file with the content `bytes`.
  package static func replace(
    _ path: String, with bytes: [UInt8], faults: WriteFaults? = nil
  ) throws(FileSystemError) {
    try replace(path, faults: faults) { file throws(FileSystemError) in try file.write(bytes, at: 0) }
  }

  package static func replace(
    _ path: String, with text: String, faults: WriteFaults? = nil
  ) throws(FileSystemError) {
    try replace(path, with: Array(text.utf8), faults: faults)
  }

  /// The name of the temporary file. It is fixed, so a killed run leaves at most one such file, and the next run
  /// replaces it.
  static func temporaryName(for path: String) -> String {
    FileSystem.join(FileSystem.parent(of: path), "." + FileSystem.name(of: path) + ".tmp")
  }
}
