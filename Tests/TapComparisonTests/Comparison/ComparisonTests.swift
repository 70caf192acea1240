// Comparisons on generated features whose best column is known, and on all blocks of the backbone against scikit-learn.

import TapArchitectures
import TapBackbone
import TapClassifier
import TapComparison
import TapFeatures
import TapFileSystem
import TapFormats
import TapLinear
import TapMetrics
import TapProvenance
import TapSelection
import TapSettings
import TapTensors
import TapTraining
import TestSupport
import Testing
import TrainingSupport

@Suite struct ComparisonTests {
  @Test func findsTheColumnThatKnows() throws {
    try withTemporaryFolder { folder in
      let images = folder + "/images"
      try writeGeneratedClasses(0..<16, to: images + "/train")
      try writeGeneratedClasses(16..<24, to: images + "/test")
      var backbone = try Architectures.seeded("efficientnet_lite0", seed: 1)
      backbone.preprocessing.size = 32
      let columns = try backbone.columns(
        layers: ["stem", "blocks.1", "penultimate"], poolings: [.avg, .max])
      let list = try ImageList(paths: [images])
      let extraction = try FeatureExtractor(backbone: backbone, columns: columns).extract(list, into: folder)
      // There is one pass over the images, whatever the number of columns.
      #expect(extraction.computedRows == 24 && extraction.filledRows == 0)
      let data = try LabeledFeatures(extraction.items, in: extraction.store, columns: columns)
      let partition = try Partition(data.images)
      let runner = ComparisonRunner(
        settings: [.logistic(), .svm()].map { model in .with(model) { ($0.folds, $0.seed) = (4, 3) } },
        curve: ComparisonRunner.CurveSettings(sizes: [1, 4], draws: 3))
      let comparison = try runner.run(data, partition, backbone: backbone)

      #expect(comparison.entries.count == 2 * columns.count)
      #expect(comparison.entries.map(\.name) == columns.flatMap { [$0.name, $0.name] })
      #expect(comparison.entries[0].classifier == .logistic && comparison.entries[1].classifier == .svm)
      let best = comparison.entries[comparison.bestIndex]
      #expect(comparison.entries.allSatisfy { $0.accuracy.successes <= best.accuracy.successes })
      #expect(best.againstBest == PairedComparison(onlyFirst: 0, onlySecond: 0) && !comparison.isWorse(best))
      // The result equals the result of a separate training with the same seed.
      let alone = try Trainer(.with(.svm()) { ($0.folds, $0.seed) = (4, 3) }).train(data, partition)
      for (index, result) in alone.results.enumerated() {
        #expect(comparison.entries[2 * index + 1].selection == result.selection)
      }
      for entry in comparison.entries {
        #expect(
          entry.againstBest.onlyFirst - entry.againstBest.onlySecond
            == entry.accuracy.successes - best.accuracy.successes)
        #expect((entry.milliseconds ?? 0) > 0 && (entry.multiplyAdds ?? -1) >= 0)
      }
      #expect(comparison.test?.labels.count == 8)
      let curve = try #require(comparison.learningCurve)
      #expect(curve.points.map(\.rowsPerClass) == [1, 4] && curve.points.map(\.rows) == [2, 8])
      #expect(curve.points.allSatisfy { $0.draws.count == 3 && $0.draws.allSatisfy { $0.count == 8 } })

      // Holm's correction is for the entries other than the best one.
      let others = comparison.entries.indices.filter { $0 != comparison.bestIndex }
      #expect(
        others.map { comparison.entries[$0].adjustedPValue }
          == HolmCorrection.adjusted(others.map { comparison.entries[$0].againstBest.pValue }))
      #expect(best.adjustedPValue == 1)
      expectAdvice(comparison, backbone.layers.map(\.name))
      let csv = try CSV.parse(comparison.csv)
      #expect(csv.count == 1 + comparison.entries.count && csv.filter { $0.last == "1" }.count == 1)
      let place = try #require(csv[0].firstIndex(of: "adjusted_p_value"))
      #expect(csv.dropFirst().map { Double($0[place]) } == comparison.entries.map(\.adjustedPValue))
      #expect(comparison.json(warnings: [])["entries"]?.arrayValue?.count == comparison.entries.count)
      #expect(comparison.text.contains("Learning curve"))
      // Without a backbone, the comparison gives no times.
      let bare = try runner.run(data, partition)
      #expect(bare.entries.allSatisfy { $0.milliseconds == nil && $0.multiplyAdds == nil })
      #expect(bare.entries.map(\.selection) == comparison.entries.map(\.selection))
      #expect(bare.shallower?.index == comparison.shallower?.index)
    }
  }

  /// The baseline's decisions are those of plain loops over the folds that judge the entries.
  @Test func neighborsAreThoseOfPlainLoops() throws {
    let data = try TrainingFixtures.data(60)
    let settings = TrainingSettings.with { ($0.folds, $0.seed, $0.c) = (4, 2, .fixed(1)) }
    let runner = ComparisonRunner(settings: [settings], comparesNeighbors: true)
    let comparison = try runner.run(data, Partition(data.images))
    let labels = data.images.map { ["a", "b", "c"].firstIndex(of: $0.label ?? "") ?? 0 }
    let rows = (0..<60).map { row in (0..<4).map { Double(data.candidates[0].features[row, $0]) } }
    func cosine(_ i: Int, _ j: Int) -> Double {
      func product(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      return product(rows[i], rows[j])
        / (product(rows[i], rows[i]) * product(rows[j], rows[j])).squareRoot()
    }
    let baseline = try #require(comparison.baselines.first)
    #expect(comparison.baselines.count == 1 && baseline.candidates.map(\.k) == [1, 2, 3, 5, 7, 10, 15, 20, 30])
    for candidate in baseline.candidates {
      var right = 0
      for fold in try Splits.stratifiedFolds(labels: labels, classCount: 3, folds: 4, seed: 2) {
        for row in fold.validation {
          let nearest = fold.training.sorted { cosine(row, $0) > cosine(row, $1) }.prefix(candidate.k)
          let votes = (0..<3).map { label in nearest.count { labels[$0] == label } }
          right += votes.firstIndex(of: votes.max() ?? 0) == labels[row] ? 1 : 0
        }
      }
      #expect(candidate.accuracy == Proportion(successes: right, count: 60), "k \(candidate.k)")
    }
    let most = baseline.candidates.map(\.accuracy.successes).max()
    #expect(baseline.chosen == baseline.candidates.first { $0.accuracy.successes == most })
    #expect(
      baseline.againstBest.onlyFirst - baseline.againstBest.onlySecond
        == baseline.chosen.accuracy.successes - comparison.bestEntry.accuracy.successes)
    #expect(try CSV.parse(comparison.csv).last?[2] == "k-nn" && comparison.text.contains("k-nn"))
    #expect(comparison.json(warnings: [])["baselines"]?.arrayValue?.first?["k"]?.intValue == baseline.chosen.k)
  }

  /// The advice is the definition's: the least deep layer of all entries whose accuracy is at most one standard error
  /// of the folds below the best accuracy, and the best entry of this layer.
  private func expectAdvice(_ comparison: Comparison, _ layers: [String]) {
    let best = comparison.bestEntry
    let shares = best.selection.chosen.folds.map(\.value)
    let mean = shares.reduce(0, +) / Double(shares.count)
    let variance = shares.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(shares.count - 1)
    let least = best.accuracy.value - (variance / Double(shares.count)).squareRoot() - 1e-9
    func depth(_ index: Int) -> Int {
      layers.firstIndex { $0 == comparison.entries[index].column?.tap } ?? layers.count
    }
    let good = comparison.entries.indices.filter { comparison.entries[$0].accuracy.value >= least }
    let shallowest = good.map(depth).min() ?? 0
    guard shallowest < depth(comparison.bestIndex) else {
      #expect(comparison.shallower == nil)
      return
    }
    guard let shallower = comparison.shallower else {
      Issue.record("no shallower entry")
      return
    }
    let found = comparison.entries[shallower.index]
    #expect(depth(shallower.index) == shallowest && good.contains(shallower.index))
    #expect(
      good.allSatisfy {
        depth($0) > shallowest || comparison.entries[$0].accuracy.successes <= found.accuracy.successes
      })
    #expect(shallower.savedBytes == 4 * (best.dimensions - found.dimensions))
    #expect(shallower.savedMultiplyAdds == (best.multiplyAdds ?? 0) - (found.multiplyAdds ?? 0))
    #expect((shallower.savedMultiplyAdds ?? 0) > 0)
    let json = comparison.json(warnings: [])["advice"]
    #expect(json?["shallower"]?["index"]?.intValue == shallower.index)
    #expect(json?["text"]?.stringValue?.contains("\(found.name) with") == true)
  }

  /// For one kind of model, the nested estimate equals the nested estimate of a training with this kind. For several
  /// kinds, the kind is also chosen again for each outer fold, without the images of this fold.
  @Test func nestedEstimatesChooseTheKindAnew() throws {
    let data = try TrainingFixtures.data(60)
    let partition = try Partition(data.images)
    let settings = [TrainingSettings.Model.logistic(), .nearestMean].map { model in
      TrainingSettings.with(model) {
        ($0.folds, $0.isNested) = (3, true)
        if model.kind.isRegularized { $0.c = .chosen(of: [0.01, 1]) }
      }
    }
    for alone in settings {
      let comparison = try ComparisonRunner(settings: [alone]).run(data, partition)
      #expect(try comparison.nested == Trainer(alone).nestedEstimate(data, partition))
      #expect(
        comparison.text.contains("\n\nnested       accuracy ")
          && comparison.json(warnings: [])["nested"] != nil)
    }
    let both = try #require(ComparisonRunner(settings: settings).run(data, partition).nested)
    let labels = data.images.map { ["a", "b", "c"].firstIndex(of: $0.label ?? "") ?? 0 }
    for (index, fold) in try Splits.stratifiedFolds(labels: labels, classCount: 3, folds: 3, seed: 0)
      .enumerated()
    {
      let inner = try TrainingFixtures.data(
        60, splits: (0..<60).map { fold.validation.contains($0) ? "test" : "train" })
      let models = try settings.map { try Trainer($0).train(inner, Partition(inner.images)) }
      let right = models.map { $0.chosen.selection.chosen.accuracy.successes }
      let winner = models[right[1] > right[0] ? 1 : 0]
      let predictions = try winner.model.predictions(data.candidates[0].features, rows: fold.validation)
      #expect(both.folds[index].successes == zip(predictions, fold.validation).count { $0 == labels[$1] })
      #expect(both.chosen[index].c == winner.model.c)
    }
  }

  /// One pass over the images gives all blocks. For each block, the accuracies are compared with scikit-learn's: see
  /// Tests/Reference/linear/generate_compare.py.
  @Test(.needs(.data("images/clothing"), .lite0)) func blocksOfClothingEqualScikitLearns() throws {
    let photographs = try TestData.path("images/clothing")
    let reference = try JSONValue.parse(
      FileSystem.read(Repository.path("Tests/Reference/linear/compare.json")))
    let results = try #require(reference["results"]?.arrayValue)
    #expect(results.count == 48)
    try withTemporaryFolder { folder in
      let backbone = try Backbone.load()
      let blocks = (0..<16).map { "blocks.\($0)" }
      let columns = try backbone.columns(layers: blocks, poolings: [.avg])
      let extraction = try FeatureExtractor(backbone: backbone, columns: columns).extract(
        try ImageList(paths: [photographs]), into: folder)
      #expect(extraction.computedRows == 1713 && extraction.filledRows == 0)
      let data = try LabeledFeatures(extraction.items, in: extraction.store, columns: columns)
      let partition = try Partition(data.images)
      var differing = 0
      for c in [0.001, 0.1, 10] {
        let settings = TrainingSettings.with { ($0.c, $0.refits) = (.fixed(c), false) }
        let comparison = try ComparisonRunner(settings: [settings]).run(data, partition)
        for (block, entry) in zip(blocks, comparison.entries) {
          let expected = try #require(
            results.first { $0["layer"]?.stringValue == block && $0["c"]?.doubleValue == c })
          let correct = try #require(expected["correct"]?.intValue)
          let ties = try #require(expected["ties"]?.intValue)
          #expect(entry.accuracy.count == reference["count"]?.intValue)
          // LayerTap's search stops at a looser tolerance, so only predictions with a near tie may differ.
          #expect(abs(entry.accuracy.successes - correct) <= ties, "\(block), C \(c)")
          differing += entry.accuracy.successes == correct ? 0 : 1
        }
      }
      #expect(differing == 0, "\(differing) of 48 accuracies differ by a near tie")
    }
  }
}
