// Compares fits to features of photographs with scikit-learn's optimum on the same features. LayerTap extracts the
// features: see Tests/Reference/linear/generate_clothing.py.

import TapFeatures
import TapFileSystem
import TapFormats
import TapLinear
import TapTraining
import TestSupport
import Testing

@Suite struct ClothingTests {
  @Test(.needs(.lite0, PhotographFeatures.need))
  func objectivesAndPredictionsEqualScikitLearns() throws {
    let data = try PhotographFeatures.of("clothing")
    let reference = try JSONValue.parse(
      FileSystem.read(Repository.path("Tests/Reference/linear/clothing.json")))
    let features = data.candidates[0].features
    // The features have the same bits as those of the reference, image by image in list order.
    #expect(data.digest(of: data.items) == reference["featuresSHA256"]?.stringValue)

    let partition = try Partition(data.images)
    let names = Set(data.images.compactMap(\.label)).sorted()
    var labels = [Int](repeating: 0, count: features.rows)
    for index in partition.training {
      let item = data.items[index]
      labels[item.row] = try #require(names.firstIndex { $0 == item.image.label })
    }
    let training = partition.training.map { data.items[$0].row }
    let fits = try #require(reference["fits"]?.arrayValue)
    #expect(fits.count == 6)
    for fit in fits {
      let c = try #require(fit["c"]?.doubleValue)
      let rule = try #require(Standardization(rawValue: fit["standardization"]?.stringValue ?? ""))
      let optimum = try #require(fit["objective"]?.doubleValue)
      let fitted = try LogisticRegression(c: c, standardization: rule).fit(
        features, rows: training, labels: labels, classCount: names.count)
      let comment: Comment = "\(rule), C \(c): \(fitted.objective) and \(optimum)"
      let excess = (fitted.objective - optimum) / optimum
      #expect(fitted.converged && excess <= 1e-9 && excess >= -1e-7, comment)
      #expect(fitted.gap + 1e-12 * max(1, optimum) >= fitted.objective - optimum, comment)

      let expected = try #require(fit["predictions"]?.arrayValue).compactMap(\.intValue)
      #expect(expected.count == partition.test.count)
      let found = try fitted.predictions(features, rows: partition.test.map { data.items[$0].row })
      let differing = zip(expected, found).filter { $0 >= 0 && $0 != $1 }.count
      #expect(differing == 0, comment)
    }
  }
}
