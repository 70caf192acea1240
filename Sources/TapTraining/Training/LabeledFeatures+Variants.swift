// Features of the same images in several variants, which are backbones and ways to prepare images. Training can choose
// a variant as it chooses a layer.

import TapFeatures
import TapFileSystem
import TapProvenance
import TapSelection
import TapSettings
import TapTensors

extension LabeledFeatures {
  /// The name of a variant, which distinguishes it from others.
  public struct VariantName: Hashable, Sendable {
    /// The backbone; nil unless backbones are compared.
    public let backbone: String?
    /// The way to resize images; nil unless ways to resize are compared.
    public let resize: String?

    package init(backbone: String?, resize: String?) {
      self.backbone = backbone
      self.resize = resize
    }

    /// The name for tables: `resnet50, squash`.
    public var text: String { [backbone, resize].compactMap(\.self).joined(separator: ", ") }
  }

  /// A variant: one of several backbones, or of several ways to prepare images.
  public struct Variant: Sendable {
    /// The name.
    public let name: VariantName
    /// The identity that the variant's features depend on.
    public let identity: BackboneIdentity
    let extraction: ExtractionSettings?
    let selections: SelectionCache?
    /// The layers of the variant's network: ``LabeledFeatures/layers``.
    package let layers: [String]
  }

  /// The candidates of all variants, for the items of the first variant.
  ///
  /// - Parameter variants: the variants, each with its name. All come from the same list.
  /// - Throws: ``FeatureError/changedMeanwhile(path:)`` if the items of two variants differ.
  package static func combined(
    _ variants: [(name: VariantName, data: LabeledFeatures)]
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
          selections: isAligned ? data.selections : nil, layers: data.layers)
        candidates.append(candidate)
      }
    }
    var layers: [String] = []
    for layer in variants.flatMap(\.data.layers) where !layers.contains(layer) { layers.append(layer) }
    return LabeledFeatures(
      items: first.items, candidates: candidates, identity: first.identity, layers: layers,
      selections: first.selections)
  }

  /// The same data with the identity, settings and cached choices of the candidate's variant.
  package func prepared(as candidate: Candidate) -> LabeledFeatures {
    guard let variant = candidate.variant else { return self }
    var result = LabeledFeatures(
      items: items, candidates: candidates, identity: variant.identity, indexBase: indexBase, notes: notes,
      layers: variant.layers, selections: variant.selections)
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
