// Compares the nearest class mean with scikit-learn's nearest centroids: see
// Tests/Reference/linear/generate_nearest_mean.py.

import FoundationEssentials
import TapLinear
import TapTensors
import TestSupport
import Testing

struct NearestMeanTests {
  struct Fit: Decodable {
    let name: String
    let standardization: String
    let weighted: Bool
    let scatter: Double
    let predictions: [Int]
    /// For every tenth row and each class, `[rows, classes]`: ½ ‖x - mean‖², minus the smallest of these values in the
    /// row.
    let excess: [Double]
  }

  @Test func agreesWithScikitLearn() throws {
    let path = Repository.path("Tests/Reference/linear/nearest_mean.json")
    let fits = try JSONDecoder().decode([Fit].self, from: Data(contentsOf: URL(filePath: path)))
    let sets = try ScikitLearnTests().sets
    #expect(fits.count == 6 * sets.count)
    for fit in fits {
      let data = try #require(sets.first { $0.name == fit.name })
      let features = MatrixView(rows: data.rows, columns: data.columns, elements: data.features)
      let rule = try #require(Standardization(rawValue: fit.standardization))
      // The reference uses every row for the scaling, so no row may have weight 0.
      let fitted = try NearestMean(standardization: rule).fit(
        features, labels: data.labels, classCount: data.classCount,
        sampleWeights: fit.weighted ? (0..<data.rows).map { max(1e-30, Double($0 % 4)) } : nil)
      let comment: Comment = "\(fit.name), \(fit.standardization), \(fit.weighted)"
      #expect(fitted.kind == .nearestMean && fitted.c == nil && fitted.converged && fitted.gap == 0)
      #expect(try fitted.predictions(features) == fit.predictions, comment)
      #expect(abs(fitted.objective - fit.scatter) <= 1e-10 * fit.scatter, comment)
      // A score is the negative half squared distance, up to a term that all classes of a row have in common.
      let rows = Array(stride(from: 0, to: data.rows, by: 10))
      let scores = try fitted.scores(features, rows: rows)
      for start in stride(from: 0, to: scores.count, by: data.classCount) {
        let largest = scores[start..<(start + data.classCount)].max() ?? 0
        for c in start..<(start + data.classCount) {
          #expect(abs(largest - scores[c] - fit.excess[c]) <= 1e-9 * (1 + fit.excess[c]), comment)
        }
      }
    }
  }

  @Test func hasNoProbabilitiesAndNoC() throws {
    let features = MatrixView(rows: 4, columns: 1, elements: [0, 1, 4, 5])
    var model = LinearModel.nearestMean(NearestMean(standardization: .none))
    model.c = 3
    model.tolerance = 0.1
    #expect(model.c == nil && model.tolerance == 0 && model.kind == .nearestMean)
    let fitted = try model.fit(features, labels: [0, 0, 1, 1], classCount: 2)
    #expect(throws: LinearModelError.noProbabilities) { try fitted.probabilities(features) }
    // The means are ½ and 4½. A row at 2½ is equally near to both, so the first class is predicted.
    let middle = MatrixView(rows: 3, columns: 1, elements: [2.5, 2.4, 2.6])
    #expect(try fitted.predictions(middle) == [0, 0, 1])
    #expect(throws: LinearModelError.emptyClass(label: 2, classCount: 3)) {
      try model.fit(features, labels: [0, 0, 1, 1], classCount: 3)
    }
  }
}
