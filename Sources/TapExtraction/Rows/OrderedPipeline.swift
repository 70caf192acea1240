// Runs work on several threads and delivers the results in order, with bounded memory.

import Dispatch
import Synchronization
import TapKernels

/// Hands out pieces to workers and delivers their outputs in the order of the pieces.
///
/// A worker may be at most `window` pieces ahead of the last delivery. So at most `window` outputs wait at any time.
/// The thread that completes the next output delivers this output. Only one thread delivers at a time.
package struct OrderedPipeline: Sendable {
  let threads: Int
  let window: Int
  /// Called before each piece. After the first true result, or after a requested ``Cancellation``, no more pieces are
  /// handed out.
  let shouldStop: @Sendable () -> Bool

  package init(threads: Int, window: Int, shouldStop: @escaping @Sendable () -> Bool = { false }) {
    precondition(threads >= 1 && window >= 1, "\(threads) threads, a window of \(window)")
    self.threads = threads
    self.window = window
    self.shouldStop = shouldStop
  }

  private struct State<Output: Sendable, Failure: Error>: Sendable {
    var delivered = 0
    var waiting: [Int: Output] = [:]
    var isDelivering = false
    var failure: Failure?
  }

  /// The number of pieces that were handed out, and whether the pieces have ended.
  private struct Intake {
    var count = 0
    var hasEnded = false
  }

  /// Runs until the pieces end, `deliver` throws an error, or the pipeline is stopped.
  ///
  /// Pieces that were handed out before a stop are still delivered. The result is the number of delivered pieces.
  ///
  /// - Parameter next: returns the piece with a given number, or nil after the last piece. The calls are in order, one
  ///   call at a time. A call may wait for input, and deliveries continue during the wait.
  package func run<Piece: Sendable, Worker, Output: Sendable, Failure: Error>(
    next: @Sendable (Int) -> Piece?,
    makeWorker: @Sendable () -> Worker,
    work: @Sendable (Piece, Worker) -> Output,
    deliver: @Sendable (Int, Output) throws(Failure) -> Void
  ) throws(Failure) -> Int {
    let state = Mutex(State<Output, Failure>())
    // A separate lock protects the intake, because `next` may take long.
    let intake = Mutex(Intake())
    // There is one permit for each piece that may be in progress or waiting. When a semaphore is deallocated, Dispatch
    // requires a value that is at least the initial value. So the initial value is 0, and the loop adds the permits.
    let permits = DispatchSemaphore(value: 0)
    for _ in 0..<window { permits.signal() }

    Threads.concurrentForEach(count: threads, threads: threads) { _ in
      let worker = makeWorker()
      while true {
        permits.wait()
        let entry = intake.withLock { intake -> (Int, Piece)? in
          let hasFailed = state.withLock { $0.failure != nil }
          guard !intake.hasEnded, !hasFailed, let piece = next(intake.count), !shouldStop(),
            !Cancellation.isRequested
          else {
            intake.hasEnded = true
            return nil
          }
          defer { intake.count += 1 }
          return (intake.count, piece)
        }
        guard let (number, piece) = entry else {
          // Wakes the next waiting worker, so that it also sees that there are no more pieces.
          permits.signal()
          return
        }
        let output = work(piece, worker)
        state.withLock { $0.waiting[number] = output }
        deliverInOrder(state, permits, deliver)
      }
    }
    let (delivered, failure) = state.withLock { ($0.delivered, $0.failure) }
    if let failure { throw failure }
    return delivered
  }

  /// Delivers the next outputs. If another thread is delivering already, that thread delivers these outputs too.
  private func deliverInOrder<Output: Sendable, Failure: Error>(
    _ state: borrowing Mutex<State<Output, Failure>>, _ permits: DispatchSemaphore,
    _ deliver: (Int, Output) throws(Failure) -> Void
  ) {
    var isFirst = true
    while true {
      let entry = state.withLock { state -> (Int, Output)? in
        if isFirst, state.isDelivering { return nil }
        isFirst = false
        guard state.failure == nil, let output = state.waiting.removeValue(forKey: state.delivered) else {
          state.isDelivering = false
          return nil
        }
        state.isDelivering = true
        return (state.delivered, output)
      }
      guard let (piece, output) = entry else { return }
      do throws(Failure) {
        try deliver(piece, output)
        state.withLock { $0.delivered += 1 }
      } catch {
        state.withLock { state in
          state.failure = error
          state.isDelivering = false
        }
      }
      permits.signal()
    }
  }
}
