// Features of the same images in several variants, which are ways to prepare images. Training can choose a variant as
// it chooses a layer.

import TapFeatures
import TapFileSystem
import TapProvenance
import TapSelection
import TapSettings
import TapTensors

extension LabeledFeatures {
  /// A variant: one of several ways to prepare images.
  public struct Variant: Sendable {
    /// The name for tables: `squash`.
    public let name: String
    /// The identity that the variant's features depend on.
    public let identity: BackboneIdentity
    let extraction: ExtractionSettings?
    let selections: SelectionCache?
  }

  /// The candidates of all variants, for the items of the first variant.
  ///
  /// - Parameter variants: the variants, each with its name. All come from the same list.
  /// - Throws: ``FeatureError/changedMeanwhile(path:)`` if the items of two variants differ.
  package static func combined(
    _ variants: [(name: String, data: LabeledFeatures)]
  ) throws(FeatureError) -> LabeledFeatures {
    let first = variants[0].data
    var candidates: [Candidate] = []
    for (name, data) in variants {
      guard let identity = data.identity else { preconditionFailure("features of images have an identity") }
      if let index = first.items.firstDifference(from: data.items) {
        throw .changedMeanwhile(path: first.items[min(index, first.items.count - 1)].image.path)
      }
      // The rows of a store are in the order in which images were first added. This order may differ between stores.
      let isAligned =
        data.items.map(\.row) == first.items.map(\.row)
        && data.candidates[0].features.rows == first.candidates[0].features.rows
      for candidate in data.candidates {
        var candidate =
          isAligned
          ? candidate
          : Candidate(
            column: candidate.column,
            features: candidate.features.placed(
              data.items.map(\.row), at: first.items.map(\.row), of: first.candidates[0].features.rows))
        candidate.variant = Variant(
          name: name, identity: identity, extraction: data.extraction,
          selections: isAligned ? data.selections : nil)
        candidates.append(candidate)
      }
    }
    return LabeledFeatures(
      items: first.items, candidates: candidates, identity: first.identity, layers: first.layers,
      selections: first.selections)
  }

  /// The same data with the identity, settings and cached choices of the candidate's variant.
  package func prepared(as candidate: Candidate) -> LabeledFeatures {
    guard let variant = candidate.variant else { return self }
    var result = LabeledFeatures(
      items: items, candidates: candidates, identity: variant.identity, indexBase: indexBase, notes: notes,
      layers: layers, selections: variant.selections)
    result.extraction = variant.extraction
    return result
  }
}

extension [LabeledFeatures.Item] {
  /// The index of the first item that differs between two lists.
  fileprivate func firstDifference(from other: [LabeledFeatures.Item]) -> Int? {
    for (index, (mine, its)) in zip(self, other).enumerated()
    where mine.contentHash != its.contentHash || !mine.image.path.hasBytes(of: its.image.path) {
      return index
    }
    return count == other.count ? nil : Swift.min(count, other.count)
  }
}

extension MatrixView {
  /// A matrix of `count` rows in which row `places[i]` is a copy of row `sources[i]`. All other rows are 0.
  fileprivate func placed(_ sources: [Int], at places: [Int], of count: Int) -> MatrixView {
    var elements = [Float](repeating: 0, count: count * columns)
    for (source, place) in zip(sources, places) {
      withRow(source) { values in
        for j in values.indices { elements[place * columns + j] = values[j] }
      }
    }
    return MatrixView(rows: count, columns: columns, elements: elements)
  }
}
