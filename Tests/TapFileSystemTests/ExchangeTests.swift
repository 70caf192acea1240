// The exchange of two folders, and paths without links.

import Glibc
import TapFileSystem
import TestSupport
import Testing

@Suite struct ExchangeTests {
  @Test func foldersExchangeTheirNames() throws {
    try withTemporaryFolder { folder in
      let (first, second) = (folder + "/a", folder + "/b/c")
      for path in [first, second] {
        try FileSystem.createDirectories(path)
        try create(path + "/name", path)
      }
      try FileSystem.exchange(first, with: second)
      #expect(try FileSystem.read(first + "/name") == Array(second.utf8))
      #expect(try FileSystem.read(second + "/name") == Array(first.utf8))
      #expect(try FileSystem.canExchange(in: folder))
      #expect(try FileSystem.list(folder) == ["a", "b"])
      #expect(throws: FileSystemError.systemCall(call: "exchange", path: first, errno: ENOENT)) {
        try FileSystem.exchange(first, with: folder + "/d")
      }
      #expect(throws: FileSystemError.zeroByteInPath("a\0b")) { try FileSystem.exchange("a\0b", with: second) }
    }
  }

  @Test func otherErrorsOfTheCheckAreErrors() throws {
    try withTemporaryFolder { folder in
      // Operation 2 is the exchange, behind the creation of the two folders.
      #expect(try !FileSystem.canExchange(in: folder, faults: WriteFaults(failingFrom: 2, code: EINVAL)))
      for name in try FileSystem.list(folder) { try FileSystem.removeTree(folder + "/" + name) }
      #expect(throws: FileSystemError.systemCall(call: "exchange", path: folder + "/.exchanged-first", errno: EIO)) {
        try FileSystem.canExchange(in: folder, faults: WriteFaults(failingFrom: 2, code: EIO))
      }
    }
  }

  @Test func linksAreResolved() throws {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories(folder + "/a/b")
      let failure = unsafe symlink(folder + "/a/b", folder + "/link")
      #expect(failure == 0)
      let place = try FileSystem.withoutLinks(folder)
      #expect(try FileSystem.withoutLinks(folder + "/link/../b/.") == place + "/a/b")
      #expect(throws: FileSystemError.systemCall(call: "examine", path: folder + "/c", errno: ENOENT)) {
        try FileSystem.withoutLinks(folder + "/c")
      }
    }
  }
}
