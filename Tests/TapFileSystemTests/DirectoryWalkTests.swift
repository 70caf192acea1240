// The listing of folders has one order. It ends in spite of loops, and includes names that are not text.

import Glibc
import TapFileSystem
import TestSupport
import Testing

@Suite struct DirectoryWalkTests {
  @Test func sortsByBytesAndLeavesHiddenFilesOut() throws {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories(folder + "/b/empty")
      for name in ["b/2.png", "b/10.png", "B.png", "a.png", ".hidden", "b-1.png"] {
        try create(folder + "/" + name)
      }
      let walk = try DirectoryWalk(folder)
      #expect(walk.files == ["B.png", "a.png", "b-1.png", "b/10.png", "b/2.png"])
      #expect(walk.directories == ["b", "b/empty"])
      #expect(walk.passedOver == [])
    }
  }

  @Test func endsOnLoopsAndReportsOddNames() throws {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories(folder + "/a")
      try create(folder + "/a/x")
      unsafe _ = symlink("..", folder + "/a/up")
      unsafe _ = symlink("a", folder + "/b")
      unsafe _ = symlink("nowhere", folder + "/dangling")
      let odd = folder.utf8.map(CChar.init(bitPattern:)) + [47, CChar(bitPattern: 0xFF), 49, 0]
      unsafe close(open(odd, O_CREAT | O_WRONLY, 0o666))
      let walk = try DirectoryWalk(folder)
      #expect(walk.files == ["a/x", "b/x"])
      #expect(
        walk.passedOver == [
          "\\xff1: the name is not UTF-8", "a/up: a link back to a folder above it",
          "b/up: a link back to a folder above it", "dangling: a link that leads nowhere",
        ])
    }
  }

  @Test func saysThatTheRootIsMissing() {
    #expect(throws: FileSystemError.systemCall(call: "list", path: "/no/such", errno: 2)) {
      try DirectoryWalk("/no/such")
    }
  }
}
