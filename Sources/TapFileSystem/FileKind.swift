// The kind of file at a path, and whether it can be read. A read of a device may never end, and a read of a pipe may
// never begin.

import Glibc

/// The kind of file that a path leads to.
public enum FileKind: String, Hashable, Sendable {
  /// An ordinary file.
  case file = "a file"
  /// A folder.
  case folder = "a folder"
  /// A pipe.
  case pipe = "a pipe"
  /// A socket.
  case socket = "a socket"
  /// A device other than `/dev/null`.
  case device = "a device"
  /// `/dev/null`, which reads as an empty file.
  case emptyDevice = "an empty device"

  init(_ record: stat) {
    self =
      switch record.st_mode & S_IFMT {
      case S_IFREG: .file
      case S_IFDIR: .folder
      case S_IFIFO: .pipe
      case S_IFSOCK: .socket
      // The device number of `/dev/null` on Linux: major 1, minor 3.
      case S_IFCHR where record.st_rdev == 0x103: .emptyDevice
      default: .device
      }
  }

  /// Checks that a file of this kind can be read.
  ///
  /// - Throws: ``FileSystemError`` for kinds that are not read.
  func requireReadable(_ path: String, allowsPipe: Bool) throws(FileSystemError) {
    switch self {
    case .file, .emptyDevice: return
    case .folder: throw .systemCall(call: "read", path: path, errno: EISDIR)
    case .pipe where allowsPipe: return
    case .pipe, .socket, .device: throw .unreadableKind(path: path, self)
    }
  }
}
