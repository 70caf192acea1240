// Whether a result can be written, asked before the work whose result it is.

extension FileSystem {
  /// Passes if a file could be made or replaced at `path`: by making one beside it, or in the nearest
  /// folder above that exists, and removing it again. Folders that are missing are not made.
  ///
  /// - Throws: ``FileSystemError``: among others where `path` is a folder, or something else that is no
  ///   ordinary file.
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
