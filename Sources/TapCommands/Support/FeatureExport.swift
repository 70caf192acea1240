// `--output F.npy` of `extract` and `store export`: matrices of features, and a table with the same rows.

import LayerTap
import TapFileSystem
import TapFormats

/// Copies of a store's columns: `F.npy` for the features and `F.csv` for the table, with the same rows in the same
/// order.
struct FeatureExport {
  /// The path that the user named; it ends in `.npy`.
  let output: String

  /// - Throws: ``UsageError`` if the name does not end in `.npy`.
  init(_ output: String) throws(UsageError) {
    guard FileSystem.fileExtension(of: output) == "npy" else {
      throw .contradiction(
        "The value '\(output)' is invalid for '--output <file>': expected a name that ends in .npy")
    }
    self.output = output
  }

  static let force = Parameter<Bool>.flag(
    "force", topic: .output,
    help: "Replace F.npy and F.csv also where they are there and were not written like this.")

  private var stem: String { FileSystem.withoutExtension(output) }

  /// The path of the table.
  var tablePath: String { stem + ".csv" }

  /// The path of a column's matrix. If there is only one column, the path is `output`. Otherwise the path contains the
  /// column's name.
  func path(of stored: StoredColumn, of count: Int) -> String {
    count == 1 ? output : "\(stem).\(stored.fileName).npy"
  }

  /// The possible header lines of the tables that an export writes.
  private static let headers = ["", ",group"].flatMap { group in
    ["", ",weight"].map { "path,label,split" + group + $0 }
  }

  /// The files for columns with these file names, each with the option that names the file.
  private func paths(_ fileNames: [String]) -> [String] {
    let matrices = fileNames.count == 1 ? [output] : fileNames.map { "\(stem).\($0).npy" }
    return matrices + [tablePath]
  }

  /// The output files for `columns`. All paths must differ.
  func outputs(_ columns: [Column]) throws(UsageError) -> OutputPaths {
    try OutputPaths(paths(columns.map(StoredColumn.fileName)).map { ("--output", $0) })
  }

  /// Requires that the existing files were written by such an export, unless `force` is set. The table counts as an
  /// export's table if it has the columns of an export and a matrix lies beside it. A matrix counts if such a table
  /// lies beside it.
  ///
  /// - Parameter ownColumns: the user's own columns in the table to write. An existing table with these columns counts
  /// too.
  /// - Throws: ``CommandError/foreignFile(path:)``.
  func requireOwn(_ columns: [Column], ownColumns: [String] = [], force: Bool) throws {
    let existing = paths(columns.map(StoredColumn.fileName)).filter(FileSystem.exists)
    guard let first = existing.last, !force, try !isOwn(existing, ownColumns) else { return }
    throw CommandError.foreignFile(path: first)
  }

  private func isOwn(_ existing: [String], _ ownColumns: [String]) throws -> Bool {
    guard existing.contains(tablePath) else { return false }
    let name = FileSystem.name(of: stem)
    let hasMatrix = try FileSystem.list(FileSystem.parent(of: output)).contains {
      $0.utf8.starts(with: "\(name).".utf8) && $0.utf8.suffix(4).elementsEqual(".npy".utf8)
    }
    let own = ownColumns.isEmpty ? "" : "," + CSV.line(ownColumns).dropLast()
    let headers = Self.headers.flatMap { [$0, $0 + own] }.map { $0 + "\n" }
    let beginning = try File(reading: tablePath).read(at: 0, count: headers.map(\.utf8.count).max() ?? 0)
    return hasMatrix && headers.contains { beginning.starts(with: $0.utf8) }
  }

  /// Writes a matrix for every column, and the table. Each of these files has a row for every readable item, in the
  /// order of the list. Returns the paths of the files.
  ///
  /// - Parameter list: the list of the items; with nil, the items keep their own order.
  func write(
    _ items: [StoredItem], of columns: [Column], in store: FeatureStore, list: ImageList? = nil
  ) throws(FeatureError) -> [String] {
    do { try FileSystem.createDirectories(FileSystem.parent(of: output)) } catch { throw .file(error) }
    let rows = (list?.inGivenOrder(items) ?? items.map { ($0, []) }).filter { $0.item.row != nil }
    let ordered = rows.map(\.item)
    var paths: [String] = []
    for column in columns {
      let stored = try store.stored(column)
      let path = path(of: stored, of: columns.count)
      try store.export(stored, of: ordered, to: path)
      paths.append(path)
    }
    try FeatureStore.exportTable(
      of: ordered, ownColumns: list?.ownColumns ?? [], ownFields: rows.map(\.ownFields), to: tablePath)
    return paths + [tablePath]
  }
}
