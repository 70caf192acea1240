// Parallel loops over independent pieces of work: the one place that starts threads.

import CTapKernels
import Dispatch
import Synchronization

/// Parallel loops over Dispatch's pool.
package enum Threads {
  /// The number of processors that this process may run on, at least 1: limited by its affinity mask and by the quota
  /// of the control group mounted at `/sys/fs/cgroup`, which is a container's own. Quotas of groups below that one are
  /// not read.
  package static let available = Int(lt_available_processors())

  /// Calls `body` once for each index in `0..<count`, on at most `threads` threads, and returns when all are done.
  ///
  /// Indices are taken one at a time, which balances uneven pieces. With one thread the calls come in order on the
  /// caller's thread. Calls may be nested; inner loops then share the same pool.
  package static func concurrentForEach(count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
    precondition(count >= 0 && threads >= 1, "\(count) pieces over \(threads) threads")
    let workers = min(count, threads)
    guard workers > 1 else {
      for index in 0..<count { body(index) }
      return
    }
    let next = Atomic<Int>(0)
    let cancellation = Cancellation.current
    DispatchQueue.concurrentPerform(iterations: workers) { _ in
      Cancellation.$current.withValue(cancellation) {
        while true {
          let index = next.wrappingAdd(1, ordering: .relaxed).oldValue
          guard index < count else { return }
          body(index)
        }
      }
    }
  }
}
