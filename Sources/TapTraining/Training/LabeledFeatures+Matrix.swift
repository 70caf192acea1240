// A file of features and the labels of its rows. The labels are in the file, or in a CSV with one line for each row.

import TapFeatures
import TapFileSystem
import TapFormats
import TapSelection
import TapTensors

extension LabeledFeatures {
  /// Reads a matrix `[rows, dimensions]` and the labels of its rows.
  ///
  /// - Parameters:
  ///   - matrix: a file of features: see ``FeatureFile``.
  ///   - labels: a CSV with one line for each row, in the order of the rows. Its header names the columns: `label`, and
  ///     any of `path`, `split`, `group`, `weight`. Each column replaces the same column of the file. With nil, the
  ///     labels are those of the file. If the file has no labels, they come from the `.csv` beside it, which `layertap
  ///     extract --output` writes.
  ///   - names: how to read the file, and which of several arrays or columns to take.
  ///   - dimensions: the number of features of a row, if a model states it.
  /// - Throws: ``TrainingError``.
  public init(
    matrix: String, labels: String? = nil, names: FeatureFile.Names = FeatureFile.Names(),
    dimensions: Int? = nil
  ) throws(TrainingError) {
    try self.init(FeatureFile(matrix, names: names, dimensions: dimensions), labels: labels)
  }

  /// Reads the rows of a file with their labels and other columns.
  private init(_ file: FeatureFile, labels: String?) throws(TrainingError) {
    let features = file.features
    let (described, notes) = try Self.describe(file, labels: labels)
    let items = described.enumerated().map { row, image in
      Item(image, row: row, contentHash: features.hash(ofRow: row))
    }
    self.init(
      items: items, candidates: [Candidate(column: nil, features: features)], identity: nil,
      indexBase: file.indexBase, notes: file.notes + notes + (file.unused.map { [$0] } ?? []))
  }

  private static func describe(
    _ file: FeatureFile, labels: String?
  ) throws(TrainingError) -> (items: [ImageItem], notes: [String]) {
    if labels == nil, let rows = file.rows, rows.contains(where: { $0.label != nil }) {
      return (rows, [])
    }
    let table = labels ?? tableBeside(file.path)
    if labels == nil, table == file.path, file.lackOfLabels.isEmpty {
      throw .noLabelsInside(path: file.path, lack: "has no label in any row: fill them in")
    }
    if labels == nil, table == file.path || !FileSystem.exists(table) {
      throw file.lackOfLabels.isEmpty
        ? .labelsMissing(path: table) : .noLabelsInside(path: file.path, lack: file.lackOfLabels)
    }
    let described = try LabelTable(path: table)
    guard described.items.count == file.features.rows else {
      throw .labelCount(path: table, expected: file.features.rows, found: described.items.count)
    }
    return (file.rows.map(described.completed) ?? described.items, described.notes)
  }

  /// The path of the table beside a matrix: `features.csv` for `features.npy`.
  package static func tableBeside(_ matrix: String) -> String {
    FileSystem.withoutExtension(matrix) + ".csv"
  }
}

/// A CSV that describes rows, in the order of the rows.
private struct LabelTable {
  let items: [ImageItem]
  /// Whether at least one row has a path.
  private let hasPaths: Bool
  /// A note if a column of another name was taken for the label.
  let notes: [String]

  init(path: String) throws(TrainingError) {
    let records = try TableFile.records(path)
    let header = records.first?.fields ?? []
    let names = header.map { $0.split(separator: " ").joined(separator: " ").lowercased() }
    for name in ["label", "path", "split", "group", "weight"] where names.count(where: { $0 == name }) > 1 {
      throw .labels(path: path, problem: "two columns are named '\(name)'")
    }
    // A list of images has the same rule for its column of labels.
    guard let label = names.firstIndex(of: "label") ?? Self.only("class", names) else {
      throw .labels(
        path: path,
        problem: "the first line must name the columns, label among them"
          + (header.isEmpty ? "" : "; found \(FeatureFile.list(header))"))
    }
    notes = names.contains("label") ? [] : ["\(path): the column \(header[label]) is taken for the label"]
    let columns = ["path", "split", "group", "weight"].map(names.firstIndex)
    var items: [ImageItem] = []
    var hasPaths = false
    for record in records.dropFirst() {
      guard record.fields.count == header.count else {
        throw .labels(
          path: path,
          problem: "line \(record.line): expected \(header.count) fields, found \(record.fields.count)")
      }
      func field(_ index: Int?) -> String? {
        index.map { record.fields[$0] }.flatMap { $0.isEmpty ? nil : $0 }
      }
      let split = field(columns[1])
      if let split, SplitName(name: split) == nil {
        throw .labels(
          path: path, problem: "line \(record.line): the split is \(split); expected train, val or test")
      }
      let weight = field(columns[3])
      if let weight, ImageItem.weight(weight) == nil {
        throw .labels(
          path: path,
          problem:
            "line \(record.line): the weight is '\(weight)'; expected \(ImageItem.weightExpectation)")
      }
      let path = field(columns[0])
      hasPaths = hasPaths || path != nil
      items.append(
        ImageItem(
          path: path ?? FeatureFile.path(ofRow: items.count), label: field(label),
          split: split.flatMap(SplitName.init(name:)),
          group: field(columns[2]), weight: weight.flatMap(ImageItem.weight)))
    }
    self.items = items
    self.hasPaths = hasPaths
  }

  /// The table's items. Columns that the table lacks are taken from the file.
  func completed(with rows: [ImageItem]) -> [ImageItem] {
    let hasSplits = items.contains { $0.split != nil }
    let hasGroups = items.contains { $0.group != nil }
    let hasWeights = items.contains { $0.weight != nil }
    return zip(items, rows).map { item, row in
      var item = item
      if !hasPaths { item.path = row.path }
      if !hasSplits { item.split = row.split }
      if !hasGroups { item.group = row.group }
      if !hasWeights { item.weight = row.weight }
      return item
    }
  }

  /// The index of a name that occurs exactly once; nil otherwise.
  private static func only(_ name: String, _ names: [String]) -> Int? {
    names.count { $0 == name } == 1 ? names.firstIndex(of: name) : nil
  }
}
