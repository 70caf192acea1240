import TapFormats
import Testing

@Suite struct NearestNameTests {
  static let names = ["--layers", "--layer-count", "--pool", "--threads"]

  @Test(arguments: [
    ("--layer", "--layers"), ("--laeyrs", "--layers"), ("--POOL", "--pool"), ("--thread", "--threads"),
  ])
  func slipsAreRecognized(typed: String, meant: String) {
    #expect(NearestName.nearest(to: typed, in: Self.names) == meant)
  }

  @Test(arguments: ["--frobnicate", "", "x"])
  func whatIsFarFromEverythingHasNoNeighbor(typed: String) {
    #expect(NearestName.nearest(to: typed, in: Self.names) == nil)
  }

  @Test func distancesCountEditsAndSwaps() {
    func distance(_ a: String, _ b: String) -> Int {
      NearestName.editDistance(Array(a.unicodeScalars), Array(b.unicodeScalars))
    }
    #expect(distance("", "abc") == 3)
    #expect(distance("kitten", "sitting") == 3)
    #expect(distance("abcd", "abdc") == 1)
    #expect(distance("same", "same") == 0)
  }
}
