// Joining and splitting of paths, handled as bytes, without reading the disk.

extension FileSystem {
  private static let slash = UInt8(ascii: "/")

  /// Whether `path` begins with a slash.
  package static func isAbsolute(_ path: String) -> Bool { path.utf8.first == slash }

  /// `directory/name`. If `name` is absolute or `directory` is empty, the result is `name` alone.
  package static func join(_ directory: String, _ name: String) -> String {
    if directory.isEmpty || isAbsolute(name) { return name }
    return directory.utf8.last == slash ? directory + name : directory + "/" + name
  }

  /// The parent folder of `path`. It is `.` for a name without a slash, and `/` for the root.
  package static func parent(of path: String) -> String {
    let trimmed = trimmingSlashes(path)
    guard !isRoot(trimmed) else { return "/" }
    guard let end = trimmed.lastIndex(of: slash) else { return "." }
    return text(trimmingSlashes(trimmed[...end]))
  }

  /// The last part of `path`.
  package static func name(of path: String) -> String {
    let trimmed = trimmingSlashes(path)
    guard let end = trimmed.lastIndex(of: slash), !isRoot(trimmed) else { return text(trimmed) }
    return text(trimmed[trimmed.index(after: end)...])
  }

  /// The part of the name after its last dot, in lower case. The result is empty if there is no such part.
  package static func fileExtension(of path: String) -> String {
    let name = name(of: path).utf8
    guard let dot = name.lastIndex(of: UInt8(ascii: ".")), dot != name.startIndex else { return "" }
    return text(name[name.index(after: dot)...]).lowercased()
  }

  /// `path` without the extension of its name and without the dot before the extension.
  package static func withoutExtension(_ path: String) -> String {
    let ending = fileExtension(of: path)
    guard !ending.isEmpty, let dot = path.utf8.lastIndex(of: UInt8(ascii: ".")) else { return path }
    return text(path.utf8[..<dot])
  }

  private static func isRoot(_ path: Substring.UTF8View) -> Bool { path.count == 1 && path.first == slash }

  private static func text(_ bytes: Substring.UTF8View) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func trimmingSlashes(_ path: String) -> Substring.UTF8View {
    trimmingSlashes(path.utf8[...])
  }

  private static func trimmingSlashes(_ path: Substring.UTF8View) -> Substring.UTF8View {
    var trimmed = path
    while trimmed.count > 1, trimmed.last == slash { trimmed.removeLast() }
    return trimmed
  }
}
