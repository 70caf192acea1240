// Fits on as many features as a backbone has reach the promised accuracy: see Tests/Reference/linear/generate_wide.py.

import FoundationEssentials
import TapLinear
import TapTensors
import TestSupport
import Testing

struct WideProblemTests {
  struct Fit: Decodable {
    let standardization: String
    let c: Double
    let objective: Double
  }

  static func hashed(_ counter: UInt64) -> Int {
    Int(SplitMix64.number(counter) & 1023)
  }

  /// At the default tolerance, objectives are at most 1e-7 below scikit-learn's and at most 1e-9 above, relative to
  /// them.
  @Test func objectivesEqualScikitLearn() throws {
    let (rows, columns, classCount) = (400, 1280, 10)
    let labels = (0..<rows).map { $0 % classCount }
    var elements: [Float] = []
    elements.reserveCapacity(rows * columns)
    for row in 0..<rows {
      for column in 0..<columns {
        let noise = Self.hashed(UInt64(row * columns + column + 1))
        let mean = Self.hashed(UInt64(1_000_000_000 + labels[row] * columns + column)) & 1
        elements.append(Float(max(0, noise + 120 * mean - 500)) / 256)
      }
    }
    let features = MatrixView(rows: rows, columns: columns, elements: elements)
    let path = Repository.path("Tests/Reference/linear/wide.json")
    let fits = try JSONDecoder().decode([Fit].self, from: Data(contentsOf: URL(filePath: path)))
    #expect(fits.count == 6)
    for fit in fits {
      let rule = try #require(Standardization(rawValue: fit.standardization))
      let fitted = try LogisticRegression(c: fit.c, standardization: rule).fit(
        features, labels: labels, classCount: classCount)
      let excess = (fitted.objective - fit.objective) / fit.objective
      let comment: Comment = "\(fit.standardization), C \(fit.c): \(fitted.objective) and \(fit.objective)"
      #expect(fitted.converged, comment)
      #expect(excess <= 1e-9 && excess >= -1e-7, comment)
      // The certificate also holds for a minimum that another library found.
      #expect(fitted.gap + 1e-12 * max(1, fitted.objective) >= fitted.objective - fit.objective, comment)
    }
  }
}
