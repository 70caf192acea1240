// Tests that every index is visited once, whatever the number of threads.

import CTapKernels
import FoundationEssentials
import Synchronization
import TapKernels
import TestSupport
import Testing

struct ThreadsTests {
  @Test(arguments: [0, 1, 2, 17, 1000], [1, 2, 5])
  func visitsEveryIndexOnce(count: Int, threads: Int) {
    let visits = Mutex([Int](repeating: 0, count: count))
    Threads.concurrentForEach(count: count, threads: threads) { index in
      visits.withLock { $0[index] += 1 }
    }
    #expect(visits.withLock { $0.allSatisfy { $0 == 1 } })
  }

  @Test func oneThreadKeepsTheOrder() {
    let seen = Mutex([Int]())
    Threads.concurrentForEach(count: 20, threads: 1) { index in seen.withLock { $0.append(index) } }
    #expect(seen.withLock { $0 } == Array(0..<20))
  }

  @Test(arguments: [
    (["cpu.max": "150000 100000\n"], 2), (["cpu.max": "100000 100000\n"], 1),
    (["cpu.max": "max 100000\n"], 0),
    (["cpu.max": "nonsense"], 0), ([:], 0),
    (["cpu/cpu.cfs_quota_us": "350000\n", "cpu/cpu.cfs_period_us": "100000\n"], 4),
    (["cpu/cpu.cfs_quota_us": "-1\n", "cpu/cpu.cfs_period_us": "100000\n"], 0),
  ])
  func readsTheQuotaOfControlGroups(files: [String: String], processors: Int) throws {
    try withTemporaryFolder { folder in
      try FileManager.default.createDirectory(atPath: "\(folder)/cpu", withIntermediateDirectories: true)
      for (name, text) in files {
        #expect(FileManager.default.createFile(atPath: "\(folder)/\(name)", contents: Data(text.utf8)))
      }
      #expect(unsafe lt_quota_processors(folder) == Int32(processors))
    }
  }
}
