// Other programs that this process runs. A signal that ends this process also ends these programs.

import CTapProcess
import Glibc
import Synchronization

package enum ChildProcess {
  /// The end of a program.
  package struct Outcome: Equatable, Sendable {
    /// The exit code; nil if a signal ended the program.
    package let exitCode: Int32?
    /// The beginning of the standard output, as text.
    package let output: String
  }

  /// The bytes of a program's output that are kept.
  private static let outputLimit = 1 << 16

  private static let running = Mutex<Set<pid_t>>([])

  /// Runs a program to its end, with the environment and the standard error of this process and without standard input.
  ///
  /// - Parameter program: a path, or a name that is searched for in `PATH`.
  /// - Returns: nil if there is no such program.
  package static func run(_ program: String, _ arguments: [String]) throws(FileSystemError) -> Outcome? {
    for word in [program] + arguments { try FileSystem.checkPath(word) }
    let words = unsafe ([program] + arguments).map { unsafe strdup($0) } + [nil]
    defer { for index in unsafe words.indices { unsafe free(words[index]) } }
    var (reader, child): (Int32, pid_t) = (-1, 0)
    let failure = unsafe lt_start_program(words, &reader, &child)
    if failure == ENOENT { return nil }
    guard failure == 0 else { throw .systemCall(call: "start", path: program, errno: failure) }
    defer { close(reader) }
    let started = child
    running.withLock { _ = $0.insert(started) }
    defer { running.withLock { _ = $0.remove(started) } }
    let output = readToEnd(reader)
    var status: Int32 = 0
    while unsafe waitpid(started, &status, 0) == -1 && errno == EINTR {}
    return Outcome(
      exitCode: status & 0x7F == 0 ? status >> 8 & 0xFF : nil, output: String(decoding: output, as: UTF8.self))
  }

  /// Asks all running programs to end.
  package static func endAll() {
    for child in running.withLock({ $0 }) { kill(child, SIGTERM) }
  }

  private static func readToEnd(_ descriptor: Int32) -> [UInt8] {
    var output: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = unsafe buffer.withUnsafeMutableBytes { unsafe read(descriptor, $0.baseAddress, $0.count) }
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return output }
      output += buffer.prefix(min(count, outputLimit - output.count))
    }
  }
}
