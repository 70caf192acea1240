// Compares McNemar's exact test with the two-sided binomtest(min, n, 0.5) of SciPy 1.17.

import TapMetrics
import Testing

struct PairedComparisonTests {
  @Test(arguments: [
    (0, 0, 1.0), (1, 0, 1.0), (5, 0, 0.0625), (6, 0, 0.03125), (3, 9, 0.14599609375), (10, 10, 1.0),
    (2, 15, 0.002349853515625), (40, 70, 0.005447429511444476),
  ])
  func equalsTheBinomialTest(first: Int, second: Int, expected: Double) {
    #expect(abs(PairedComparison(onlyFirst: first, onlySecond: second).pValue - expected) <= 1e-12)
    #expect(abs(PairedComparison(onlyFirst: second, onlySecond: first).pValue - expected) <= 1e-12)
  }

  @Test func countsWhereTwoPart() {
    let paired = PairedComparison(
      labels: [0, 1, 2, 0, 1], first: [0, 1, 1, 1, 0], second: [0, 0, 2, 2, 1])
    #expect(paired == PairedComparison(onlyFirst: 1, onlySecond: 2))
  }
}
