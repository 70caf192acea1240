// All files below a folder. The order is the same on every machine.

/// The files found below a folder.
package struct DirectoryWalk: Equatable, Sendable {
  /// Regular files, as paths relative to the root folder, sorted by bytes.
  package private(set) var files: [String] = []
  /// Folders below the root folder, as relative paths, sorted by bytes.
  package private(set) var directories: [String] = []
  /// Skipped paths, each with the reason. Names that are not UTF-8, unreadable folders, pipes, sockets and devices are
  /// skipped. Links to nothing, or back to a folder above the link, are skipped too.
  package private(set) var passedOver: [String] = []

  private struct Identity: Hashable {
    let device: UInt64
    let inode: UInt64
  }

  /// Lists `root`. Links to files and folders are followed. A link to a folder above the link is skipped, so that loops
  /// end. Names that begin with a dot are left out.
  package init(_ root: String) throws(FileSystemError) {
    guard let status = try FileSystem.status(root) else {
      throw .systemCall(call: "list", path: root, errno: 2)
    }
    try walk(root, "", [Identity(device: status.device, inode: status.inode)])
    files.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    directories.sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    passedOver.sort()
  }

  private mutating func walk(
    _ path: String, _ relative: String, _ above: Set<Identity>
  ) throws(FileSystemError) {
    let listing = try FileSystem.listing(path)
    for name in listing.undecodable {
      passedOver.append("\(FileSystem.join(relative, name)): the name is not UTF-8")
    }
    for name in listing.names where name.utf8.first != UInt8(ascii: ".") {
      let child = FileSystem.join(path, name)
      let shown = FileSystem.join(relative, name)
      do {
        guard let status = try FileSystem.status(child) else {
          passedOver.append("\(shown): a link that leads nowhere")
          continue
        }
        if status.isRegularFile { files.append(shown) }
        guard status.isDirectory else {
          if !status.isRegularFile { passedOver.append("\(shown): \(status.kind.rawValue), not a file") }
          continue
        }
        let identity = Identity(device: status.device, inode: status.inode)
        guard !above.contains(identity) else {
          passedOver.append("\(shown): a link back to a folder above it")
          continue
        }
        directories.append(shown)
        try walk(child, shown, above.union([identity]))
      } catch {
        passedOver.append("\(shown): \(error)")
      }
    }
  }
}
