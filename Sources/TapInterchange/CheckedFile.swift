// Replaces a file by one that was read again and checked.

import TapFileSystem

enum CheckedFile {
  /// Calls `write` with a path beside `path`, then `check` with the same path, and then renames that file to `path`. On
  /// an error the old file stays, and the new one is removed.
  static func replace<Result>(
    _ path: String, write: (String) throws(ExportError) -> Void,
    check: (String) throws(ExportError) -> Result
  ) throws(ExportError) -> Result {
    let trial = path + ".unchecked"
    return try TemporaryFiles.tracking(trial) { () throws(ExportError) in
      do throws(ExportError) {
        try write(trial)
        let result = try check(trial)
        do throws(FileSystemError) { try FileSystem.rename(trial, to: path) } catch { throw .file(error) }
        return result
      } catch {
        try? FileSystem.remove(trial)
        throw error
      }
    }
  }
}
