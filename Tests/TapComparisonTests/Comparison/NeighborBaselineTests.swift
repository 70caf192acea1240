// Predictions by k nearest neighbors against scikit-learn: see Tests/Reference/similarity/generate_neighbors.py.

import FoundationEssentials
import TapComparison
import TapTensors
import TestSupport
import Testing

@Suite struct NeighborBaselineTests {
  private struct Case: Decodable {
    let features: [[Float]]
    let labels: [Int]
    let classCount: Int
    let training: [Int]
    let heldOut: [Int]
    let predictions: [String: [Int]]
  }

  @Test func predictionsAreThoseOfScikitLearn() throws {
    let path = Repository.path("Tests/Reference/similarity/neighbors.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(filePath: path)))
    #expect(cases.count == 3)
    for item in cases {
      let features = MatrixView(
        rows: item.features.count, columns: item.features[0].count, elements: item.features.flatMap(\.self))
      let ks = item.predictions.keys.compactMap { Int($0) }.sorted()
      #expect(ks.count == 7)
      let found = NeighborBaseline.predictions(
        features, training: item.training, heldOut: item.heldOut, labels: item.labels,
        classCount: item.classCount, ks: ks, threads: 2)
      for (k, found) in zip(ks, found) {
        #expect(found == item.predictions["\(k)"], "k \(k)")
      }
    }
  }

  /// Among equally frequent classes, the first one is predicted. Rows at equal distances count in the given order.
  @Test func tiesGoToTheFirst() {
    let features = MatrixView(rows: 4, columns: 2, elements: [1, 0, 2, 0, 3, 0, 1, 1])
    let found = NeighborBaseline.predictions(
      features, training: [1, 0, 3], heldOut: [2], labels: [2, 1, 0, 0], classCount: 3, ks: [1, 2, 3], threads: 1)
    #expect(found == [[1], [1], [0]])
  }
}
