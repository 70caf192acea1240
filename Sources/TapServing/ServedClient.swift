// One client: its frames wait for a worker, and its answers wait for their turn.

import Dispatch
import Glibc
import Synchronization
import TapFileSystem

/// A connection with the frames and the answers in progress.
final class ServedClient: Sendable {
  private struct State {
    /// Frames that no worker has taken.
    var frames: [InputFrame] = []
    /// Answers that are not written yet, by the number of their frame.
    var answers: [Int: [UInt8]] = [:]
    /// The number of frames that were read, and the number of answers that were written.
    var (read, written) = (0, 0)
    var hasEnded = false
    var isBroken = false
  }

  private let descriptor: Int32
  private let state = Mutex(State())
  /// One permit for each frame that may be in progress. When a semaphore is deallocated, Dispatch requires a value that
  /// is at least the initial value, so the initial value is 0.
  private let permits = DispatchSemaphore(value: 0)
  /// A signal for each answer, and one at the end of the frames.
  private let news = DispatchSemaphore(value: 0)

  init(_ descriptor: Int32, framesInProgress: Int) {
    self.descriptor = descriptor
    for _ in 0..<framesInProgress { permits.signal() }
  }

  deinit { close(descriptor) }

  /// Reads frames until the client ends, sends rubbish, or ``endReading()`` is called.
  ///
  /// - Parameters:
  ///   - limit: the largest number of bytes of data that are kept.
  ///   - hello: the answer to a first frame named `hello` without data.
  ///   - refusal: the last line for a stream that is no stream of frames.
  ///   - isStopping: whether no further frame is accepted.
  ///   - queued: called after each frame that waits for a worker.
  func read(
    atMost limit: Int, hello: [UInt8], refusal: (Int, InputFrameError) -> [UInt8], isStopping: () -> Bool,
    queued: () -> Void
  ) {
    var frames = InputFrames(descriptor: descriptor, atMost: limit)
    reading: while true {
      permits.wait()
      do throws(InputFrameError) {
        guard let frame = try frames.next(), !isStopping() else { break reading }
        if frame.index == 0, frame.name == Array("hello".utf8), frame.byteCount == 0 {
          answerNext(hello)
        } else {
          state.withLock { state in
            state.read += 1
            state.frames.append(frame)
          }
          queued()
        }
      } catch {
        if !isStopping() { answerNext(refusal(frames.count, error)) }
        break reading
      }
    }
    state.withLock { $0.hasEnded = true }
    news.signal()
  }

  /// Adds an answer that needs no worker.
  private func answerNext(_ answer: [UInt8]) {
    state.withLock { state in
      state.answers[state.read] = answer
      state.read += 1
    }
    news.signal()
  }

  /// The next frame for a worker; nil if none waits.
  func nextFrame() -> InputFrame? { state.withLock { $0.frames.isEmpty ? nil : $0.frames.removeFirst() } }

  /// Takes a worker's answer to a frame.
  func answer(_ frame: InputFrame, _ answer: [UInt8]) {
    state.withLock { $0.answers[frame.index] = answer }
    news.signal()
  }

  /// Writes answers in the order of the frames, until the frames have ended and all answers are written. A client that
  /// reads no more loses its answers.
  func write() {
    while true {
      news.wait()
      while let answer = state.withLock({ $0.answers.removeValue(forKey: $0.written) }) {
        if !state.withLock({ $0.isBroken }), !send(answer) {
          state.withLock { $0.isBroken = true }
          // Ends the reading too.
          shutdown(descriptor, Int32(SHUT_RDWR))
        }
        state.withLock { $0.written += 1 }
        permits.signal()
      }
      if state.withLock({ $0.hasEnded && $0.written == $0.read }) { return }
    }
  }

  /// Ends the reading, also while it waits for the client.
  func endReading() {
    shutdown(descriptor, Int32(SHUT_RD))
    // The reading may wait for a permit.
    permits.signal()
  }

  private func send(_ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = unsafe bytes.withUnsafeBytes {
        unsafe Glibc.send(descriptor, $0.baseAddress! + done, $0.count - done, Int32(MSG_NOSIGNAL))
      }
      if count < 0 {
        if errno == EINTR { continue }
        return false
      }
      done += count
    }
    return true
  }
}
