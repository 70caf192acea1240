// items.csv: the row of each image of the last run's list. The file is derived from the list and rows.bin, and a write
// replaces the whole file.

import TapFileSystem
import TapFormats

/// An image of a list and its state in the store.
public struct StoredItem: Hashable, Sendable {
  /// The state of an image.
  public enum Status: Hashable, Sendable {
    /// The image's features are in row `row` of every column. `key` is the SHA-256 of the file's bytes, in hexadecimal.
    /// Images of the same bytes share a row.
    case ok(key: String, row: Int)
    /// The image could not be read or decoded, for this reason. The key is nil if the file was not read.
    case unreadable(reason: String, key: String?)
    /// The run ended before it reached this image.
    case pending
  }

  /// The image in the list.
  public let item: ImageItem
  /// Whether the image was read, and the image's row in the store.
  public let status: Status

  /// Creates an item of a store.
  public init(item: ImageItem, status: Status) {
    self.item = item
    self.status = status
  }

  /// The SHA-256 of the file's bytes, in hexadecimal; nil if the file was not read.
  public var key: String? {
    switch status {
    case .ok(let key, _): key
    case .unreadable(_, let key): key
    case .pending: nil
    }
  }

  /// The image's row in every column; nil unless the status is ok.
  public var row: Int? { if case .ok(_, let row) = status { row } else { nil } }
}

/// The format of items.csv, the file of all items.
enum ItemTable {
  private static let header = ["path", "label", "split", "group", "key", "row", "status"]
  /// The name of a last column, which is written only if some item has a weight. Without this column, earlier versions
  /// of the program can also read the file.
  private static let weight = "weight"
  private static let unreadablePrefix = "unreadable: "

  static func encode(_ items: [StoredItem]) -> [UInt8] {
    let hasWeights = items.contains { $0.item.weight != nil }
    var bytes = Array(headerLine(hasWeights: hasWeights).utf8)
    for stored in items { bytes += line(of: stored, hasWeights: hasWeights).utf8 }
    return bytes
  }

  /// The first line of the table.
  static func headerLine(hasWeights: Bool) -> String { CSV.line(header + (hasWeights ? [weight] : [])) }

  /// The line of an item.
  static func line(of stored: StoredItem, hasWeights: Bool) -> String {
    let item = stored.item
    let (key, row, status) =
      switch stored.status {
      case .ok(let key, let row): (key, String(row), "ok")
      case .unreadable(let reason, let key): (key ?? "", "", unreadablePrefix + reason)
      case .pending: ("", "", "pending")
      }
    var fields = [
      item.path, item.label ?? "", item.split?.rawValue ?? "", item.group ?? "", key, row, status,
    ]
    if hasWeights { fields.append(item.weight.map { "\($0)" } ?? "") }
    return CSV.line(fields)
  }

  /// Whether a table with this first line has weights; nil if the line is not the first line of items.csv.
  static func hasWeights(_ columns: [String]) -> Bool? {
    columns == header ? false : columns == header + [weight] ? true : nil
  }

  /// The error about a file whose first line is not that of items.csv.
  static func wrongHeader(_ path: String) -> FeatureError {
    .damaged(path: path, problem: "the first line is not \(header.joined(separator: ","))")
  }

  /// Reads the items.
  ///
  /// - Parameters:
  ///   - path: the file's name, for errors.
  ///   - rows: the number of rows that the reader has. A writer may have committed further rows in the meantime; items
  ///     of these rows are pending.
  static func decode(_ bytes: [UInt8], path: String, rows: Int) throws(FeatureError) -> [StoredItem] {
    let records: [CSVRecord]
    do { records = try CSV.records(bytes) } catch { throw .damaged(path: path, problem: "\(error)") }
    let columns = records.first?.fields ?? []
    guard hasWeights(columns) != nil else { throw wrongHeader(path) }
    var items: [StoredItem] = []
    items.reserveCapacity(records.count - 1)
    for record in records.dropFirst() {
      guard let stored = item(record.fields, of: columns.count, rows: rows) else {
        throw .damaged(path: path, problem: "line \(record.line) is not an item")
      }
      items.append(stored)
    }
    return items
  }

  /// The item of a record; nil if the record is not an item.
  ///
  /// - Parameters:
  ///   - count: the number of columns of the table.
  ///   - rows: the number of rows that the reader has.
  static func item(_ fields: [String], of count: Int, rows: Int) -> StoredItem? {
    guard fields.count == count else { return nil }
    func text(_ index: Int) -> String? { index >= count || fields[index].isEmpty ? nil : fields[index] }
    let (key, row) = (text(4), text(5).flatMap(Int.init))
    let status: StoredItem.Status
    if fields[6] == "ok" {
      guard let key, let row, row >= 0 else { return nil }
      status = row < rows ? .ok(key: key, row: row) : .pending
    } else {
      guard row == nil else { return nil }
      if fields[6].utf8.starts(with: unreadablePrefix.utf8) {
        let reason = fields[6].utf8.dropFirst(unreadablePrefix.utf8.count)
        status = .unreadable(reason: String(decoding: reason, as: UTF8.self), key: key)
      } else if fields[6] == "pending" {
        status = .pending
      } else {
        return nil
      }
    }
    let split = text(2).flatMap(SplitName.init(rawValue:))
    guard !fields[0].isEmpty, (split == nil) == fields[2].isEmpty else { return nil }
    let weight = text(7).flatMap(ImageItem.weight)
    guard (weight == nil) == (text(7) == nil) else { return nil }
    let item = ImageItem(path: fields[0], label: text(1), split: split, group: text(3), weight: weight)
    return StoredItem(item: item, status: status)
  }
}
