// There is one writer at a time. A second writer gets an error that names the first one.

import TapFileSystem
import TestSupport
import Testing

@Suite struct FileLockTests {
  @Test func secondHolderIsRefusedAndToldWho() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/lock"
      do {
        let lock = try FileLock(path: path, resource: folder)
        let error = #expect(throws: FileSystemError.self) { try FileLock(path: path, resource: folder) }
        #expect(error == .inUse(path: folder, holder: Environment.processIdentifier))
        _ = consume lock
      }
      #expect(!FileSystem.exists(path))
      _ = try FileLock(path: path, resource: folder)
    }
  }

  @Test func aLeftOverLockFileIsNoLock() throws {
    try withTemporaryFolder { folder in
      try create(folder + "/lock", "999999\n")
      _ = try FileLock(path: folder + "/lock", resource: folder)
    }
  }

  @Test func holderMayBeUnknown() {
    #expect("\(FileSystemError.inUse(path: "s", holder: nil))".contains("another process"))
    #expect("\(FileSystemError.inUse(path: "s", holder: 12))".contains("process 12"))
  }
}
