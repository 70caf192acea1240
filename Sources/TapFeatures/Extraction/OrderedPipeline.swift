import Dispatch
import Synchronization
import TapKernels

// Work that is done on several threads and delivered in order, with bounded memory.

/// Hands out the pieces `0..<count` to workers and delivers their outputs in the order of the pieces.
///
/// A worker may be at most `window` pieces ahead of the last delivery, so no more than `window` outputs
/// wait at any time. Outputs are delivered on whichever thread completes the next one, one at a time.
struct OrderedPipeline {
  let count: Int
  let threads: Int
  let window: Int
  /// Asked before each piece; after the first yes no more are handed out.
  let shouldStop: @Sendable () -> Bool

  init(count: Int, threads: Int, window: Int, shouldStop: @escaping @Sendable () -> Bool = { false }) {
    precondition(threads >= 1 && window >= 1, "\(threads) threads, a window of \(window)")
    self.count = count
    self.threads = threads
    self.window = window
    self.shouldStop = shouldStop
  }

  private struct State<Output: Sendable> {
    var next = 0
    var delivered = 0
    var waiting: [Int: Output] = [:]
    var isDelivering = false
    var isStopped = false
    var failure: FeatureError?
  }

  /// Runs to the end, to the first error of `deliver`, or until stopped.
  ///
  /// Pieces that were handed out before a stop are still delivered. Returns how many were delivered.
  func run<Worker, Output: Sendable>(
    makeWorker: @Sendable () -> Worker,
    work: @Sendable (Int, Worker) -> Output,
    deliver: @Sendable (Int, Output) throws(FeatureError) -> Void
  ) throws(FeatureError) -> Int {
    let state = Mutex(State<Output>())
    // One permit for each piece that may be under way or waiting. Dispatch wants a semaphore's value
    // back at its start when it is released, so it starts at 0.
    let permits = DispatchSemaphore(value: 0)
    for _ in 0..<window { permits.signal() }

    Threads.concurrentForEach(count: threads, threads: threads) { _ in
      let worker = makeWorker()
      while true {
        permits.wait()
        let piece = state.withLock { state -> Int? in
          if !state.isStopped, state.next < count, shouldStop() { state.isStopped = true }
          guard !state.isStopped, state.next < count else { return nil }
          defer { state.next += 1 }
          return state.next
        }
        guard let piece else {
          // Wakes the next worker that waits, which finds the end too.
          permits.signal()
          return
        }
        let output = work(piece, worker)
        state.withLock { $0.waiting[piece] = output }
        deliverInOrder(state, permits, deliver)
      }
    }
    let (delivered, failure) = state.withLock { ($0.delivered, $0.failure) }
    if let failure { throw failure }
    return delivered
  }

  /// Delivers what is next, unless another thread is at it and will find it.
  private func deliverInOrder<Output: Sendable>(
    _ state: borrowing Mutex<State<Output>>, _ permits: DispatchSemaphore,
    _ deliver: (Int, Output) throws(FeatureError) -> Void
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
      do throws(FeatureError) {
        try deliver(piece, output)
        state.withLock { $0.delivered += 1 }
      } catch {
        state.withLock { state in
          state.failure = error
          state.isStopped = true
          state.isDelivering = false
        }
      }
      permits.signal()
    }
  }
}
