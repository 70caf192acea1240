// Paths as text: joining and taking apart, without looking at the disk.

extension FileSystem {
  /// `directory/name`; `name` alone when it is absolute or the directory is empty.
  package static func join(_ directory: String, _ name: String) -> String {
    if directory.isEmpty || name.hasPrefix("/") { return name }
    return directory.hasSuffix("/") ? directory + name : directory + "/" + name
  }

  /// The folder that holds `path`: `.` for a bare name, `/` for the root.
  package static func parent(of path: String) -> String {
    let trimmed = trimmingSlashes(path)
    if trimmed == "/" { return "/" }
    guard let slash = trimmed.lastIndex(of: "/") else { return "." }
    let above = trimmingSlashes(String(trimmed[..<slash]))
    return above.isEmpty ? "/" : above
  }

  /// The last part of `path`.
  package static func name(of path: String) -> String {
    let trimmed = trimmingSlashes(path)
    guard let slash = trimmed.lastIndex(of: "/"), trimmed != "/" else { return trimmed }
    return String(trimmed[trimmed.index(after: slash)...])
  }

  /// What follows the last dot of the name, in lower case; empty when there is none.
  package static func fileExtension(of path: String) -> String {
    let name = name(of: path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
    return name[name.index(after: dot)...].lowercased()
  }

  private static func trimmingSlashes(_ path: String) -> String {
    var trimmed = path[...]
    while trimmed.utf8.count > 1, trimmed.hasSuffix("/") { trimmed.removeLast() }
    return String(trimmed)
  }
}
