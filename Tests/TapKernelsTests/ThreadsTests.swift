// Every index once, whatever the number of threads.

import Synchronization
import TapKernels
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
}
