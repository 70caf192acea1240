// Compares linear SVMs on features of photographs with LIBLINEAR's and LIBSVM's optima on the same features. LayerTap
// extracts the features: see Tests/Reference/linear/generate_svm.py.

import TapFeatures
import TapFileSystem
import TapFormats
import TapLinear
import TestSupport
import Testing

@Suite struct SVMReferenceTests {
  @Test(.needs(.lite0, PhotographFeatures.need), arguments: ["clothing", "caltech"])
  func reachesTheReferences(name: String) throws {
    let data = try PhotographFeatures.of(name)
    let sets = try JSONValue.parse(FileSystem.read(Repository.path("Tests/Reference/linear/svm.json")))
    let reference = try #require(sets.arrayValue?.first { $0["name"]?.stringValue == name })
    let features = data.candidates[0].features
    let items = data.items.filter { ($0.image.split?.rawValue ?? "") == reference["split"]?.stringValue }
    #expect(items.count == reference["rows"]?.intValue)

    // The features have the same bits as those of the reference, image by image in list order.
    #expect(data.digest(of: items) == reference["featuresSHA256"]?.stringValue)

    let names = Set(items.compactMap(\.image.label)).sorted()
    var labels = [Int](repeating: 0, count: features.rows)
    for item in items { labels[item.row] = try #require(names.firstIndex { $0 == item.image.label }) }
    let fits = try #require(reference["fits"]?.arrayValue)
    #expect(fits.count == (name == "clothing" ? 12 : 6))
    for fit in fits {
      let c = try #require(fit["c"]?.doubleValue)
      let loss = try #require(HingeLoss(rawValue: fit["loss"]?.stringValue ?? ""))
      let rule = try #require(Standardization(rawValue: fit["standardization"]?.stringValue ?? ""))
      let optimum = try #require(fit["objective"]?.doubleValue)
      let fitted = try LinearSVM(c: c, loss: loss, standardization: rule).fit(
        features, rows: items.map(\.row), labels: labels, classCount: names.count)
      let excess = (fitted.objective - optimum) / optimum
      let comment: Comment = "\(loss), \(rule), C \(c): \(fitted.objective), \(excess) above \(optimum)"
      #expect(fitted.converged && excess <= 1e-9 && excess >= -1e-6, comment)
      #expect(fitted.gap + 1e-12 * max(1, optimum) >= fitted.objective - optimum, comment)
    }
  }
}
