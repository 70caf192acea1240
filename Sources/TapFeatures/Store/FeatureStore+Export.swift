// Export of aligned files for other programs: features with one row for each readable item in list order, and a table
// with one line for each row.

import TapFileSystem
import TapFormats
import TapTensors

extension FeatureStore {
  /// Writes `X: [readable items, dimensions]` as float32 to `path`, in the order of `items`.
  ///
  /// Rows are copied one by one, so memory does not grow with the number of rows.
  public func export(
    _ column: StoredColumn, of items: [StoredItem], to path: String
  ) throws(FeatureError) {
    let features = try matrix(column)
    let rows = items.compactMap(\.row)
    let header = NPYHeader(elementType: .float32, shape: [rows.count, column.dimensions]).encoded()
    let rowsAtOnce = max(1, (4 << 20) / (column.dimensions * MemoryLayout<Float>.size))
    try onFiles { () throws(FileSystemError) in
      try AtomicWriter.replace(path) { file throws(FileSystemError) in
        try file.write(header, at: 0)
        var offset = header.count
        var bytes: [UInt8] = []
        for (index, row) in rows.enumerated() {
          features.withRow(row) { row in
            unsafe row.withUnsafeBytes { unsafe bytes.append(contentsOf: $0) }
          }
          guard (index + 1).isMultiple(of: rowsAtOnce) || index + 1 == rows.count else { continue }
          try file.write(bytes, at: offset)
          offset += bytes.count
          bytes.removeAll(keepingCapacity: true)
        }
      }
    }
  }

  /// Writes the table beside exported features, with one line for each readable item. Its columns are
  /// `path,label,split`, then `group` and `weight` if some item has a value in them, then the user's own columns.
  ///
  /// - Parameters:
  ///   - ownColumns: the names of the user's own columns.
  ///   - ownFields: the fields of each item in the user's own columns.
  public static func exportTable(
    of items: [StoredItem], ownColumns: [String] = [], ownFields: [[String]] = [], to path: String
  ) throws(FeatureError) {
    precondition(
      ownColumns.isEmpty || ownFields.count == items.count, "\(ownFields.count) rows of own columns")
    let hasGroups = items.contains { $0.item.group != nil }
    let hasWeights = items.contains { $0.item.weight != nil }
    var text = CSV.line(
      ["path", "label", "split"] + (hasGroups ? ["group"] : []) + (hasWeights ? ["weight"] : [])
        + ownColumns)
    for (index, stored) in items.enumerated() where stored.row != nil {
      let item = stored.item
      text += CSV.line(
        [item.path, item.label ?? "", item.split?.rawValue ?? ""] + (hasGroups ? [item.group ?? ""] : [])
          + (hasWeights ? [item.weight.map { "\($0)" } ?? ""] : [])
          + (ownColumns.isEmpty ? [] : ownFields[index]))
    }
    try onFiles { () throws(FileSystemError) in try AtomicWriter.replace(path, with: text) }
  }
}
