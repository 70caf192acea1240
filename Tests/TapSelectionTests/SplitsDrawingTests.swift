import TapSelection
import Testing

struct SplitsDrawingTests {
  static func sizes(_ drawn: [Int], _ labels: [Int], _ classes: Int) -> [Int] {
    (0..<classes).map { label in drawn.count { labels[$0] == label } }
  }

  @Test func classesAreDrawnEvenly() {
    let labels = SplitsTests.labels([40, 60, 5])
    let drawn = Splits.evenDraw(labels: labels, classCount: 3, count: 30, seed: 1)
    #expect(drawn == drawn.sorted() && Set(drawn).count == 30)
    let sizes = Self.sizes(drawn, labels, 3)
    #expect(sizes[2] == 5 && abs(sizes[0] - sizes[1]) <= 1)
    #expect(Splits.evenDraw(labels: labels, classCount: 3, count: 30, seed: 1) == drawn)
    #expect(Splits.evenDraw(labels: labels, classCount: 3, count: 30, seed: 2) != drawn)
  }

  @Test func thereIsNoMoreThanThereIs() {
    let labels = SplitsTests.labels([4, 3])
    #expect(Splits.evenDraw(labels: labels, classCount: 2, count: 100) == Array(0..<7))
    #expect(Splits.evenDraw(labels: [0, 0, 0], classCount: 5, count: 2).count == 2)
    #expect(Splits.evenDraw(labels: [], classCount: 1, count: 2) == [])
  }

  @Test func manyClassesGiveWayToSomeWithEnough() {
    let labels = SplitsTests.labels([Int](repeating: 20, count: 99))
    let drawn = Splits.evenDraw(labels: labels, classCount: 99, count: 200)
    let sizes = Self.sizes(drawn, labels, 99).filter { $0 > 0 }
    #expect(sizes == [Int](repeating: 10, count: 20))
    // If no class has enough rows, rows are drawn from more classes.
    let small = SplitsTests.labels([Int](repeating: 3, count: 99))
    #expect(Splits.evenDraw(labels: small, classCount: 99, count: 200).count == 200)
  }
}
