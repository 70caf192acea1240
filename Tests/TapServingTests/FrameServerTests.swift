import Dispatch
import Glibc
import Synchronization
import TapFileSystem
import TapServing
import TestSupport
import Testing

/// A server whose answers are the name and the number of bytes of a frame.
@Suite(.serialized) struct FrameServerTests {
  private static func answers(delay: UInt32 = 0) -> FrameServer.Answers {
    FrameServer.Answers(
      limit: 100_000, hello: "welcome", refusal: { "refused after \($0): \($1)\n" },
      makeWorker: {
        { frame in
          if delay > 0 { usleep(delay) }
          return "\(String(decoding: frame.name, as: UTF8.self)) \(frame.data.map { "\($0.count)" } ?? "skipped")\n"
        }
      })
  }

  /// Runs a server while `body` runs. Returns whether all accepted frames were answered.
  @discardableResult
  private func serving(
    _ answers: FrameServer.Answers = FrameServerTests.answers(), workers: Int = 2, _ body: (String) throws -> Void
  ) throws -> Bool {
    try withTemporaryFolder { folder in
      let path = folder + "/socket"
      let server = try FrameServer(path: path)
      let run = ServerRun()
      DispatchQueue.global().async {
        let isComplete = server.run(answers, workers: workers) { run.shouldStop.load(ordering: .relaxed) }
        run.isComplete.store(isComplete, ordering: .relaxed)
        run.ended.signal()
      }
      do {
        defer {
          run.shouldStop.store(true, ordering: .relaxed)
          run.ended.wait()
        }
        try body(path)
      }
      #expect(!FileSystem.exists(path))
      return run.isComplete.load(ordering: .relaxed)
    }
  }

  @Test func manyClientsGetTheirAnswersInOrder() throws {
    let isComplete = try serving { path in
      let problems = Mutex<[String]>([])
      DispatchQueue.concurrentPerform(iterations: 64) { number in
        do {
          let client = try SocketClient(path)
          let sizes = (0..<50).map { ($0 * 37 + number * 11) % 3000 }
          for (index, size) in sizes.enumerated() {
            client.send("\(number).\(index)", [UInt8](repeating: 1, count: size))
          }
          client.endSending()
          let found = client.rest()
          let expected = sizes.enumerated().map { "\(number).\($0) \($1)" }
          if found != expected { problems.withLock { $0.append("\(number): \(found.count) of 50") } }
        } catch { problems.withLock { $0.append("\(number): \(error)") } }
      }
      #expect(problems.withLock { $0 }.isEmpty)
    }
    #expect(isComplete)
  }

  /// Clients that end early, send rubbish or send too much, beside one that does its work.
  @Test func badClientsHarmNoOther() throws {
    try serving { path in
      let good = try SocketClient(path)
      for number in 0..<40 {
        let bad = try SocketClient(path)
        switch number % 4 {
        case 0: bad.send([UInt8](repeating: 0xFF, count: 100))
        case 1: bad.send(Array(SocketClient.frame("cut", [1, 2, 3]).dropLast()))
        case 2: for _ in 0..<10 { bad.send("unread", [UInt8](repeating: 1, count: 1000)) }
        default: bad.send(SocketClient.frame("lies", [1], count: 1 << 60))
        }
        good.send("\(number)", [1, 2])
      }
      good.endSending()
      #expect(good.rest() == (0..<40).map { "\($0) 2" })
      let rubbish = try SocketClient(path)
      rubbish.send("one", [1])
      rubbish.send([0xFF, 0xFF, 0xFF, 0xFF, 1])
      let lines = rubbish.rest()
      #expect(lines.count == 2 && lines[0] == "one 1" && lines[1].hasPrefix("refused after 1: the name of frame 1"))
      let cut = try SocketClient(path)
      cut.send(Array(SocketClient.frame("cut", [1, 2, 3]).dropLast()))
      cut.endSending()
      #expect(cut.rest().first?.contains("ends inside frame 0") == true)
      let large = try SocketClient(path)
      large.send("large", [UInt8](repeating: 1, count: 100_001))
      large.send("small", [1])
      large.endSending()
      #expect(large.rest() == ["large skipped", "small 1"])
    }
  }

  @Test func helloIsAnsweredOnlyAsTheFirstFrame() throws {
    try serving { path in
      let client = try SocketClient(path)
      client.send("hello", [])
      client.send("hello", [])
      client.send("a", [1])
      client.endSending()
      #expect(client.rest() == ["welcome", "hello 0", "a 1"])
      let other = try SocketClient(path)
      other.send("hello", [1])
      other.endSending()
      #expect(other.rest() == ["hello 1"])
    }
  }

  /// A stop while frames wait: those that were accepted are answered.
  @Test func acceptedFramesAreAnsweredAfterAStop() throws {
    var client: SocketClient?
    let isComplete = try serving(Self.answers(delay: 100_000), workers: 1) { path in
      let waiting = try SocketClient(path)
      for number in 0..<4 { waiting.send("\(number)", [1]) }
      usleep(50_000)
      client = waiting
    }
    #expect(isComplete)
    #expect(client?.rest() == (0..<4).map { "\($0) 1" })
  }

  /// A client that never reads: others are served, and a stop does not wait for it for ever.
  @Test func aStalledClientDelaysOnlyItself() throws {
    var stalled: SocketClient?
    let long = String(repeating: "n", count: 4000)
    let isComplete = try serving { path in
      let client = try SocketClient(path)
      stalled = client
      let flags = fcntl(client.descriptor, F_GETFL)
      _ = fcntl(client.descriptor, F_SETFL, flags | O_NONBLOCK)
      // More answers than the socket holds. The server stops reading, so the client cannot send all of them.
      let frame = SocketClient.frame(long, [1])
      let sent = client.send((0..<2000).flatMap { _ in frame })
      usleep(300_000)
      #expect(sent + client.send((0..<2000).flatMap { _ in frame }) < 4000 * frame.count)
      let other = try SocketClient(path)
      for number in 0..<20 { other.send("\(number)", [1]) }
      other.endSending()
      #expect(other.rest() == (0..<20).map { "\($0) 1" })
    }
    #expect(!isComplete && stalled != nil)
  }

  @Test func thePathIsChecked() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/socket"
      let first = try FrameServer(path: path)
      var record = stat()
      #expect(unsafe stat(path, &record) == 0 && record.st_mode & 0o777 == 0o600)
      #expect(throws: ServingError.inUse(path)) { try FrameServer(path: path) }
      withExtendedLifetime(first) {}
      let file = folder + "/file"
      try AtomicWriter.replace(file, with: "text")
      #expect(throws: ServingError.notASocket(file)) { try FrameServer(path: file) }
      #expect(try FileSystem.read(file) == Array("text".utf8))
      let long = folder + "/" + String(repeating: "l", count: 108)
      #expect(throws: ServingError.longPath(long, limit: 107)) { try FrameServer(path: long) }
      #expect(throws: ServingError.self) { try FrameServer(path: folder + "/none/socket") }
    }
    try withTemporaryFolder { folder in
      // A socket that a dead process left.
      let path = folder + "/socket"
      do { _ = try FrameServer(path: path) }
      #expect(FileSystem.exists(path))
      _ = try FrameServer(path: path)
    }
  }
}

/// The state of a server in a test.
private final class ServerRun: Sendable {
  let shouldStop = Atomic(false)
  let isComplete = Atomic(false)
  let ended = DispatchSemaphore(value: 0)
}
