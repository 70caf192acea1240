// The normalized form of a path, computed without reading the disk.

extension FileSystem {
  /// The path, handled as bytes, without `.`, without `..` after a name, and without doubled slashes. Links are not
  /// followed. So if `a` is a link, `a/..` may lead to another folder than the result.
  package static func normalized(_ path: String) -> String {
    let slash = UInt8(ascii: "/")
    let isAbsolute = path.utf8.first == slash
    var parts: [[UInt8]] = []
    for part in path.utf8.split(separator: slash) where !part.elementsEqual(".".utf8) {
      if part.elementsEqual("..".utf8), let last = parts.last, last != Array("..".utf8) {
        parts.removeLast()
      } else if !(part.elementsEqual("..".utf8) && isAbsolute) {
        parts.append(Array(part))
      }
    }
    let joined = parts.joined(separator: [slash])
    let text = String(decoding: (isAbsolute ? [slash] : []) + Array(joined), as: UTF8.self)
    return text.isEmpty ? "." : text
  }
}
