// The errors of serving.

import TapFileSystem

/// A server could not start.
package enum ServingError: Error, Equatable, CustomStringConvertible {
  /// The path has more bytes than an address of a socket may have.
  case longPath(String, limit: Int)
  /// A server answers at the path already.
  case inUse(String)
  /// A file that is not a socket has the path.
  case notASocket(String)
  case file(FileSystemError)

  package var description: String {
    switch self {
    case .longPath(let path, let limit):
      "\(path) has \(path.utf8.count) bytes, and the path of a socket has at most \(limit): choose a shorter path"
    case .inUse(let path): "a server answers at \(path) already: end it, or choose another path"
    case .notASocket(let path): "\(path) exists and is not a socket: choose another path"
    case .file(let error): error.description
    }
  }
}
