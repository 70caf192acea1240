// Whether two different paths lead to the same file or folder.

import Glibc

extension FileSystem {
  /// The absolute path of an existing file or folder, without `.`, `..` and links.
  package static func withoutLinks(_ path: String) throws(FileSystemError) -> String {
    try checkPath(path)
    guard let place = unsafe realpath(path, nil) else { throw .last("examine", path) }
    defer { unsafe free(place) }
    guard let text = unsafe String(validatingCString: place) else {
      throw .systemCall(call: "examine", path: path, errno: EILSEQ)
    }
    return text
  }

  /// Whether both paths lead to the same file. Device and inode are compared, so links and `..` are followed. For two
  /// files that do not exist yet, their folders and names are compared.
  package static func areSame(_ first: String, _ second: String) -> Bool {
    func place(_ path: String) -> Status? { try? status(path) }
    switch (place(first), place(second)) {
    case (let first?, let second?): return first.isSame(as: second)
    case (nil, nil):
      guard name(of: first).hasBytes(of: name(of: second)) else { return false }
      guard let above = place(parent(of: first)), let other = place(parent(of: second)) else {
        return first.hasBytes(of: second)
      }
      return above.isSame(as: other)
    default: return false
    }
  }

  /// The first of `paths` that leads to the file at `path`. The result is nil if there is no file at `path`, or if none
  /// of `paths` leads to it. The status of `path` is read only once.
  package static func first(of paths: some Sequence<String>, sameAs path: String) -> String? {
    guard let place = try? status(path) else { return nil }
    return paths.first { (try? status($0))?.isSame(as: place) ?? false }
  }

  /// Whether `path` is in `folder`, at any depth. `path` need not exist.
  package static func contains(_ path: String, in folder: String) -> Bool {
    guard let wanted = try? status(folder), var place = try? absolute(path) else { return false }
    while !parent(of: place).hasBytes(of: place) {
      place = parent(of: place)
      if let status = try? status(place), status.isSame(as: wanted) { return true }
    }
    return false
  }

  private static func absolute(_ path: String) throws(FileSystemError) -> String {
    isAbsolute(path) ? path : join(try workingDirectory(), path)
  }
}

extension FileSystem.Status {
  fileprivate func isSame(as other: Self) -> Bool { device == other.device && inode == other.inode }
}
