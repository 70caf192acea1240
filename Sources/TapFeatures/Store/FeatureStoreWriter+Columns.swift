// Adding columns. An empty store gets new columns at once. In a store with rows, a new column is filled in row order.
// Its values go to `<column>.partial` and its check sums to `<column>.crc`; no reader uses these files yet. When the
// column has all rows, the partial file is renamed. Then a new store.json, which lists the column, replaces the old
// one. A crash may happen after any step: the next run continues from the files that it finds.

import TapFileSystem
import TapFormats
import TapProvenance

extension FeatureStoreWriter {
  /// Adds columns to a store without rows.
  package func addToEmptyStore(_ added: [StoredColumn]) throws(FeatureError) {
    try onFiles { () throws(FileSystemError) in
      try state.withLock { state throws(FileSystemError) in
        precondition(state.keys.isEmpty, "the store has rows")
        var columns = state.columns
        for stored in added {
          columns.append(
            try ColumnFile(
              creating: stored, values: folder.values(stored), checksums: folder.checksums(stored),
              faults: faults))
        }
        try FileSystem.synchronizeDirectory(folder.features, faults: faults)
        try list(columns, in: &state)
      }
    }
  }

  /// Opens the partial files of new columns. Each file keeps the rows that it has so far.
  package func openPartials(_ added: [StoredColumn]) throws(FeatureError) -> PartialColumns {
    let rows = committedRows
    return try onFiles { () throws(FileSystemError) in
      var files: [ColumnFile] = []
      for stored in added { files.append(try openPartial(stored, limit: rows)) }
      return PartialColumns(files: files)
    }
  }

  private func openPartial(_ stored: StoredColumn, limit: Int) throws(FileSystemError) -> ColumnFile {
    let partial = folder.partialValues(stored)
    let checksums = folder.checksums(stored)
    // An earlier run renamed the file but ended before store.json listed the column.
    if FileSystem.exists(folder.values(stored)), !FileSystem.exists(partial) {
      try FileSystem.rename(folder.values(stored), to: partial, faults: faults)
    }
    if FileSystem.exists(partial), FileSystem.exists(checksums) {
      var file = try ColumnFile(opening: stored, values: partial, checksums: checksums, faults: faults)
      if try file.headerRows() != nil {
        var rows = min(try file.completeRows(), limit)
        while rows > 0, try !file.isIntact(row: rows - 1) { rows -= 1 }
        try file.recover(rows: rows)
        return file
      }
    }
    return try ColumnFile(creating: stored, values: partial, checksums: checksums, faults: faults)
  }

  /// Lists the columns, which now have all rows.
  package func adopt(_ partials: PartialColumns) throws(FeatureError) {
    try onFiles { () throws(FileSystemError) in
      try state.withLock { state throws(FileSystemError) in
        var columns = state.columns
        for file in partials.files {
          precondition(
            file.rows == state.committed,
            "\(file.rows) rows of \(state.committed) in \(file.stored.column.name)")
          let stored = file.stored
          try file.writeHeader()
          try file.synchronize()
          try FileSystem.rename(folder.partialValues(stored), to: folder.values(stored), faults: faults)
          var opened = try ColumnFile(
            opening: stored, values: folder.values(stored), checksums: folder.checksums(stored),
            faults: faults)
          try opened.recover(rows: state.committed)
          columns.append(opened)
        }
        try list(columns, in: &state)
      }
    }
  }

  private func list(_ columns: [ColumnFile], in state: inout State) throws(FileSystemError) {
    var description = state.description
    description.columns = columns.map(\.stored)
    try AtomicWriter.replace(folder.description, with: description.text, faults: faults)
    state.description = description
    state.columns = columns
  }
}

/// New columns that do not have all rows yet.
package struct PartialColumns: Sendable {
  fileprivate(set) var files: [ColumnFile]

  package var columns: [StoredColumn] { files.map(\.stored) }

  /// The first row that at least one column lacks.
  package var nextRow: Int { files.map(\.appendedRows).min() ?? 0 }

  package var pendingBytes: Int { files.reduce(0) { $0 + $1.pendingBytes } }

  /// Appends row `row` to the columns that lack this row. `values` holds the values of all columns, one column after
  /// the other.
  package mutating func append(row: Int, values: Span<Float>) {
    var start = 0
    for index in files.indices {
      let end = start + files[index].stored.dimensions
      if files[index].appendedRows == row { files[index].append(values.extracting(start..<end)) }
      start = end
    }
    precondition(start == values.count, "\(values.count) values for \(start) dimensions")
  }

  /// Makes the appended rows durable.
  package mutating func commit() throws(FeatureError) {
    try onFiles { () throws(FileSystemError) in
      for index in files.indices { try files[index].flush() }
    }
  }
}
