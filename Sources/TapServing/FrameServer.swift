// Answers the frames of many clients. Documentation/Protocols.md describes the protocol.
//
// Each client has a thread that reads its frames and a thread that writes its answers. A fixed number of workers take
// one frame of a client after the other, so a client with many frames delays no other client by more than a frame for
// each worker. A client has a limited number of frames in progress, and its thread reads no further frame before an
// answer is written. So memory is limited, and a client that does not read delays only itself.

import Dispatch
import Glibc
import Synchronization
import TapFileSystem

/// A server at a path in the file system.
package final class FrameServer: Sendable {
  /// The answers of a server.
  package struct Answers: Sendable {
    /// The largest number of bytes of data of a frame.
    let limit: Int
    /// The line that answers a first frame named `hello` without data; its end is added.
    let hello: String
    /// The line, with its end, for a stream that ends with an error, from the number of its frames.
    let refusal: @Sendable (Int, InputFrameError) -> String
    /// Makes a worker, which turns frames into lines with their ends.
    let makeWorker: @Sendable () -> (InputFrame) -> String

    package init(
      limit: Int, hello: String, refusal: @escaping @Sendable (Int, InputFrameError) -> String,
      makeWorker: @escaping @Sendable () -> (InputFrame) -> String
    ) {
      self.limit = limit
      self.hello = hello
      self.refusal = refusal
      self.makeWorker = makeWorker
    }
  }

  /// The frames of a client that are read but not answered. A worker computes one, and others wait.
  static let framesInProgress = 4
  /// The number of clients at one time. Further clients wait until one leaves.
  static let clientLimit = 256
  /// The seconds in which accepted frames are answered after a stop.
  package static let patience = 5.0

  private struct State {
    var clients: [ObjectIdentifier: ServedClient] = [:]
    /// The clients with waiting frames, in the order of their turns.
    var turns: [ServedClient] = []
    var isStopping = false
    /// The number of workers that still run.
    var workers = 0
  }

  private let listener: UnixListener
  private let state = Mutex(State())
  /// A signal for each client that has a turn.
  private let turns = DispatchSemaphore(value: 0)

  /// Makes the socket, so that clients can connect. They wait until ``run(_:workers:until:)`` is called.
  package init(path: String) throws(ServingError) { listener = try UnixListener(path: path) }

  /// Serves until `shouldStop` is true. Then it answers the frames that were accepted, for at most five seconds.
  ///
  /// - Returns: whether all accepted frames were answered.
  package func run(_ answers: Answers, workers: Int, until shouldStop: () -> Bool) -> Bool {
    for _ in 0..<workers {
      state.withLock { $0.workers += 1 }
      if !ServingThread.start({ self.work(answers.makeWorker()) }) { state.withLock { $0.workers -= 1 } }
    }
    let (hello, refusal) = (Array((answers.hello + "\n").utf8), answers.refusal)
    while !shouldStop() {
      guard state.withLock({ $0.clients.count < Self.clientLimit }) else {
        usleep(10_000)
        continue
      }
      guard let descriptor = listener.accept(milliseconds: 100) else { continue }
      let client = ServedClient(descriptor, framesInProgress: Self.framesInProgress)
      state.withLock { $0.clients[ObjectIdentifier(client)] = client }
      let isReading = ServingThread.start {
        client.read(
          atMost: answers.limit, hello: hello, refusal: { Array(refusal($0, $1).utf8) },
          isStopping: { self.state.withLock { $0.isStopping } }, queued: { self.enqueue(client) })
      }
      let isWriting =
        isReading
        && ServingThread.start {
          client.write()
          self.remove(client)
        }
      if !isWriting {
        client.endReading()
        remove(client)
      }
    }
    return stop()
  }

  private func remove(_ client: ServedClient) {
    state.withLock { _ = $0.clients.removeValue(forKey: ObjectIdentifier(client)) }
  }

  /// Gives a client a turn for a new frame. Each waiting frame has one place in the row of turns.
  private func enqueue(_ client: ServedClient) {
    state.withLock { $0.turns.append(client) }
    turns.signal()
  }

  private func work(_ answer: (InputFrame) -> String) {
    while true {
      turns.wait()
      let client = state.withLock { $0.turns.isEmpty ? nil : $0.turns.removeFirst() }
      guard let client else { break }
      guard let frame = client.nextFrame() else { continue }
      client.answer(frame, Array(answer(frame).utf8))
    }
    state.withLock { $0.workers -= 1 }
  }

  private func stop() -> Bool {
    listener.remove()
    let clients = state.withLock { state in
      state.isStopping = true
      return Array(state.clients.values)
    }
    for client in clients { client.endReading() }
    var waited = 0.0
    while waited < Self.patience, state.withLock({ !$0.clients.isEmpty }) {
      usleep(5_000)
      waited += 0.005
    }
    // A turn without a client ends a worker.
    for _ in 0..<state.withLock({ $0.workers }) { turns.signal() }
    return state.withLock { $0.clients.isEmpty }
  }
}
