// Operations on existing and missing files and folders, and their errors.

import TapFileSystem
import TestSupport
import Testing

func create(_ path: String, _ text: String = "") throws {
  try File(creating: path).write(Array(text.utf8), at: 0)
}

@Suite struct FileSystemTests {
  @Test func readsWhatWasWritten() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a.bin"
      try AtomicWriter.replace(path, with: [1, 2, 3])
      #expect(try FileSystem.read(path) == [1, 2, 3])
      try AtomicWriter.replace(path, with: [])
      #expect(try FileSystem.read(path) == [])
      #expect(try FileSystem.list(folder) == ["a.bin"])
    }
  }

  @Test func readsFilesOfUnknownSize() throws {
    #expect(try !FileSystem.read("/proc/self/status").isEmpty)
    #expect(try FileSystem.read("/dev/null") == [])
  }

  @Test func saysWhatIsMissing() throws {
    let path = "/no/such/folder/file"
    #expect(throws: FileSystemError.systemCall(call: "read", path: path, errno: 2)) {
      try FileSystem.read(path)
    }
    #expect("\(FileSystemError.systemCall(call: "read", path: path, errno: 2))" == "\(path) does not exist")
    #expect(try FileSystem.status(path) == nil)
    #expect(!FileSystem.exists(path))
    #expect(throws: FileSystemError.zeroByteInPath("a\0b")) { try FileSystem.read("a\0b") }
  }

  @Test func refusesToReadAFolder() throws {
    try withTemporaryFolder { folder in
      #expect(throws: FileSystemError.systemCall(call: "read", path: folder, errno: 21)) {
        try FileSystem.read(folder)
      }
      #expect(throws: FileSystemError.systemCall(call: "read", path: folder, errno: 21)) {
        try MappedFile(path: folder)
      }
    }
  }

  @Test func makesAndRemovesFolders() throws {
    try withTemporaryFolder { folder in
      let deep = folder + "/a/b/c"
      try FileSystem.createDirectories(deep)
      try FileSystem.createDirectories(deep)
      #expect(FileSystem.isDirectory(deep))
      try create(folder + "/a/file")
      #expect(throws: FileSystemError.self) { try FileSystem.createDirectories(folder + "/a/file/x") }
      try FileSystem.removeTree(folder + "/a")
      #expect(!FileSystem.exists(folder + "/a"))
      try FileSystem.removeTree(folder + "/a")
      try FileSystem.remove(folder + "/a")
    }
  }

  @Test func knowsFreeSpaceAlsoOfWhatIsNotThereYet() throws {
    #expect(try FileSystem.freeSpace(at: "/tmp/not/there/yet") > 0)
    #expect(try FileSystem.freeSpace(at: "") > 0)
  }

  @Test(arguments: [
    ("a/b/c.JPG", "a/b", "c.JPG", "jpg"), ("c", ".", "c", ""), ("/c.png", "/", "c.png", "png"),
    ("/", "/", "/", ""), ("a//b/", "a", "b", ""), ("a/.hidden", "a", ".hidden", ""),
    ("a/\u{301}b.png", "a", "\u{301}b.png", "png"), ("/\u{301}", "/", "\u{301}", ""),
    ("a/b.\u{301}", "a", "b.\u{301}", "\u{301}"),
  ])
  func takesPathsApart(path: String, parent: String, name: String, fileExtension: String) {
    #expect(FileSystem.parent(of: path) == parent)
    #expect(FileSystem.name(of: path) == name)
    #expect(FileSystem.fileExtension(of: path) == fileExtension)
  }

  @Test func joinsPaths() {
    #expect(FileSystem.join("a", "b") == "a/b")
    #expect(FileSystem.join("a/", "b") == "a/b")
    #expect(FileSystem.join("", "b") == "b")
    #expect(FileSystem.join("a", "/b") == "/b")
    #expect(FileSystem.join("a", "/\u{301}b") == "/\u{301}b")
    #expect(FileSystem.withoutExtension("a.b/c.npy") == "a.b/c")
    #expect(FileSystem.withoutExtension("a.b/c") == "a.b/c")
  }

  @Test func mapsFiles() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/m"
      try create(path, "hello")
      let map = try MappedFile(path: path, minimumCount: 5)
      #expect(map.count == 5)
      #expect(map.withBytes { $0[4] } == UInt8(ascii: "o"))
      #expect(throws: FileSystemError.fileTooShort(path: path, expected: 6, actual: 5)) {
        try MappedFile(path: path, minimumCount: 6)
      }
      try create(folder + "/empty")
      #expect(try MappedFile(path: folder + "/empty").withBytes { $0.count } == 0)
    }
  }
}
