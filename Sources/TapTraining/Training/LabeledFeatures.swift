// The data that a classifier is trained and evaluated on: rows of features, and information about the image of each
// row. The data come from an extraction, a store, or a matrix with a table of labels.

import TapBackbone
import TapFeatures
import TapProvenance
import TapSelection
import TapSettings
import TapTensors

/// Feature matrices of the same images, one matrix for each candidate column.
public struct LabeledFeatures: Sendable {
  /// An image and its row in every matrix. Different items have different rows.
  public struct Item: Hashable, Sendable {
    /// The image with its label, split and group. The path is `row 5` for a row without a path.
    public internal(set) var image: ImageItem
    /// The image's row in every matrix.
    public let row: Int
    /// The SHA-256 of the image, or of the row if there is no image, in hexadecimal.
    public let contentHash: String

    package init(_ image: ImageItem, row: Int, contentHash: String) {
      self.image = image
      self.row = row
      self.contentHash = contentHash
    }

    /// The weight in training, finite and at least 0. Training and validation items of weight 0 are ignored. Accuracies
    /// count all other items once, whatever their weights are.
    public var weight: Double { image.weight ?? 1 }
  }

  /// A matrix of features that training may choose.
  public struct Candidate: Sendable {
    /// The columns whose values a row consists of, in this order; empty for a matrix without a known column.
    public let columns: [Column]
    /// The features, `[rows, dimensions]`.
    public let features: MatrixView

    /// The variant in which the images were prepared; nil if all candidates have the same preparation.
    public internal(set) var variant: Variant?

    package init(column: Column?, features: MatrixView) {
      columns = column.map { [$0] } ?? []
      self.features = features
    }

    /// A combination: the columns of the candidates side by side. The features are copied.
    ///
    /// - Precondition: there is at least one candidate. All have columns, the same rows and the same variant.
    package init(joining parts: [Candidate]) {
      precondition(parts.allSatisfy { $0.variant?.name == parts[0].variant?.name }, "columns of different variants")
      columns = parts.flatMap(\.columns)
      features = MatrixView.joined(parts.map(\.features))
      variant = parts[0].variant
    }

    /// The only column; nil for a matrix without a known column, and for several columns.
    public var column: Column? { columns.count == 1 ? columns[0] : nil }

    /// The name for people: `blocks.4-avg`, or `blocks.4-avg + head-avg` for several columns.
    public var name: String {
      (columns.isEmpty ? "matrix" : columns.map(\.name).joined(separator: " + "))
        + (variant.map { ", \($0.name.text)" } ?? "")
    }
  }

  /// The items, in list order.
  public internal(set) var items: [Item]
  /// The candidates: at least one, all with the same rows.
  public let candidates: [Candidate]
  /// The identity that the features depend on; nil for a matrix without a known backbone.
  public let identity: BackboneIdentity?
  /// The settings of the extraction of the features; nil for a matrix without a known backbone.
  public var extraction: ExtractionSettings?
  /// The backbone of the features; nil if it is not available.
  package var backbone: Backbone?
  /// Whether the columns of SVMlight text are counted from 0 or from 1; nil for other features.
  public let indexBase: Int?
  /// Notes on guesses and omissions from the reading of a file. Each note says how to change the result.
  public let notes: [String]

  /// The layers of the network, sorted by depth, as recorded in the store; empty if the store does not record them.
  package let layers: [String]

  /// Earlier choices of C on the same features; nil for a matrix without a store.
  let selections: SelectionCache?

  init(
    items: [Item], candidates: [Candidate], identity: BackboneIdentity?, indexBase: Int? = nil,
    notes: [String] = [], layers: [String] = [], selections: SelectionCache? = nil
  ) {
    self.items = items
    self.candidates = candidates
    self.identity = identity
    self.indexBase = indexBase
    self.notes = notes
    self.layers = layers
    if let identity {
      // These settings are recorded in the store. Only the caller of an extraction knows the settings that the user
      // gave.
      var extraction = ExtractionSettings(
        backbone: identity.backbone, columns: .exact(candidates.compactMap(\.column)))
      extraction.changes = PreprocessingChanges(everythingOf: identity.preprocessing)
      extraction.tunes = !identity.algorithms.isEmpty
      self.extraction = extraction
    }
    self.selections = selections
  }

  /// The images of ``items``, in their order.
  public var images: [ImageItem] { items.images }

  /// The readable items of a list, with columns of their store.
  ///
  /// In a store, images of the same bytes share a row. If such images are in the list, the rows are copied, because the
  /// images may have different labels or splits. Otherwise the matrices are the store's own files, mapped to memory.
  ///
  /// - Throws: ``FeatureError`` if there is no column, or the store does not have a column or is damaged.
  public init(_ stored: [StoredItem], in store: FeatureStore, columns: [Column]) throws(FeatureError) {
    guard !columns.isEmpty else {
      throw store.columns.isEmpty
        ? .damaged(path: store.path, problem: "the store has images and no columns") : .noColumns
    }
    var items: [Item] = []
    for stored in stored {
      guard case .ok(let key, let row) = stored.status else { continue }
      items.append(Item(stored.item, row: row, contentHash: key))
    }
    let rows = items.map(\.row)
    let sharesRows = Set(rows).count < rows.count
    var candidates: [Candidate] = []
    for column in columns {
      let matrix = try store.matrix(column)
      candidates.append(
        Candidate(column: column, features: sharesRows ? matrix.gathered(rows) : matrix))
    }
    if sharesRows {
      items = items.enumerated().map { Item($1.image, row: $0, contentHash: $1.contentHash) }
    }
    self.init(
      items: items, candidates: candidates, identity: store.identity,
      layers: store.layerTable()?.layers.map(\.name) ?? [], selections: SelectionCache(store))
  }
}

extension LabeledFeatures {
  /// The same items with other candidates, whose rows are those of the items.
  package func with(_ candidates: [Candidate]) -> LabeledFeatures {
    var result = LabeledFeatures(
      items: items, candidates: candidates, identity: identity, indexBase: indexBase, notes: notes,
      layers: layers, selections: selections)
    result.extraction = extraction
    result.backbone = backbone
    return result
  }

  /// The same items in the given groups. `groups` has one group for each item, in the same order.
  package func inGroups(_ groups: [String?]) -> LabeledFeatures {
    var result = self
    for (index, group) in groups.enumerated() { result.items[index].image.group = group }
    return result
  }

  /// The same items with one candidate, which joins the columns of all candidates one after the other. A model of
  /// several columns needs this layout. If there are several candidates, this property copies the features.
  package var joined: LabeledFeatures {
    guard candidates.count > 1 else { return self }
    let features = MatrixView.joined(candidates.map(\.features))
    return LabeledFeatures(
      items: items, candidates: [Candidate(column: nil, features: features)], identity: identity,
      indexBase: indexBase, notes: notes)
  }
}

extension [LabeledFeatures.Item] {
  /// The images of the items, in their order.
  package var images: [ImageItem] { map(\.image) }

  /// A weight for each row of a matrix; nil if every weight is 1. A row without an item gets 1.
  package func weightsByRow(_ rows: Int) -> [Double]? {
    guard contains(where: { $0.weight != 1 }) else { return nil }
    var weights = [Double](repeating: 1, count: rows)
    for item in self { weights[item.row] = item.weight }
    return weights
  }
}
