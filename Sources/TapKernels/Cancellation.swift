// A request to stop work that runs on threads of its own. Such work has no task that could be canceled.

import Synchronization

/// A request that a job stop. All threads that work on the job can see the request.
package final class Cancellation: Sendable {
  private let flag = Atomic(false)

  /// The request that can stop the work on the current thread. ``Threads/concurrentForEach(count:threads:_:)`` passes
  /// it on to the threads of its loop.
  @TaskLocal package static var current: Cancellation?

  package init() {}

  /// Whether the work on the current thread should stop.
  package static var isRequested: Bool { current?.isRequested ?? false }

  package var isRequested: Bool { flag.load(ordering: .relaxed) }

  package func request() { flag.store(true, ordering: .relaxed) }
}
