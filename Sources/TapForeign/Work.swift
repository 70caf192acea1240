// A long call: its threads, and its progress on the caller's thread.

import CTapForeign
import Dispatch
import Glibc
import LayerTap
import Synchronization

/// How a call works.
@safe struct Work: @unchecked Sendable {
  /// More threads than these are never useful, and each needs memory.
  private static let mostThreads = 1024

  /// The number of threads; nil for all that are available.
  let threads: Int?
  private let progress: layertap_progress?
  private let context: UnsafeMutableRawPointer?

  init(_ work: UnsafePointer<layertap_work>?) {
    let fields = unsafe work?.pointee
    // A size of C beyond 2^63 - 1 is negative here.
    let count = unsafe UInt(bitPattern: fields?.threads ?? 0)
    threads = count == 0 ? nil : Int(min(count, UInt(Self.mostThreads)))
    unsafe progress = unsafe fields?.progress ?? nil
    unsafe context = unsafe fields?.context
  }

  /// Runs `body`. Without a progress function `body` runs on the calling thread. Otherwise `body` runs on a new thread,
  /// and the calling thread reports the progress ten times a second.
  ///
  /// - Throws: the errors of `body`; `CancellationError` if the progress function asks to stop;
  ///   ``ForeignError/forked`` if the progress function forks, in the child process.
  func run<Value: Sendable>(
    _ body: @escaping @Sendable (@escaping @Sendable (JobProgress) -> Void) throws -> Value
  ) throws -> Value {
    guard unsafe progress != nil else { return try body { _ in } }
    let cancellation = Cancellation()
    let latest = Mutex(JobProgress?.none)
    let outcome = Mutex(Result<Value, any Error>?.none)
    let ended = DispatchSemaphore(value: 0)
    let thread = WorkThread {
      let result = Cancellation.$current.withValue(cancellation) {
        Result { try body { progress in latest.withLock { $0 = progress } } }
      }
      outcome.withLock { $0 = result }
      ended.signal()
    }
    guard let thread else { return try body { _ in } }
    var wantsStop = false
    func report() throws {
      guard !wantsStop else { return }
      wantsStop = !continues(latest.withLock { $0 })
      // The thread of the work does not exist in the child process.
      if lt_is_forked_in_call() != 0 { throw ForeignError.forked }
      if wantsStop { cancellation.request() }
    }
    while ended.wait(timeout: .now() + .milliseconds(100)) == .timedOut { try report() }
    thread.join()
    let result = outcome.withLock { $0 }
    if case .success? = result { try report() }
    guard !wantsStop, let result else { throw CancellationError() }
    return try result.get()
  }

  private func continues(_ latest: JobProgress?) -> Bool {
    guard let progress = unsafe progress else { return true }
    let (stage, done, total) = latest.map { ($0.stage.number, $0.done, $0.total) } ?? (LAYERTAP_STAGE_STARTING, 0, 0)
    return unsafe lt_report(progress, context, stage, done, total) == 0
  }
}

extension JobProgress.Stage {
  /// The number of the stage in C.
  fileprivate var number: Int32 {
    switch self {
    case .identifying: LAYERTAP_STAGE_IDENTIFYING
    case .filling: LAYERTAP_STAGE_FILLING
    case .extracting: LAYERTAP_STAGE_EXTRACTING
    case .fitting: LAYERTAP_STAGE_FITTING
    case .estimating: LAYERTAP_STAGE_ESTIMATING
    case .predicting: LAYERTAP_STAGE_PREDICTING
    }
  }
}

/// A thread that runs one function. A pool of threads does not work in a forked process.
private struct WorkThread {
  private let thread: pthread_t

  /// Starts the thread; nil if the system has no more threads.
  init?(_ body: @escaping @Sendable () -> Void) {
    var thread = pthread_t()
    let box = unsafe Unmanaged.passRetained(Box(body))
    let failure = unsafe pthread_create(
      &thread, nil,
      { argument in
        guard let argument = unsafe argument else { return nil }
        unsafe Unmanaged<Box>.fromOpaque(argument).takeRetainedValue().body()
        return nil
      }, box.toOpaque())
    guard failure == 0 else {
      unsafe box.release()
      return nil
    }
    self.thread = thread
  }

  /// Returns when the function has returned.
  func join() { pthread_join(thread, nil) }

  private final class Box: Sendable {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }
}
