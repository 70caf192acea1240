// Write failures for tests. Every call that changes a file first calls `WriteFaults`. So a test can stop a run after
// any number of its writes.

import Glibc
import Synchronization

/// Counts the operations that change files. From a chosen operation on, all operations fail.
///
/// An operation is one creation, write, synchronization, truncation, rename or removal. After the first failure, all
/// later operations fail too. So the files on disk are exactly those of a process killed at that point.
package final class WriteFaults: Sendable {
  private struct State {
    var operations = 0
    var failingFrom: Int?
  }

  private let state: Mutex<State>
  /// The `errno` that a failing operation reports.
  package let code: Int32
  /// The share of the first failing write that is still written to the file, in 0...1.
  package let partialShare: Double

  /// - Parameters:
  ///   - failingFrom: the first operation that fails, counted from 0. If nil, operations are only counted.
  ///   - code: the `errno` that a failing operation reports, usually `ENOSPC`.
  ///   - partialShare: the share of the first failing write that is written before it fails.
  package init(failingFrom: Int? = nil, code: Int32 = ENOSPC, partialShare: Double = 0) {
    precondition((0...1).contains(partialShare), "a share of \(partialShare)")
    self.state = Mutex(State(failingFrom: failingFrom))
    self.code = code
    self.partialShare = partialShare
  }

  /// The number of operations so far.
  package var operations: Int { state.withLock { $0.operations } }

  /// Makes every later operation succeed, as if the disk had space again.
  package func heal() { state.withLock { $0.failingFrom = nil } }

  /// Counts one operation. Returns nil if the operation may proceed. Otherwise returns the number of its `bytes` that
  /// are still written.
  func admit(bytes: Int) -> Int? {
    state.withLock { state in
      defer { state.operations += 1 }
      guard let first = state.failingFrom, state.operations >= first else { return nil }
      return state.operations == first ? Int(Double(bytes) * partialShare) : 0
    }
  }

  /// Counts an operation that happens completely or not at all. Throws an error if it should fail.
  func check(_ call: String, _ path: String) throws(FileSystemError) {
    if admit(bytes: 0) != nil { throw .systemCall(call: call, path: path, errno: code) }
  }
}
