// If a write fails, the old file stays, and the error says that the disk is full.

import TapFileSystem
import TestSupport
import Testing

@Suite struct WriteFaultsTests {
  @Test func replacementIsAllOrNothing() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a"
      let counter = WriteFaults()
      try AtomicWriter.replace(path, with: "old", faults: counter)
      #expect(counter.operations == 5)
      for first in 0..<counter.operations {
        try AtomicWriter.replace(path, with: "old")
        let faults = WriteFaults(failingFrom: first, partialShare: 0.5)
        let error = #expect(throws: FileSystemError.self) {
          try AtomicWriter.replace(path, with: "newer", faults: faults)
        }
        #expect(error?.isDiskFull == true)
        // Operation 3 is the renaming. If only the later synchronization of the folder fails, the file has the new
        // content.
        #expect(try FileSystem.read(path) == Array((first > 3 ? "newer" : "old").utf8))
        faults.heal()
        try AtomicWriter.replace(path, with: "newer", faults: faults)
        #expect(try FileSystem.list(folder) == ["a"])
      }
    }
  }

  @Test func aShortWriteLeavesItsPart() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/a"
      let file = try File(creating: path, faults: WriteFaults(failingFrom: 1, partialShare: 0.5))
      #expect(throws: FileSystemError.systemCall(call: "write", path: path, errno: 28)) {
        try file.write([1, 2, 3, 4], at: 0)
      }
      #expect(throws: FileSystemError.self) { try file.synchronize() }
      #expect(throws: FileSystemError.self) { try file.truncate(to: 0) }
      #expect(try FileSystem.read(path) == [1, 2])
    }
  }
}
