// A table as plain text for a terminal, or as CSV for a program.

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

  /// - Parameter columns: the headings; numbers are aligned right.
  package init(_ columns: [(heading: String, alignment: Alignment)]) {
    header = columns.map(\.heading)
    alignments = columns.map(\.alignment)
  }

  /// - Precondition: as many cells as columns.
  package mutating func add(_ cells: [String]) {
    precondition(cells.count == header.count, "\(cells.count) cells in \(header.count) columns")
    rows.append(cells)
  }

  /// Columns two spaces apart, without spaces at the ends of lines; no newline at the end.
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

  /// A line for the header and for each row, each with a newline at the end.
  package var csv: String { ([header] + rows).map(CSV.line).joined() }
}
