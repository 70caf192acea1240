// A table as plain text for a terminal or as CSV for a program.

import TapFormats

/// Rows of text under a header.
package struct TextTable: Sendable, Equatable {
  package enum Alignment: Sendable {
    case left
    case right
  }

  private let header: [String]
  private let alignments: [Alignment]
  private var rows: [[String]] = []

  /// - Parameter columns: the headings and alignments of the columns; numbers are aligned to the right.
  package init(_ columns: [(heading: String, alignment: Alignment)]) {
    header = columns.map(\.heading)
    alignments = columns.map(\.alignment)
  }

  /// - Precondition: there are as many cells as columns.
  package mutating func add(_ cells: [String]) {
    precondition(cells.count == header.count, "\(cells.count) cells in \(header.count) columns")
    rows.append(cells)
  }

  /// The table as plain text. Columns are two spaces apart. Lines have no spaces at their ends, and the last line has
  /// no newline.
  package var text: String {
    let lines = [header] + rows
    let widths = header.indices.map { column in lines.map { $0[column].count }.max() ?? 0 }
    return lines.map { cells in
      var line = ""
      for (column, cell) in cells.enumerated() {
        let padding = String(repeating: " ", count: widths[column] - cell.count)
        line += (column == 0 ? "" : "  ") + (alignments[column] == .right ? padding + cell : cell + padding)
      }
      while line.hasSuffix(" ") { line.removeLast() }
      return line
    }.joined(separator: "\n")
  }

  /// The table as CSV: one line for the header and one for each row, each with a newline at its end.
  package var csv: String { ([header] + rows).map(CSV.line).joined() }
}
