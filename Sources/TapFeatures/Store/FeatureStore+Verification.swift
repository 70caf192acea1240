// Verification of a whole store: every row against its check sum, and every header, key and item.

import TapFileSystem
import TapFormats

/// The result of checking a store.
public struct StoreVerification: Hashable, Sendable {
  /// The number of rows whose values in every column were compared with their check sums.
  public let rowsChecked: Int
  /// One line for each problem, with the file's name; empty for a valid store.
  public let problems: [String]
}

extension FeatureStore {
  /// Reads all committed data and compares the data with the check sums and the format.
  ///
  /// Cost: reads every byte of the store once.
  public func verify() -> StoreVerification {
    var problems: [String] = []
    for stored in columns {
      do throws(FeatureError) { problems += try check(stored) } catch { problems.append("\(error)") }
    }
    if Set(keys).count < keys.count { problems.append("\(folder.keys): a key is there twice") }
    if let problem = StoredLayers.problem(folder, of: identity.hash) { problems.append(problem) }
    do throws(FeatureError) {
      for stored in try items() ?? [] {
        guard let row = stored.row, keys[row].hex != stored.key else { continue }
        problems.append("\(folder.items): the key of \(stored.item.path) is not that of row \(row)")
      }
    } catch {
      problems.append("\(error)")
    }
    return StoreVerification(rowsChecked: rowCount, problems: problems)
  }

  private func check(_ stored: StoredColumn) throws(FeatureError) -> [String] {
    let path = folder.values(stored)
    let file = try onFiles { () throws(FileSystemError) in
      try ColumnFile(
        reading: stored, values: path, checksums: folder.checksums(stored))
    }
    var problems: [String] = []
    var damaged: [Int] = []
    do throws(FileSystemError) {
      if try file.completeRows() < rowCount {
        return ["\(path): \(rowCount) rows are committed, and only \(try file.completeRows()) there"]
      }
      switch try file.headerRows() {
      case nil: problems.append("\(path): the header is not that of float32 [rows, \(stored.dimensions)]")
      case let rows? where rows > rowCount:
        problems.append("\(path): the header counts \(rows) rows, and \(rowCount) are committed")
      default: break
      }
      for row in 0..<rowCount where try !file.isIntact(row: row) { damaged.append(row) }
    } catch {
      throw .file(error)
    }
    if let first = damaged.first {
      problems.append("\(path): \(damaged.count) rows do not fit their check sums, the first is row \(first)")
    }
    return problems
  }
}
