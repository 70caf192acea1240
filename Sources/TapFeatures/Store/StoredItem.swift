import TapFileSystem
import TapFormats

// items.csv: the row of each image of the last run's list. Derived from the list and rows.bin, and replaced as a whole.

/// An image of a list and its state in the store.
public struct StoredItem: Hashable, Sendable {
  /// The state of an image.
  public enum Status: Hashable, Sendable {
    /// Its features are in the store.
    case ok
    /// It could not be read or decoded, for this reason.
    case unreadable(reason: String)
    /// The run ended before this image.
    case pending
  }

  /// The image in the list.
  public let item: ImageItem
  /// SHA-256 of the file's bytes, in hexadecimal; nil if the file was not read.
  public let key: String?
  /// Its row in every column; nil unless the status is ok. Images of the same bytes share a row.
  public let row: Int?
  /// Whether it was read.
  public let status: Status

  /// An image's place in a store.
  public init(item: ImageItem, key: String?, row: Int?, status: Status) {
    self.item = item
    self.key = key
    self.row = row
    self.status = status
  }
}

/// The file of all items.
enum ItemTable {
  private static let header = ["path", "label", "split", "group", "key", "row", "status"]
  /// A further column if some item has a weight; without it earlier versions can read the file too.
  private static let weight = "weight"
  private static let unreadablePrefix = "unreadable: "

  static func encode(_ items: [StoredItem]) -> [UInt8] {
    let hasWeights = items.contains { $0.item.weight != nil }
    var bytes = Array(CSV.line(header + (hasWeights ? [weight] : [])).utf8)
    for stored in items {
      let item = stored.item
      let status =
        switch stored.status {
        case .ok: "ok"
        case .unreadable(let reason): unreadablePrefix + reason
        case .pending: "pending"
        }
      var fields = [
        item.path, item.label ?? "", item.split?.rawValue ?? "", item.group ?? "", stored.key ?? "",
        stored.row.map(String.init) ?? "", status,
      ]
      if hasWeights { fields.append(item.weight.map { "\($0)" } ?? "") }
      bytes += CSV.line(fields).utf8
    }
    return bytes
  }

  /// - Parameters:
  ///   - path: the file's name, for errors.
  ///   - rows: the number of rows that the reader has. Items of later rows, which a writer committed since, are still
  ///     pending to this reader.
  static func decode(_ bytes: [UInt8], path: String, rows: Int) throws(FeatureError) -> [StoredItem] {
    let records: [CSVRecord]
    do { records = try CSV.records(bytes) } catch { throw .damaged(path: path, problem: "\(error)") }
    let columns = records.first?.fields ?? []
    guard columns == header || columns == header + [weight] else {
      throw .damaged(path: path, problem: "the first line is not \(header.joined(separator: ","))")
    }
    var items: [StoredItem] = []
    items.reserveCapacity(records.count - 1)
    for record in records.dropFirst() {
      guard let stored = item(record.fields, of: columns.count) else {
        throw .damaged(path: path, problem: "line \(record.line) is not an item")
      }
      let isLater = stored.row.map { $0 >= rows } ?? false
      items.append(
        isLater ? StoredItem(item: stored.item, key: stored.key, row: nil, status: .pending) : stored)
    }
    return items
  }

  private static func item(_ fields: [String], of count: Int) -> StoredItem? {
    guard fields.count == count else { return nil }
    func text(_ index: Int) -> String? { index >= count || fields[index].isEmpty ? nil : fields[index] }
    var status = StoredItem.Status.pending
    if fields[6] == "ok" {
      status = .ok
    } else if fields[6].utf8.starts(with: unreadablePrefix.utf8) {
      let reason = fields[6].utf8.dropFirst(unreadablePrefix.utf8.count)
      status = .unreadable(reason: String(decoding: reason, as: UTF8.self))
    } else if fields[6] != "pending" {
      return nil
    }
    let row = text(5).flatMap(Int.init)
    let split = text(2).flatMap(SplitName.init(rawValue:))
    guard !fields[0].isEmpty, (row != nil) == (status == .ok), (row ?? 0) >= 0,
      (split == nil) == fields[2].isEmpty
    else { return nil }
    let weight = text(7).flatMap(ImageItem.weight)
    guard (weight == nil) == (text(7) == nil) else { return nil }
    let item = ImageItem(path: fields[0], label: text(1), split: split, group: text(3), weight: weight)
    return StoredItem(item: item, key: text(4), row: row, status: status)
  }
}
