// A check, made before the work begins, that a result can be written.

extension FileSystem {
  /// Checks that a file could be created or replaced at `path`. For the check, it creates a file in the folder of
  /// `path`, or in the nearest existing folder above, and removes this file. Missing folders are not created.
  ///
  /// - Throws: ``FileSystemError``, for example if `path` is a folder or anything else that is not a regular file.
  package static func requireWritable(_ path: String) throws(FileSystemError) {
    if let status = try status(path), !status.isRegularFile {
      throw status.isDirectory ? .isFolder(path) : .notAFile(path)
    }
    if path.utf8.last == UInt8(ascii: "/") { throw .isFolder(path) }
    var folder = parent(of: path)
    while try status(folder) == nil, parent(of: folder) != folder { folder = parent(of: folder) }
    let probe = AtomicWriter.temporaryName(for: join(folder, name(of: path)))
    _ = try File(creating: probe)
    try remove(probe)
  }
}
