// A socket in the file system that accepts connections (unix(7)).

import Glibc
import TapFileSystem

/// A listening socket. Only the user who made it may connect.
final class UnixListener: Sendable {
  let path: String
  private let descriptor: Int32

  /// The largest number of bytes of a path: the address has room for one more byte, which is 0.
  static let longestPath = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

  /// Makes the socket. A socket that a dead process left at the path is replaced.
  init(path: String) throws(ServingError) {
    self.path = path
    let address = try Self.address(path)
    let status: FileSystem.Status?
    do { status = try FileSystem.status(path) } catch { throw .file(error) }
    if let status {
      guard status.kind == .socket else { throw .notASocket(path) }
      guard !Self.answers(address) else { throw .inUse(path) }
      do { try FileSystem.remove(path) } catch { throw .file(error) }
    }
    descriptor = Self.makeSocket()
    guard descriptor >= 0 else { throw .file(Self.failure("create a socket for", path)) }
    // Nobody can connect before `listen`, and the mode is changed before it.
    guard unsafe Self.withAddress(address, { unsafe bind(descriptor, $0, $1) }) == 0,
      unsafe chmod(path, S_IRUSR | S_IWUSR) == 0, listen(descriptor, 64) == 0
    else {
      let error = Self.failure("listen at", path)
      close(descriptor)
      throw .file(error)
    }
  }

  deinit { close(descriptor) }

  /// The next connection; nil if none came within the time.
  func accept(milliseconds: Int32) -> Int32? {
    var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    guard unsafe poll(&waiting, 1, milliseconds) > 0 else { return nil }
    let connection = Glibc.accept(descriptor, nil, nil)
    guard connection >= 0 else { return nil }
    _ = fcntl(connection, F_SETFD, FD_CLOEXEC)
    return connection
  }

  /// Removes the socket from the file system.
  func remove() { try? FileSystem.remove(path) }

  // MARK: - Addresses

  private static func makeSocket() -> Int32 {
    socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
  }

  private static func failure(_ call: String, _ path: String) -> FileSystemError {
    .systemCall(call: call, path: path, errno: errno)
  }

  private static func address(_ path: String) throws(ServingError) -> sockaddr_un {
    let bytes = Array(path.utf8)
    guard bytes.count <= longestPath else { throw .longPath(path, limit: longestPath) }
    guard !bytes.isEmpty else { throw .file(.emptyPath) }
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    return address
  }

  private static func withAddress(
    _ address: sockaddr_un, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    unsafe withUnsafePointer(to: address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
  }

  /// Whether a process accepts connections at the address.
  private static func answers(_ address: sockaddr_un) -> Bool {
    let probe = makeSocket()
    guard probe >= 0 else { return false }
    defer { close(probe) }
    return unsafe withAddress(address) { unsafe connect(probe, $0, $1) } == 0
  }
}
