// The data that a classifier is trained and evaluated on: rows of features, each with facts about its
// image. They come from an extraction, a store, or a matrix with a table of labels.

import TapBackbone
import TapFeatures
import TapProvenance
import TapSelection
import TapSettings
import TapTensors

/// Feature matrices of the same images, one for each column that is a candidate.
public struct LabeledFeatures: Sendable {
  /// An image and its row in every matrix. No two items share a row.
  public struct Item: Hashable, Sendable {
    /// The image with its label, split and group; the path is `row 5` for a row without one.
    public internal(set) var image: ImageItem
    /// Its row in every matrix.
    public let row: Int
    /// SHA-256, in hexadecimal, of the image, or of the row if there is no image.
    public let contentHash: String

    package init(_ image: ImageItem, row: Int, contentHash: String) {
      self.image = image
      self.row = row
      self.contentHash = contentHash
    }

    /// The weight in training, finite and at least 0. Accuracies count every item once, except training and validation
    /// items of weight 0, which are ignored.
    public var weight: Double { image.weight ?? 1 }
  }

  /// A matrix of features.
  public struct Candidate: Sendable {
    /// Nil for a bare matrix.
    public let column: Column?
    /// `[rows, dimensions]`.
    public let features: MatrixView

    /// The preparation of the images, if candidates differ in it; else nil.
    public internal(set) var variant: Variant?

    package init(column: Column?, features: MatrixView) {
      self.column = column
      self.features = features
    }

    /// The column's name for people.
    public var name: String { (column?.name ?? "matrix") + (variant.map { ", \($0.name)" } ?? "") }
  }

  /// The items, in list order.
  public internal(set) var items: [Item]
  /// The candidates: at least one, all with the same rows.
  public let candidates: [Candidate]
  /// The identity that the features depend on; nil for a bare matrix.
  public let identity: BackboneIdentity?
  /// The settings that the features were extracted with; nil for a bare matrix.
  public var extraction: ExtractionSettings?
  /// The backbone of the features, if it is at hand.
  package var backbone: Backbone?
  /// Whether the columns of SVMlight text are counted from 0 or from 1; nil for other features.
  public let indexBase: Int?
  /// Notes on guesses and omissions when a file was read, each with the way to change it.
  public let notes: [String]

  /// The network's layers by depth, as recorded in the store; empty if it has none.
  package let layers: [String]

  /// Choices of C that were made on the same features; nil for a bare matrix.
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
      // The settings recorded in the store; only the caller of an extraction has those originally given.
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
  /// Images of the same bytes share a row in a store, yet may have different labels or splits; then
  /// the rows are copied. Otherwise the matrices are the store's own files, mapped.
  ///
  /// - Throws: ``FeatureError`` when the store has no such column or is damaged.
  public init(_ stored: [StoredItem], in store: FeatureStore, columns: [Column]) throws(FeatureError) {
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
  /// The same items in these groups, one group for each item, in the same order.
  func inGroups(_ groups: [String?]) -> LabeledFeatures {
    var result = self
    for (index, group) in groups.enumerated() { result.items[index].image.group = group }
    return result
  }

  /// The same items with one candidate: the columns of all candidates one after the other, the layout for a model of
  /// several columns. This makes a copy if there are several candidates.
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

  /// A weight for each row of a matrix, 1 if no item has the row; nil if every weight is 1.
  package func weightsByRow(_ rows: Int) -> [Double]? {
    guard contains(where: { $0.weight != 1 }) else { return nil }
    var weights = [Double](repeating: 1, count: rows)
    for item in self { weights[item.row] = item.weight }
    return weights
  }
}
