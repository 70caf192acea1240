// A path of a file that is not regular, or too large, is refused at once. The refusal neither waits nor takes memory.

import Glibc
import TapFileSystem
import TestSupport
import Testing

@Suite struct FileKindTests {
  private func makePipe(_ path: String) { #expect(unsafe mkfifo(path, 0o600) == 0) }

  /// Writes `abc` three times after a short time, and closes the pipe after another short time.
  private func slowWriter(_ descriptor: Int32) -> BackgroundThread {
    BackgroundThread {
      usleep(50_000)
      for _ in 0..<3 { unsafe _ = write(descriptor, "abc", 3) }
      usleep(50_000)
      close(descriptor)
    }
  }

  @Test func aPipeIsNotWaitedFor() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/pipe"
      makePipe(path)
      let expected = FileSystemError.unreadableKind(path: path, .pipe)
      #expect(throws: expected) { try FileSystem.read(path) }
      #expect(throws: expected) { try MappedFile(path: path) }
      #expect(throws: expected) { try File(reading: path) }
      #expect("\(expected)" == "\(path) is a pipe where a file is expected: save what it holds in a file")
      #expect(expected.reason == "it is a pipe, not a file")
      #expect(throws: FileSystemError.pipeWithoutWriter(path)) {
        try FileSystem.read(path, allowsPipe: true)
      }
    }
  }

  /// The pipe is like that of a shell's `<(…)`. Its writer may be slow, but its output must not exceed the limit.
  @Test func aPipeWithAWriterIsReadToItsEnd() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/pipe"
      makePipe(path)
      let writer = unsafe open(path, O_RDWR)
      #expect(writer >= 0)
      let thread = slowWriter(writer)
      let bytes = try FileSystem.read(path, allowsPipe: true)
      #expect(bytes == Array("abcabcabc".utf8))
      thread.join()
      let other = unsafe open(path, O_RDWR)
      unsafe _ = write(other, "abcdef", 6)
      #expect(throws: FileSystemError.tooLarge(path: path, size: nil, limit: 5)) {
        try FileSystem.read(path, atMost: 5, allowsPipe: true)
      }
      close(other)
    }
  }

  @Test func devicesAndSocketsAreNoFiles() throws {
    #expect(throws: FileSystemError.unreadableKind(path: "/dev/zero", .device)) {
      try FileSystem.read("/dev/zero", allowsPipe: true)
    }
    #expect(throws: FileSystemError.unreadableKind(path: "/dev/zero", .device)) {
      try MappedFile(path: "/dev/zero")
    }
    try withTemporaryFolder { folder in
      let path = folder + "/socket"
      let made = try Tool.run(
        "/usr/bin/env",
        ["python3", "-c", "import socket, sys; socket.socket(socket.AF_UNIX).bind(sys.argv[1])", path])
      try #require(made.status == 0, "\(made.errors)")
      #expect(throws: FileSystemError.unreadableKind(path: path, .socket)) { try FileSystem.read(path) }
    }
  }

  @Test func aFileIsMeasuredBeforeItIsRead() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/zeros.jpg"
      try File(creating: path).truncate(to: 60_000_000_000)
      let error = FileSystemError.tooLarge(path: path, size: 60_000_000_000, limit: FileSystem.readLimit)
      #expect(throws: error) { try FileSystem.read(path) }
      #expect(
        "\(error)"
          == "\(path): it holds 60000000000 bytes, and at most \(FileSystem.readLimit) are read of such a file: is it the "
          + "right one?")
      #expect(FileSystem.readLimit <= 4 << 30)
      try AtomicWriter.replace(path, with: [1, 2, 3])
      #expect(try FileSystem.read(path, atMost: 3) == [1, 2, 3])
      #expect(throws: FileSystemError.tooLarge(path: path, size: 3, limit: 2)) {
        try FileSystem.read(path, atMost: 2)
      }
    }
  }

  @Test func noPathIsSaidToBeNone() {
    #expect(throws: FileSystemError.emptyPath) { try FileSystem.read("") }
  }

  @Test func aWalkNamesWhatIsNoFile() throws {
    try withTemporaryFolder { folder in
      makePipe(folder + "/a.jpg")
      try AtomicWriter.replace(folder + "/b.jpg", with: [1])
      let walk = try DirectoryWalk(folder)
      #expect(walk.files == ["b.jpg"])
      #expect(walk.passedOver == ["a.jpg: a pipe, not a file"])
    }
  }
}
