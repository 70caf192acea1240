// Audits labeled features: judges labels, finds equal and nearly equal images, and looks at the files of the images.

import TapDuplicates
import TapFeatures
import TapFileSystem
import TapImages
import TapLinear
import TapMetrics
import TapTensors
import TapTraining

/// Finds what is wrong with labeled images.
///
/// The audit looks at every image, also at those of a test split, and needs no seed. Equal images count once in the
/// judgment of labels. Weights of images have no influence.
package struct Auditor: Sendable {
  /// The smallest cosine of features of images that are nearly equal, above 0 and at most 1.
  package var threshold = 0.97
  /// The largest number of different bits in the perceptual hashes of images that are nearly equal, in 0...64.
  package var hashDistance = Auditor.usualHashDistance
  /// The topics to look for. The other topics take no time.
  package var topics = Set(Audit.Topic.allCases)
  /// Receives the progress of the search for nearly equal images: see ``SimilarPairs``.
  package var progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  /// Whether the audit keeps ``Audit/Predictions``.
  package var keepsPredictions = false
  /// The largest number of columns in which labels are judged; nil means the columns of the features.
  var largestWidth: Int?
  /// The number of pairs of nearly equal images above which the search stops; 0 looks for none.
  var largestPairCount = SimilarPairs.largestCount
  /// The number of threads. It changes no result.
  package var threads: Int

  /// The default of ``hashDistance``.
  package static let usualHashDistance = 4

  package init(threads: Int) { self.threads = threads }

  /// Audits the items of labeled features.
  ///
  /// - Parameters:
  ///   - data: the items. Several candidate columns are joined.
  ///   - summaries: for each item, facts about its file, or nil if the file cannot be read; nil if the items have no
  ///     files.
  /// - Throws: ``AuditError``.
  package func audit(_ data: LabeledFeatures, summaries: [ImageSummary?]? = nil) throws(AuditError) -> Audit {
    let data = data.joined
    let table = AuditTable(data.items)
    let features = data.candidates[0].features
    try requireFinite(features, data.items)
    // A copy of all features, which the search for copies does not need.
    let normalized =
      topics.isDisjoint(with: [.label, .leak])
      ? nil : largestWidth.map { features.powerNormalized(inAtMost: $0) } ?? features.powerNormalized
    var findings = table.conflicts() + table.groupLeaks() + table.imbalance()
    if let summaries { findings += ImageFindings(table.items.map(\.image.path), summaries).findings }
    var labels: Audit.Labels?
    if topics.contains(.label), let normalized {
      let judged = try judgeLabels(table, normalized)
      labels = judged.labels
      findings += judged.findings
    }
    var (pairs, worth): (Audit.Pairs?, Audit.Worth?) = (nil, nil)
    if !topics.isDisjoint(with: [.leak, .duplicate]) {
      let rows = table.contents.map { table.items[$0].row }
      let found =
        largestPairCount == 0
        ? NearPairs()
        : NearPairs(
          SimilarPairs(
            features, rows: rows, threshold: threshold, limit: largestPairCount, threads: threads, progress: progress),
          summaries.map { summaries in
            HashPairs(
              table.contents.map { ImageFindings.hash(summaries[$0]) }, distance: hashDistance, threads: threads)
          }, features, rows: rows)
      let copies = CopyFindings(table, found)
      findings += copies.findings
      pairs = Audit.Pairs(
        threshold: threshold, hashDistance: summaries == nil ? nil : hashDistance, near: found.pairs.count,
        groups: copies.groupCount, stoppedAt: found.stoppedAt)
      if found.stoppedAt == nil, topics.contains(.leak), let normalized {
        worth = try self.worth(table, normalized, copies.hasTrainingCopy)
      }
    }
    let order = Dictionary(uniqueKeysWithValues: zip(Audit.Kind.allCases, 0...))
    return Audit(
      images: table.items.count, classes: table.classNames.count, splits: table.splits,
      // The sort is stable by the place of the finding.
      findings: findings.filter { topics.contains($0.kind.topic) }.enumerated().sorted {
        (order[$0.element.kind] ?? 0, $0.offset) < (order[$1.element.kind] ?? 0, $1.offset)
      }.map(\.element),
      topics: topics, labels: labels, pairs: pairs, worth: worth, looksAtFiles: summaries != nil)
  }

  private func requireFinite(
    _ features: MatrixView, _ items: [LabeledFeatures.Item]
  ) throws(AuditError) {
    for item in items where !(features.withRow(item.row, RowNormalization.inverseNorm) > 0) {
      throw .training(.notFinite(item.image.path, features, row: item.row))
    }
  }

  private func judgeLabels(
    _ table: AuditTable, _ features: MatrixView
  ) throws(AuditError) -> (labels: Audit.Labels?, findings: [Audit.Finding]) {
    let judged = table.judgedContents
    guard judged.classNames.count > 1 else { return (nil, []) }
    let places = judged.classNames.placesByBytes
    let classes = judged.items.compactMap { table.items[$0].image.label.flatMap { places[ByteKey($0)] } }
    let scores = try LabelScores(
      features, rows: judged.items.map { table.items[$0].row }, labels: classes,
      classCount: judged.classNames.count, threads: threads)
    let issues = LabelIssues(
      scores: scores.scores, labels: classes, classCount: judged.classNames.count,
      threads: threads)
    let findings = issues.likelyWrong.flatMap { judgment in
      table.copies(of: judged.items[judgment.index]).map { index in
        Audit.Finding(
          kind: .label, path: table.items[index].image.path, label: table.items[index].image.label ?? "",
          suggestion: judged.classNames[judgment.suggestion], score: judgment.score)
      }
    }
    let predictions =
      keepsPredictions
      ? Audit.Predictions(
        paths: judged.items.map { table.items[$0].image.path }, classNames: judged.classNames, labels: classes,
        scores: scores.scores, sharpness: issues.sharpness) : nil
    return (
      Audit.Labels(
        all: issues.judgments.map { judgment in
          let image = table.items[judged.items[judgment.index]].image
          return Audit.JudgedLabel(
            path: image.path, label: image.label ?? "", suggestion: judged.classNames[judgment.suggestion],
            score: judgment.score, probability: judgment.probability)
        }, estimate: issues.estimate, penalty: scores.penalty,
        skipped: judged.skipped, predictions: predictions), findings
    )
  }

  /// Compares the accuracy on test images with and without a copy among the other images.
  private func worth(
    _ table: AuditTable, _ features: MatrixView, _ hasCopy: [Bool]
  ) throws(AuditError) -> Audit.Worth? {
    let labeled = table.items.indices.filter { table.items[$0].image.label != nil }
    let training = labeled.filter { table.side($0) != .test }
    let names = training.map { table.items[$0].image }.classNames
    let places = names.placesByBytes
    func label(_ index: Int) -> Int? { table.items[index].image.label.flatMap { places[ByteKey($0)] } }
    let test = labeled.filter { table.side($0) == .test && label($0) != nil }
    guard names.count > 1, test.contains(where: { hasCopy[$0] }) else { return nil }
    let classifier = try RidgeClassifier(
      features, rows: training.map { table.items[$0].row }, labels: training.compactMap(label),
      classCount: names.count, threads: threads)
    let predictions = classifier.predictions(features, rows: test.map { table.items[$0].row })
    let isRight = zip(test, predictions).map { label($0) == $1 }
    func share(_ isIncluded: (Int) -> Bool) -> Proportion {
      let chosen = test.indices.filter { isIncluded(test[$0]) }
      return Proportion(
        chosen.map { isRight[$0] }, groups: chosen.map { table.items[test[$0]].image }.groupIndices)
    }
    return Audit.Worth(all: share { _ in true }, near: share { hasCopy[$0] }, others: share { !hasCopy[$0] })
  }
}
