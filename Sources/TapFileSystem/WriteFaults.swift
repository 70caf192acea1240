import Glibc
import Synchronization

// The seam through which tests make the disk fail. Every call that changes a file asks here first,
// so that a test can stop a run after any prefix of its writes.

/// Counts the operations that change files, and makes them fail from the k-th on.
///
/// An operation is one write, synchronisation, truncation, rename or removal. Failing all later ones
/// too makes what stays on disk exactly what a process killed at that point leaves.
package final class WriteFaults: Sendable {
  private struct State {
    var operations = 0
    var failingFrom: Int?
  }

  private let state: Mutex<State>
  /// The `errno` that a failing operation reports.
  package let code: Int32
  /// The share of a failing write that still reaches the file, in 0...1.
  package let partialShare: Double

  /// - Parameters:
  ///   - failingFrom: the first operation that fails, counted from 0; `nil` only counts.
  ///   - code: `ENOSPC` as a rule.
  ///   - partialShare: how much of the first failing write is written before it fails.
  package init(failingFrom: Int? = nil, code: Int32 = ENOSPC, partialShare: Double = 0) {
    precondition((0...1).contains(partialShare), "a share of \(partialShare)")
    self.state = Mutex(State(failingFrom: failingFrom))
    self.code = code
    self.partialShare = partialShare
  }

  /// How many operations asked so far.
  package var operations: Int { state.withLock { $0.operations } }

  /// Lets every later operation pass: the disk has room again.
  package func heal() { state.withLock { $0.failingFrom = nil } }

  /// Counts one operation. Returns nil when it may go on, else how many of its `bytes` still pass.
  func admit(bytes: Int) -> Int? {
    state.withLock { state in
      defer { state.operations += 1 }
      guard let first = state.failingFrom, state.operations >= first else { return nil }
      return state.operations == first ? Int(Double(bytes) * partialShare) : 0
    }
  }

  /// Counts an operation that either happens or does not.
  func check(_ call: String, _ path: String) throws(FileSystemError) {
    if admit(bytes: 0) != nil { throw .systemCall(call: call, path: path, errno: code) }
  }
}
