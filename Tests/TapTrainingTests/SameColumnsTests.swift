// Compares C and the column that a training chooses on real features with those of exhaustive searches.

import TapBackbone
import TapFeatures
import TapLinear
import TapMetrics
import TapSelection
import TapSettings
import TapTensors
import TapTraining
import TestSupport
import Testing

struct SameColumnsTests {
  /// Every layer of the default backbone.
  private static let layers =
    ["stem"] + (0..<16).map { "blocks.\($0)" } + ["head", "avgpool", "logits"]

  @Test(.needs(.lite0)) func columnsOfSurfaces() throws {
    try compare(Repository.path("data/surfaces"), isUnbalanced: false)
  }

  @Test(
    .enabled(if: TestData.runsLongTests, "Scripts/test --long runs it"),
    .needs(.lite0, .data("images/clothing", "images/caltech")),
    arguments: ["clothing", "caltech"], [false, true])
  func columnsOfPhotographs(name: String, isUnbalanced: Bool) throws {
    let path = try TestData.path("images/" + name)
    try compare(path, isUnbalanced: isUnbalanced)
  }

  private func compare(_ images: String, isUnbalanced: Bool) throws {
    try withTemporaryFolder { folder in
      let backbone = try Backbone.load()
      let columns = try backbone.columns(layers: Self.layers, poolings: [.avg])
      #expect(columns.count == 20)
      let extraction = try FeatureExtractor(backbone: backbone, columns: columns).extract(
        ImageList(paths: [images]), into: folder)
      let items = Self.training(extraction.items, isUnbalanced: isUnbalanced)
      let data = try LabeledFeatures(items, in: extraction.store, columns: columns)
      try compare(data)
    }
  }

  /// The training items, without a validation part, so that folds choose. If the list has no splits, they are the first
  /// three quarters of each class in list order. If `isUnbalanced`, the class at index r with n images keeps its first
  /// n / (1 + r) images, but at least five.
  private static func training(_ items: [StoredItem], isUnbalanced: Bool) -> [StoredItem] {
    let names = Set(items.compactMap(\.item.label)).sorted()
    return names.enumerated().flatMap { place, name in
      let own = items.filter { $0.item.label == name }
      let given = own.filter { $0.item.split == .train }
      let training = given.isEmpty ? Array(own.prefix(own.count * 3 / 4)) : given
      return isUnbalanced ? training.prefix(max(5, training.count / (1 + place))) : training[...]
    }
  }

  /// Fits to the end evaluate both choices on held-out rows. Two values tie if their criterion is the same, except for
  /// the rounding of sums. Their log losses, which break ties, may differ by a thousandth or be below a hundredth, as
  /// far as searches compare them. A value that patience left out may be better by chance. Such a difference must not
  /// be significant in a paired test, and the search reports the number of values left out.
  private func compare(_ data: LabeledFeatures) throws {
    let partition = try Partition(data.images)
    #expect(partition.validation.isEmpty && partition.test.isEmpty)
    let trained = try Trainer().train(data, partition)
    #expect(trained.results.count == data.candidates.count)
    let rows = partition.training.map { data.items[$0].row }
    var labels = [Int](repeating: 0, count: data.candidates[0].features.rows)
    for index in partition.training {
      let item = data.items[index]
      labels[item.row] = try #require(trained.classNames.firstIndex { $0 == item.image.label })
    }
    var search = RegularizationSearch(
      model: trained.settings.linearModel(), patience: nil, folds: trained.settings.folds,
      seed: trained.settings.seed)
    (search.model.tolerance, search.searchTolerance) = (1e-13, 1e-13)
    func full(_ features: MatrixView, _ candidates: [Double]) throws -> Selection {
      search.candidates = candidates
      return try search.crossValidation(
        features, rows: rows, labels: labels, classCount: trained.classNames.count)
    }

    var judged: [(chosen: Candidate, best: Candidate)] = []
    for (place, result) in trained.results.enumerated() {
      let (features, name) = (result.candidate.features, result.candidate.name)
      search.criterion = result.selection.criterion
      // Equal columns have equal choices, so one of `head` and `avgpool` is enough.
      if let twin = trained.results[..<place].firstIndex(where: { isSame($0.candidate.features, features) }) {
        #expect(result.selection == trained.results[twin].selection)
        judged.append(judged[twin])
        continue
      }
      let selection = try full(features, RegularizationSearch.automaticCandidates)
      let chosen = try #require(selection.candidates.first { $0.c == result.selection.chosen.c })
      judged.append((chosen, selection.chosen))
      let isLeftOut = !result.selection.candidates.contains { $0.c == selection.chosen.c }
      try expectTie(chosen, selection.chosen, name, isLeftOut) { try full(features, [$0]) }
    }
    // The chosen column is that of the exhaustive searches, or ties with it by the exhaustive fits.
    var best = 0
    for index in judged.indices where judged[index].best.isBetter(than: judged[best].best) { best = index }
    try expectTie(judged[trained.chosenIndex].chosen, judged[best].best, "the column", false, nil)

    func expectTie(
      _ chosen: Candidate, _ best: Candidate, _ name: String, _ isLeftOut: Bool,
      _ selection: ((Double) throws -> Selection)?
    ) throws {
      var comment = "\(name), C \(chosen.c ?? .nan) and \(best.c ?? .nan)"
      if best.hasBetterScore(than: chosen), let selection,
        let (c, other) = chosen.c.flatMap({ c in best.c.map { (c, $0) } })
      {
        let (one, two) = (try selection(c), try selection(other))
        let parted = PairedComparison(
          labels: one.heldOut.map { labels[$0] }, first: one.predictions, second: two.predictions)
        comment +=
          ": \(parted.onlyFirst) rows right by that alone, \(parted.onlySecond) by the other, p \(parted.pValue)"
        if isLeftOut && parted.pValue >= 0.05 { return }
      }
      #expect(!best.hasBetterScore(than: chosen), "\(comment)")
      if let loss = chosen.logLoss, let least = best.logLoss {
        #expect(loss <= max(0.01, least + 0.001), "\(comment): log losses \(loss), \(least)")
      }
    }
  }

  private func isSame(_ a: MatrixView, _ b: MatrixView) -> Bool {
    a.columns == b.columns
      && (0..<a.rows).allSatisfy { row in
        a.withRow(row) { own in b.withRow(row) { its in own.indices.allSatisfy { own[$0] == its[$0] } } }
      }
  }
}
