// Compares fits with scikit-learn's on real data: see Tests/Reference/linear/generate.py.

import FoundationEssentials
import TapKernels
import TapLinear
import TapTensors
import TestSupport
import Testing

struct ScikitLearnTests {
  struct Fit: Decodable {
    let standardization: String
    let c: Double
    let weights: String
    let objective: Double
    let coefficients: [Double]
    let intercept: [Double]
  }

  struct DataSet: Decodable {
    let name: String
    let rows: Int
    let columns: Int
    let classCount: Int
    let features: [Float]
    let labels: [Int]
    let fits: [Fit]
  }

  let sets: [DataSet]

  init() throws {
    let path = Repository.path("Tests/Reference/linear/logistic.json")
    sets = try JSONDecoder().decode([DataSet].self, from: Data(contentsOf: URL(filePath: path)))
  }

  @Test func reachesItsOptimum() throws {
    #expect(sets.map(\.fits.count) == [15, 15, 15, 15])
    for data in sets {
      let features = MatrixView(rows: data.rows, columns: data.columns, elements: data.features)
      for fit in data.fits {
        let rule = try #require(Standardization(rawValue: fit.standardization))
        let model = LogisticRegression(
          c: fit.c, standardization: rule, classWeights: fit.weights == "balanced" ? .balanced : .uniform,
          tolerance: 1e-12)
        // The reference uses every row for the scaling, so no row may have weight 0.
        let samples = (0..<data.rows).map { max(1e-30, Double($0 % 4) * 0.5) }
        let fitted = try model.fit(
          features, labels: data.labels, classCount: data.classCount,
          sampleWeights: fit.weights == "samples" ? samples : nil)
        let comment: Comment = "\(data.name), \(fit.standardization), C \(fit.c), \(fit.weights)"
        #expect(fitted.converged, comment)
        // scikit-learn's objective may end a little above the optimum. LayerTap's is never above scikit-learn's.
        let excess = (fitted.objective - fit.objective) / fit.objective
        #expect(excess <= 1e-10 && excess >= -1e-7, comment)
        #expect(fitted.gap >= 0 && fitted.relativeGap <= 1e-12, comment)
        expectSameModel(fitted, fit, data, comment)
      }
    }
  }

  /// The objective P is strongly convex in the weights, so ½‖W - W*‖² is at most the difference of the objectives.
  private func expectSameModel(
    _ fitted: FittedLinearModel, _ fit: Fit, _ data: DataSet, _ comment: Comment
  ) {
    let (k, d) = (data.classCount, data.columns)
    var weights = fitted.weights
    var bias = fitted.bias
    for c in 0..<k {
      for j in 0..<d {
        bias[c] += weights[c * d + j] * fitted.scaler.offset[j]
        weights[c * d + j] *= fitted.scaler.scale[j]
      }
    }
    #expect(abs(bias.reduce(0, +)) <= 1e-9 * max(1, norm(bias)), comment)
    if k == 2 {
      // scikit-learn has one score for two classes, and LayerTap has two scores: w = w₁ - w₀.
      weights = (0..<d).map { weights[d + $0] - weights[$0] }
      bias = [bias[1] - bias[0]]
    }
    let tolerance = (2 * (abs(fit.objective - fitted.objective) + 2e-12 * fit.objective)).squareRoot()
    #expect(norm(difference(weights, fit.coefficients)) <= 3 * tolerance + 1e-8, comment)
    #expect(norm(difference(bias, fit.intercept)) <= 1e-2 * max(1, norm(bias)), comment)
  }

  @Test func worksWithoutBLAS() throws {
    let data = sets[0]
    let features = MatrixView(rows: data.rows, columns: data.columns, elements: data.features)
    var model = LogisticRegression(c: 0.1, standardization: .standardDeviation)
    let fast = try model.fit(features, labels: data.labels, classCount: 3)
    model.product = .portable
    let plain = try model.fit(features, labels: data.labels, classCount: 3)
    #expect(abs(fast.objective - plain.objective) <= 1e-9 * plain.objective)
  }
}
