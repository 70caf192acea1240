// Labeled features from matrices in memory.

import TapBackbone
import TapFeatures
import TapLinear
import TapProvenance
import TapSelection
import TapSettings
import TapTensors

extension LabeledFeatures {
  /// Gives labels to the rows of matrices. An argument with one value for each row is in the order of the rows.
  ///
  /// - Parameters:
  ///   - candidates: the matrices with their columns: at least one, all with the same rows.
  ///   - paths: the name of each row, for errors.
  ///   - hashes: the SHA-256 of each row's image, or of the row if there is no image, in hexadecimal.
  ///   - validation: the rows by which C and column are chosen. If there are no such rows, cross-validation chooses.
  ///   - backbone: the network that computes the golden scores, which a classifier's file holds for later checks.
  /// - Throws: ``TrainingError/selection(_:)`` if the number of labels, groups or weights differs from the number of
  ///   rows, if a weight is invalid, or if a row does not exist.
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
    let images = (0..<rows).map { row in
      ImageItem(
        path: paths[row], label: labels[row], split: held.contains(row) ? .validation : nil,
        group: groups?[row], weight: weights?[row])
    }
    self.init(
      candidates: candidates, images: images, hashes: hashes, identity: identity, extraction: extraction,
      backbone: backbone)
  }

  /// The rows of matrices with the image of each row, in the order of the rows.
  ///
  /// - Parameter hashes: the SHA-256 of each row's image, or of the row if there is no image, in hexadecimal.
  /// - Precondition: there is one image and one hash for each row, and weights are finite and at least 0.
  package init(
    candidates: [Candidate], images: [ImageItem], hashes: [String], identity: BackboneIdentity?,
    extraction: ExtractionSettings?, backbone: Backbone?
  ) {
    let items = images.indices.map { Item(images[$0], row: $0, contentHash: hashes[$0]) }
    self.init(items: items, candidates: candidates, identity: identity)
    if let extraction { self.extraction = extraction }
    self.backbone = backbone
  }
}
