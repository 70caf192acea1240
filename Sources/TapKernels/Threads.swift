// Parallel loops over independent pieces of work.

import CTapKernels
import Dispatch
import Synchronization

/// Parallel loops on the thread pool of Dispatch.
package enum Threads {
  /// The number of processors that this process may use, at least 1. It is limited by the affinity mask of the process
  /// and by the quota of the control group that is mounted at `/sys/fs/cgroup`. In a container, this is the container's
  /// own group. Quotas of groups below this group are not read.
  package static let available = Int(lt_available_processors())

  /// Whether this process was forked from a process that had started the pool. Dispatch cannot start its threads again.
  private static var poolIsLost: Bool {
    watchForks()
    return lt_forks() > 0
  }

  /// Counts forks from now on.
  static func watchForks() { _ = isWatching }

  private static let isWatching: Bool = {
    lt_watch_forks()
    return true
  }()

  /// Calls `body` once for each index in `0..<count`, on at most `threads` threads. Returns when all calls are done.
  ///
  /// Each thread takes one index at a time, so that uneven pieces of work are balanced. With one thread, the calls come
  /// in order on the caller's thread. Calls may be nested; inner and outer loops share one pool.
  ///
  /// A child process that was forked after the first loop lacks the pool's threads. In such a process all calls come on
  /// the caller's thread.
  package static func concurrentForEach(count: Int, threads: Int, _ body: @Sendable (Int) -> Void) {
    precondition(count >= 0 && threads >= 1, "\(count) pieces over \(threads) threads")
    let workers = min(count, threads)
    guard workers > 1, !poolIsLost else {
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
