// `--output F.npy` of `extract` and `store export`: matrices and the table that is aligned with them.

import LayerTap
import TapFileSystem
import TapFormats

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

  static let force = Parameter<Bool>.flag(
    "force", topic: .output,
    help: "Replace F.npy and F.csv also where they are there and were not written like this.")

  private var stem: String { FileSystem.withoutExtension(output) }

  /// The path of the table.
  var tablePath: String { stem + ".csv" }

  /// The path of a column: the output itself if it is the only one, else with the column's name.
  func path(of stored: StoredColumn, of count: Int) -> String {
    count == 1 ? output : "\(stem).\(stored.fileName).npy"
  }

  /// The columns of the tables that it writes.
  private static let headers = ["", ",group"].flatMap { group in
    ["", ",weight"].map { "path,label,split" + group + $0 }
  }

  /// The files for columns with these file names, each with the option that names it.
  private func paths(_ fileNames: [String]) -> [String] {
    let matrices = fileNames.count == 1 ? [output] : fileNames.map { "\(stem).\($0).npy" }
    return matrices + [tablePath]
  }

  /// The files for `columns`, which must differ.
  func outputs(_ columns: [Column]) throws(UsageError) -> OutputPaths {
    try OutputPaths(paths(columns.map(StoredColumn.fileName)).map { ("--output", $0) })
  }

  /// Passes if the existing files were written by such an export, or `force` is set. A table counts as ours if it has
  /// our columns and a matrix is beside it; a matrix, if such a table is beside it.
  ///
  /// - Throws: ``CommandError/foreignFile(path:)``.
  ///
  /// - Parameter ownColumns: the user's own columns in the table to write; a table with them counts as ours too.
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

  /// Writes the readable items' rows of every column, in the order in which the list names them, and the table. Returns
  /// the paths.
  ///
  /// - Parameter list: the list of the items; nil keeps their own order.
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
