import Glibc
import TapFileSystem
import TestSupport
import Testing

/// Before the work begins, a check shows whether its result can be written.
@Suite struct WritableTests {
  @Test func filesOldAndNewAreWritableAndUntouched() throws {
    try withTemporaryFolder { folder in
      try AtomicWriter.replace(folder + "/old", with: "text")
      for name in ["old", "new", "not/yet/there"] { try FileSystem.requireWritable(folder + "/" + name) }
      #expect(try FileSystem.list(folder) == ["old"])
      #expect(try FileSystem.read(folder + "/old") == Array("text".utf8))
    }
  }

  @Test func whatIsNoFileIsRefused() throws {
    try withTemporaryFolder { folder in
      try AtomicWriter.replace(folder + "/file", with: "")
      #expect(throws: FileSystemError.isFolder(folder)) { try FileSystem.requireWritable(folder) }
      #expect(throws: FileSystemError.isFolder(folder + "/new/")) {
        try FileSystem.requireWritable(folder + "/new/")
      }
      #expect(throws: FileSystemError.notAFile("/dev/null")) { try FileSystem.requireWritable("/dev/null") }
      let error = #expect(throws: FileSystemError.self) {
        try FileSystem.requireWritable(folder + "/file/below")
      }
      #expect(error?.description.contains("a file lies where a folder is expected") == true)
      #expect(throws: FileSystemError.self) { try FileSystem.requireWritable("/proc/self/report.html") }
    }
  }

  @Test(.enabled(if: geteuid() != 0, "root may write everywhere"))
  func aFolderWithoutPermissionIsRefused() throws {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories(folder + "/closed")
      #expect(unsafe chmod(folder + "/closed", 0o500) == 0)
      let error = #expect(throws: FileSystemError.self) {
        try FileSystem.requireWritable(folder + "/closed/report.html")
      }
      #expect(error?.code == EACCES)
    }
  }
}
