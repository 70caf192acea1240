// The reasons why a file is not a readable zip archive, and the text of each reason.

/// The reason why a file is not a readable zip archive.
package enum ZipError: Error, Equatable, CustomStringConvertible {
  /// The file has no end-of-central-directory record.
  case notZip
  case spansDisks
  case badDirectory(String)
  /// A name that is absolute, or contains `..`, a backslash or a zero byte.
  case unsafeName(String)
  case duplicateName(String)
  case encrypted(name: String)
  case unsupportedMethod(name: String, method: Int)
  case badEntry(name: String, reason: String)
  case tooLarge(name: String, size: Int, limit: Int)
  case badChecksum(name: String)
  case badCompression(name: String, InflateError)

  package var description: String {
    switch self {
    case .notZip: "this is not a zip archive, or its end is cut off"
    case .spansDisks: "the zip archive spans several disks, which is not supported"
    case .badDirectory(let reason): "the zip archive's directory is not sound: \(reason)"
    case .unsafeName(let name): "the zip archive has an entry with the unsafe name \"\(name)\""
    case .duplicateName(let name): "the zip archive has two entries named \"\(name)\""
    case .encrypted(let name): "the zip entry \"\(name)\" is encrypted, which is not supported"
    case .unsupportedMethod(let name, let method):
      "the zip entry \"\(name)\" is compressed with method \(method); expected 0 (stored) or 8 (deflate)"
    case .badEntry(let name, let reason): "the zip entry \"\(name)\" is not sound: \(reason)"
    case .tooLarge(let name, let size, let limit):
      "the zip entry \"\(name)\" unpacks to \(size) bytes, beyond the limit of \(limit)"
    case .badChecksum(let name): "the zip entry \"\(name)\" is damaged: its CRC-32 does not agree"
    case .badCompression(let name, let error): "the zip entry \"\(name)\" is damaged: \(error)"
    }
  }
}
