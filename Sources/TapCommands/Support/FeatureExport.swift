// `--output F.npy` of `extract` and `store export`: matrices and the table that is aligned with them.

import LayerTap
import TapFileSystem

/// Aligned copies of a store's columns: `F.npy` and `F.csv`, the same number of rows in both.
struct FeatureExport {
  /// Ends in `.npy`.
  let output: String

  /// - Throws: ``UsageError`` when the name does not end in `.npy`.
  init(_ output: String) throws(UsageError) {
    guard FileSystem.fileExtension(of: output) == "npy" else {
      throw .contradiction(
        "The value '\(output)' is invalid for '--output <file>': expected a name that ends in .npy")
    }
    self.output = output
  }

  private var stem: String { String(output.dropLast(4)) }

  /// Where the table is written.
  var tablePath: String { stem + ".csv" }

  /// Where a column is written: the output itself if it is the only one, else with the column's name.
  func path(of stored: StoredColumn, of count: Int) -> String {
    count == 1 ? output : "\(stem).\(stored.fileName).npy"
  }

  /// Writes the readable items' rows of every column, in list order, and the table. Returns the paths.
  func write(
    _ items: [StoredItem], of columns: [Column], in store: FeatureStore
  ) throws(FeatureError) -> [String] {
    var paths: [String] = []
    for column in columns {
      let stored = try store.stored(column)
      let path = path(of: stored, of: columns.count)
      try store.export(stored, of: items, to: path)
      paths.append(path)
    }
    try FeatureStore.exportTable(of: items, to: tablePath)
    return paths + [tablePath]
  }
}
