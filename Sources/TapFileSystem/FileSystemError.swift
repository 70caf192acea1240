// Errors of the file system. This file makes the errors from `errno`, and contains the text of every case.

import Glibc

/// The failure of an operation on files.
public enum FileSystemError: Error, Hashable, CustomStringConvertible {
  /// The operating system refused `call` on `path` with this `errno`.
  case systemCall(call: String, path: String, errno: Int32)
  /// A file ends before all bytes that its format requires.
  case fileTooShort(path: String, expected: Int, actual: Int)
  /// Another process holds the lock at `path`. `holder` is its process ID if the lock file contains one.
  case inUse(path: String, holder: Int?)
  /// A path that contains a zero byte. The operating system would end the path at this byte.
  case zeroByteInPath(String)

  /// A folder is at the path of an output file.
  case isFolder(String)
  /// A device, a pipe or a socket is at the path of an output file.
  case notAFile(String)
  /// A device, a pipe or a socket is at the path of an input file.
  case unreadableKind(path: String, FileKind)
  /// A pipe that no process has opened for writing.
  case pipeWithoutWriter(String)
  /// A file larger than the limit for reading. `size` is nil if the size is not known.
  case tooLarge(path: String, size: Int?, limit: Int)
  /// A tar file is not as its format requires. `offset` is the place of the wrong entry.
  case damagedTar(path: String, offset: Int, problem: String)
  /// The path of an input file is empty.
  case emptyPath

  /// The error of the last failed system call. It must be read before any other call, because another call could change
  /// `errno`.
  static func last(_ call: String, _ path: String) -> FileSystemError {
    .systemCall(call: call, path: path, errno: Glibc.errno)
  }

  /// The error for a missing file.
  package static func missing(_ path: String) -> FileSystemError {
    .systemCall(call: "read", path: path, errno: ENOENT)
  }

  /// The `errno` of a refused system call; nil for other errors.
  package var code: Int32? {
    guard case .systemCall(_, _, let code) = self else { return nil }
    return code
  }

  /// A description of the problem, without the path.
  package var reason: String {
    switch self {
    case .systemCall(let call, _, let code): "could not \(call) the file: \(Self.text(of: code))"
    case .unreadableKind(_, let kind): "it is \(kind.rawValue), not a file"
    case .tooLarge(_, let size, let limit): Self.excess(size, limit)
    default: "\(self)"
    }
  }

  /// Whether the disk or the user's quota is exhausted.
  package var isDiskFull: Bool { code == ENOSPC || code == EDQUOT }

  /// Whether the disk is read-only, or permissions forbid writing.
  package var isReadOnly: Bool { code == EROFS || code == EACCES || code == EPERM }

  /// Whether the file, or a folder on its path, is missing.
  package var isMissing: Bool { code == ENOENT || code == ENOTDIR }

  public var description: String {
    switch self {
    case .systemCall(let call, let path, let code):
      switch code {
      case ENOENT: "\(path) does not exist"
      case EACCES, EPERM: "no permission to \(call) \(path)"
      case ENOSPC, EDQUOT:
        "the disk is full: could not \(call) \(path); free some space and run the same command again"
      case EROFS: "could not \(call) \(path): the disk is read-only"
      case EISDIR: "\(path) is a folder where a file is expected"
      case ENOTDIR: "\(path) is not reachable: a file lies where a folder is expected"
      default: "could not \(call) \(path): \(Self.text(of: code)) (errno \(code))"
      }
    case .fileTooShort(let path, let expected, let actual):
      "\(path) is cut short: expected at least \(expected) bytes, found \(actual)"
    case .inUse(let path, let holder):
      if let holder {
        "\(path) is in use by process \(holder): wait until it ends, or end it"
      } else {
        "\(path) is in use by another process: wait until it ends"
      }
    case .isFolder(let path): "\(path) is a folder: name a file in it"
    case .notAFile(let path): "\(path) is not an ordinary file: name another one"
    case .unreadableKind(let path, let kind):
      "\(path) is \(kind.rawValue) where a file is expected: save what it holds in a file"
    case .pipeWithoutWriter(let path):
      "\(path) is a pipe that nobody writes to: start its writer first, or name a file"
    case .tooLarge(let path, let size, let limit): "\(path): \(Self.excess(size, limit))"
    case .damagedTar(let path, let offset, let problem): "\(path), byte \(offset): \(problem)"
    case .emptyPath: "the path is empty: expected the name of a file"
    case .zeroByteInPath(let path):
      "the path \(path.split(separator: "\0").joined(separator: "\\0")) holds a zero byte"
    }
  }

  private static func excess(_ size: Int?, _ limit: Int) -> String {
    (size.map { "it holds \($0) bytes" } ?? "it does not end")
      + ", and at most \(limit) are read of such a file: is it the right one?"
  }

  private static func text(of code: Int32) -> String {
    unsafe withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
      guard let base = buffer.baseAddress, unsafe strerror_r(code, base, buffer.count) == 0 else {
        return "unknown error"
      }
      return unsafe String(cString: base)
    }
  }
}
