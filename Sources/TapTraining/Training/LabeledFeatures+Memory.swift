// Labeled rows of matrices in memory.

import TapBackbone
import TapFeatures
import TapLinear
import TapProvenance
import TapSelection
import TapSettings
import TapTensors

extension LabeledFeatures {
  /// Labels rows of matrices; each argument with a value a row is in the order of the rows.
  ///
  /// - Parameters:
  ///   - candidates: at least one, all with the same rows.
  ///   - paths: the name of each row, for errors.
  ///   - hashes: SHA-256, in hexadecimal, of each row's image, or of the row.
  ///   - validation: the rows to choose C and column by; none: cross-validation chooses.
  ///   - backbone: computes the golden scores.
  /// - Throws: ``TrainingError/selection(_:)`` for another number of labels, groups or weights than rows, an invalid
  ///   weight, or a row that there is not.
  package init(
    candidates: [Candidate], paths: [String], hashes: [String], labels: [String], groups: [String?]?,
    weights: [Double]?, validation: [Int], identity: BackboneIdentity?, extraction: ExtractionSettings?,
    backbone: Backbone?
  ) throws(TrainingError) {
    let rows = paths.count
    guard labels.count == rows else {
      throw .selection(.model(.labelCount(expected: rows, found: labels.count)))
    }
    if let groups, groups.count != rows {
      throw .selection(.groupCount(expected: rows, found: groups.count))
    }
    if let weights, weights.count != rows {
      throw .selection(.model(.sampleWeightCount(expected: rows, found: weights.count)))
    }
    for (row, weight) in (weights ?? []).enumerated() where !(weight.isFinite && weight >= 0) {
      throw .selection(.model(.sampleWeight(row: row, value: weight)))
    }
    for row in validation where !(0..<rows).contains(row) {
      throw .selection(.model(.rowOutOfRange(row: row, rows: rows)))
    }
    let held = Set(validation)
    let items = (0..<rows).map { row in
      Item(
        ImageItem(
          path: paths[row], label: labels[row], split: held.contains(row) ? .validation : nil,
          group: groups?[row], weight: weights?[row]),
        row: row, contentHash: hashes[row])
    }
    self.init(items: items, candidates: candidates, identity: identity)
    if let extraction { self.extraction = extraction }
    self.backbone = backbone
  }
}
