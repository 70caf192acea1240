// Compares adjusted p-values with statsmodels: see Tests/Reference/metrics/generate_holm.py.

import FoundationEssentials
import TapMetrics
import TestSupport
import Testing

struct HolmCorrectionTests {
  private struct Case: Decodable {
    let p: [Double]
    let adjusted: [Double]
  }

  @Test func equalsStatsmodels() throws {
    let path = Repository.path("Tests/Reference/metrics/holm.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(filePath: path)))
    #expect(cases.count == 17)
    for item in cases {
      let found = HolmCorrection.adjusted(item.p)
      #expect(found.count == item.adjusted.count)
      for (found, expected) in zip(found, item.adjusted) {
        #expect(abs(found - expected) <= 1e-15 * expected, "\(item.p)")
      }
    }
    #expect(HolmCorrection.adjusted([]) == [])
  }
}
