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
}
