// Compares normalized rows and principal components with scikit-learn's, and also the predictions from them: see
// Tests/Reference/linear/generate_transforms.py.

import FoundationEssentials
import TapLinear
import TapTensors
import TestSupport
import Testing

struct FeatureTransformTests {
  struct Case: Decodable {
    let name: String
    let rows: Int?
    let normalize: Bool
    let pca: Double?
    let whiten: Bool
    let ratios: [Double]
    let signature: [Double]
    let objective: Double
    let logistic: [Int]
    let nearest: [Int]

    var transform: FeatureTransform {
      FeatureTransform(
        normalizesRows: normalize,
        components: pca.map {
          PrincipalComponents($0 < 1 ? .variance($0) : .components(Int($0)), whitens: whiten)
        })
    }
  }

  @Test func agreesWithScikitLearn() throws {
    let path = Repository.path("Tests/Reference/linear/transforms.json")
    let cases = try JSONDecoder().decode([Case].self, from: Data(contentsOf: URL(filePath: path)))
    let sets = try ScikitLearnTests().sets
    #expect(cases.count == 14)
    for item in cases {
      let comment: Comment = "\(item.name), \(item.rows ?? 0), \(item.transform)"
      let data = try #require(sets.first { $0.name == item.name })
      let features = MatrixView(rows: data.rows, columns: data.columns, elements: data.features)
      let rows = Array(0..<(item.rows ?? data.rows))
      let model = LogisticRegression(
        c: 1, standardization: .none, tolerance: 1e-11, transform: item.transform)
      let prepared = try model.prepare(features, rows: rows, labels: data.labels, classCount: data.classCount)
      let fitted = try model.fit(prepared)
      #expect(fitted.normalizesRows == item.normalize && fitted.dimensions == data.columns, comment)
      let ratios = fitted.projection?.explainedVarianceRatios ?? []
      #expect(ratios.count == item.ratios.count, comment)
      // The normalized rows, and the components of each row, are float32 in LayerTap and float64 in scikit-learn.
      for (a, b) in zip(ratios, item.ratios) { #expect(abs(a - b) <= 1e-6 * item.ratios[0], comment) }
      if item.pca != nil { expect(signatures(prepared, ratios.count), near: item.signature, comment) }
      #expect(abs(fitted.objective - item.objective) <= 2e-6 * item.objective, comment)
      #expect(try fitted.predictions(features) == item.logistic, comment)
      let nearest = try NearestMean(standardization: .none, transform: item.transform).fit(
        features, rows: rows, labels: data.labels, classCount: data.classCount)
      #expect(try nearest.predictions(features) == item.nearest, comment)
    }
  }

  /// For each row, the sum of its components times 1, -2, 3, ….
  private func signatures(_ data: TrainingData, _ count: Int) -> [Double] {
    var rows = [Double](repeating: 0, count: data.design.count * count)
    var span = rows.mutableSpan
    data.design.fill(&span, rows: 0..<data.design.count)
    return (0..<data.design.count).map { row in
      (0..<count).reduce(0) { $0 + Double($1 + 1) * ($1 % 2 == 0 ? 1 : -1) * rows[row * count + $1] }
    }
  }

  private func expect(_ found: [Double], near expected: [Double], _ comment: Comment) {
    #expect(found.count == expected.count, comment)
    #expect(norm(difference(found, expected)) <= 2e-5 * norm(expected), comment)
  }

  /// The projection becomes a part of the weights, so raw features give the scores that the components give.
  @Test func foldsIntoTheWeights() throws {
    let data = try ScikitLearnTests().sets[3]
    let features = MatrixView(rows: data.rows, columns: data.columns, elements: data.features)
    for rule in [Standardization.automatic, .standardDeviation, .maximum] {
      for model: LinearModel in [
        .svm(LinearSVM(c: 0.1, standardization: rule)), .nearestMean(NearestMean(standardization: rule)),
      ] {
        var model = model
        model.transform = FeatureTransform(components: PrincipalComponents(.components(12)))
        model.c = 0.1
        let prepared = try model.estimator.prepare(
          features, labels: data.labels, classCount: data.classCount)
        #expect(prepared.design.columns == 12 && prepared.scaler.isIdentity == (rule == .automatic))
        let fitted = try model.estimator.fit(prepared)
        #expect(fitted.weights.count == data.classCount * data.columns && fitted.scaler.isIdentity)
        let scores = try fitted.scores(features)
        var row = [Double](repeating: 0, count: 12)
        let k = data.classCount
        for index in stride(from: 0, to: data.rows, by: 17) {
          var span = row.mutableSpan
          prepared.design.fill(&span, rows: index..<(index + 1))
          for c in 0..<k {
            let bias = fitted.scaledParameters[12 * k + c]
            let expected = inner(row, Array(fitted.scaledParameters[(12 * c)..<(12 * (c + 1))])) + bias
            #expect(abs(scores[index * k + c] - expected) <= 1e-5 * (1 + abs(expected)))
          }
        }
      }
    }
  }

  @Test func fewerDimensionsThanAskedForAreAll() throws {
    // Three rows span a plane. The column of zeros and the repeated row change nothing.
    let features = MatrixView(rows: 4, columns: 3, elements: [1, 0, 0, 0, 2, 0, 3, 1, 0, 3, 1, 0])
    let labels = [0, 1, 0, 1]
    var model = NearestMean(standardization: .none)
    model.transform.components = PrincipalComponents(.components(50), whitens: true)
    let fitted = try model.fit(features, labels: labels, classCount: 2)
    let projection = try #require(fitted.projection)
    #expect(projection.count == 2 && abs(projection.explained - 1) < 1e-12)
    let equal = MatrixView(rows: 2, columns: 2, elements: [1, 2, 1, 2])
    let flat = try model.fit(equal, labels: [0, 1], classCount: 2)
    #expect(flat.projection?.explainedVarianceRatios == [0])
    #expect(try flat.predictions(equal) == [0, 0])
  }

  @Test func saysWhatIsWrong() throws {
    let features = MatrixView(rows: 3, columns: 2, elements: [1, 2, 3, .nan, 0, 0])
    var model = NearestMean()
    for transform in [
      FeatureTransform(normalizesRows: true),
      FeatureTransform(components: PrincipalComponents(.components(1))),
    ] {
      model.transform = transform
      let error = #expect(throws: LinearModelError.self) {
        try model.fit(features, rows: [2, 1], labels: [0, 1, 0], classCount: 2)
      }
      guard case .notFinite(row: 1, column: 1, _)? = error else {
        Issue.record("\(String(describing: error))")
        continue
      }
    }
    for (count, value) in [(PrincipalComponents.Count.components(0), 0.0), (.variance(1), 1)] {
      model.transform.components = PrincipalComponents(count)
      #expect(throws: LinearModelError.componentCount(value)) {
        try model.fit(features, rows: [0, 2], labels: [0, 1, 1], classCount: 2)
      }
    }
    let wide = MatrixView(rows: 3100, columns: 6100, elements: [Float](repeating: 0, count: 3100 * 6100))
    model.transform.components = PrincipalComponents(.components(1))
    #expect(throws: LinearModelError.projectionTooLarge(rows: 3100, columns: 6100, limit: 6000)) {
      try model.fit(wide, labels: (0..<3100).map { $0 % 2 }, classCount: 2)
    }
  }
}
