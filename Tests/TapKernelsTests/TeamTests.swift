import Synchronization
import TapKernels
import Testing

@Suite struct TeamTests {
  /// Every member reads what the other members wrote before they waited. In each of 200 rounds this is the sum of the
  /// numbers of all members.
  @Test(arguments: [1, 2, 3, 5])
  func membersSeeWhatOthersWroteBefore(count: Int) {
    final class Sums: Sendable {
      let rounds = (0..<200).map { _ in Sum() }
      let wrong = Atomic<Int>(0)
      let members = Atomic<Int>(0)
    }
    final class Sum: Sendable { let value = Atomic<Int>(0) }
    let sums = Sums()
    Threads.together(count: count) { member in
      sums.members.add(1, ordering: .relaxed)
      for sum in sums.rounds {
        sum.value.add(member.index + 1, ordering: .relaxed)
        member.wait()
        if sum.value.load(ordering: .relaxed) != member.count * (member.count + 1) / 2 {
          sums.wrong.add(1, ordering: .relaxed)
        }
      }
    }
    #expect(sums.members.load(ordering: .relaxed) == count)
    #expect(sums.wrong.load(ordering: .relaxed) == 0)
  }

  /// The threads of a team work for the next teams too. Teams at the same time have different threads.
  @Test func manyTeamsFollowEachOther() {
    let calls = Atomic<Int>(0)
    let wrong = Atomic<Int>(0)
    Threads.concurrentForEach(count: 3, threads: 3) { _ in
      for _ in 0..<300 {
        let counter = Counter()
        Threads.together(count: 3) { member in
          counter.value.add(1, ordering: .relaxed)
          member.wait()
          if counter.value.load(ordering: .relaxed) != member.count { counter.wrong.add(1, ordering: .relaxed) }
        }
        calls.add(counter.value.load(ordering: .relaxed), ordering: .relaxed)
        wrong.add(counter.wrong.load(ordering: .relaxed), ordering: .relaxed)
      }
    }
    #expect(calls.load(ordering: .relaxed) == 3 * 300 * 3)
    #expect(wrong.load(ordering: .relaxed) == 0)
  }

  private final class Counter: Sendable {
    let value = Atomic<Int>(0)
    let wrong = Atomic<Int>(0)
  }
}
