// A request to stop, for work on threads of its own: such work has no task that could be canceled.

import Synchronization

/// A request that a job stop, visible to all threads that work on it.
package final class Cancellation: Sendable {
  private let flag = Atomic(false)

  /// The request that concerns the current thread; ``Threads/concurrentForEach(count:threads:_:)`` passes it on.
  @TaskLocal package static var current: Cancellation?

  package init() {}

  /// Whether the work on the current thread should stop.
  package static var isRequested: Bool { current?.isRequested ?? false }

  package var isRequested: Bool { flag.load(ordering: .relaxed) }

  package func request() { flag.store(true, ordering: .relaxed) }
}
