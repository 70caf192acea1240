// Similarity of layers, effective rank and class separation, from features of the same images.

import TapFeatures
import TapFileSystem
import TapKernels
import TapTensors

/// The similarity of columns of features, with or without labels.
package struct LayerSimilarity: Sendable {
  /// The measures of a column.
  package struct Entry: Sendable {
    /// The column's name, with the name of its store if there are several stores.
    package let name: String
    /// The number of values of an image.
    package let dimensions: Int
    /// The effective rank; see ``SimilarityColumn/effectiveRank(threads:)``.
    package let effectiveRank: Double?
    /// The class separation; see ``SimilarityColumn/classSeparation(_:)``. Nil without at least two classes.
    package let classSeparation: Double?
  }

  /// The number of images.
  package let images: Int
  /// The number of images with a class.
  package let labeledImages: Int
  /// The number of classes.
  package let classes: Int
  /// The columns, in order of depth within each store.
  package let entries: [Entry]
  /// The unbiased linear CKA of each pair of columns; nil if a column's features do not differ between images.
  package let alignment: [[Double?]]

  /// - Parameter progress: called with the number of finished columns.
  package init(
    _ images: SimilarityImages, threads: Int, progress: (Int) -> Void = { _ in }
  ) throws(SimilarityError) {
    let columns = images.columns
    for column in columns where !column.isFinite { throw .notFinite(column: column.name) }
    self.images = images.items.count
    let names = images.items.compactMap(\.item.label).sortedByBytes
    let places = names.placesByBytes
    let labels = images.items.map { $0.item.label.flatMap { places[ByteKey($0)] } }
    classes = names.count
    labeledImages = labels.count { $0 != nil }
    var entries: [Entry] = []
    for column in columns {
      entries.append(
        Entry(
          name: column.name, dimensions: column.dimensions,
          effectiveRank: column.effectiveRank(threads: threads),
          classSeparation: column.classSeparation(labels)))
      progress(entries.count)
    }
    self.entries = entries
    alignment = CenteredKernelAlignment.matrix(columns, threads: threads)
  }
}

/// The images that all stores have, with the columns of their features.
package struct SimilarityImages: Sendable {
  /// The images, in the order of the first store's list.
  package let items: [StoredItem]
  /// The columns, in order of depth within each store.
  package let columns: [SimilarityColumn]
  /// The number of images of the first list that have the same bytes as an earlier image, and are left out.
  package let repeated: Int
  /// The number of images of the first list that another store lacks, and are left out.
  package let missing: Int

  /// A store with some of its columns.
  package struct Source: Sendable {
    let store: FeatureStore
    let columns: [StoredColumn]

    package init(_ store: FeatureStore, columns: [StoredColumn]) {
      self.store = store
      self.columns = columns
    }
  }

  /// - Parameters:
  ///   - items: the images of the first store's list. Each content is taken once.
  ///   - sources: the stores, the first store first, with the columns to take.
  ///   - choosing: called with the images that all stores have; returns those to take.
  package init(
    _ items: [StoredItem], _ sources: [Source], choosing: ([StoredItem]) -> [StoredItem] = { $0 }
  ) throws {
    let rows = sources.map { source in
      Dictionary(source.store.keys.enumerated().map { ($1.hex, $0) }, uniquingKeysWith: { first, _ in first })
    }
    var seen: Set<String> = []
    let readable = items.filter { $0.row != nil }
    let distinct = readable.filter { $0.key.map { seen.insert($0).inserted } ?? false }
    let common = distinct.filter { item in rows.allSatisfy { rows in item.key.map { rows[$0] != nil } ?? false } }
    repeated = readable.count - distinct.count
    missing = distinct.count - common.count
    let chosen = choosing(common)
    guard chosen.count >= CenteredKernelAlignment.minimumImages else {
      throw SimilarityError.tooFewImages(chosen.count)
    }
    self.items = chosen
    let names = Self.names(sources.map(\.store))
    var columns: [SimilarityColumn] = []
    for (index, source) in sources.enumerated() {
      let order = source.store.layerTable()?.layers.map(\.name).placesByBytes ?? [:]
      let places = source.columns.map { order[ByteKey($0.column.tap)] ?? Int.max }
      for place in source.columns.indices.sorted(by: { (places[$0], $0) < (places[$1], $1) }) {
        let stored = source.columns[place]
        columns.append(
          SimilarityColumn(
            name: sources.count > 1 ? "\(names[index]):\(stored.column.name)" : stored.column.name,
            matrix: try source.store.matrix(stored.column),
            rows: chosen.compactMap { item in item.key.flatMap { rows[index][$0] } }))
      }
    }
    self.columns = columns
  }

  /// A short name of each store: the name of its backbone, or of its folder if two stores have the same backbone.
  private static func names(_ stores: [FeatureStore]) -> [String] {
    let backbones = stores.map(\.identity.backbone)
    return Set(backbones).count == stores.count ? backbones : stores.map { FileSystem.name(of: $0.path) }
  }
}

/// The similarity of layers cannot be computed.
package enum SimilarityError: Error, Equatable, CustomStringConvertible {
  /// Too few images have features in all stores.
  case tooFewImages(Int)
  /// A column has a value that is not finite.
  case notFinite(column: String)
  /// A file of dissimilarities does not fit the images.
  case otherMatrix(path: String, problem: String)
  /// The ranks of all dissimilarities would take too much memory.
  case tooManyImages(Int, limit: Int)

  package var description: String {
    switch self {
    case .tooFewImages(let count):
      "\(count) different images have features in every store: expected at least "
        + "\(CenteredKernelAlignment.minimumImages); name stores of the same images"
    case .notFinite(let column): "the column \(column) has a value that is not finite: leave it out with --layers"
    case .otherMatrix(let path, let problem): "\(path): \(problem)"
    case .tooManyImages(let count, let limit):
      "dissimilarities of \(count) images cannot be compared in memory: expected at most \(limit); take fewer with --limit"
    }
  }
}
