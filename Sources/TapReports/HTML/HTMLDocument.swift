// A report as one self-contained HTML file. The file has no scripts, no fonts and no network access, and a policy in
// the file's head forbids all three. The colors are light or dark, as in the reader's system. The drawing parts are in
// HTMLDocument+….swift.

import TapMetrics
import TapText

/// A page of headings, paragraphs, tables, charts and images. Every text is escaped.
package struct HTMLDocument: Sendable {
  /// A cell of a table.
  package enum Cell: Sendable {
    case text(String)
    case number(String)
    /// A share with its 95 % interval, as numbers and as a bar on a scale from 0 to 100 %.
    case share(Proportion)
  }

  /// A row of a table; a marked row is highlighted.
  package struct Row: Sendable {
    package let cells: [Cell]
    package let isMarked: Bool

    package init(_ cells: [Cell], isMarked: Bool = false) {
      self.cells = cells
      self.isMarked = isMarked
    }
  }

  private let title: String
  private var body = ""
  private var chartCount = 0
  private var headings: [String] = []

  package init(title: String) { self.title = title }

  /// Adds the main sentence of the page, in larger type.
  package mutating func addLead(_ text: String) { add("<p class=\"lead\">\(HTMLDocument.prose(text))</p>\n") }

  /// Begins a section of the page. A long page lists its sections at the top.
  package mutating func addHeading(_ text: String) {
    headings.append(text)
    add("<h2 id=\"part\(headings.count)\">\(HTMLDocument.name(text))</h2>\n")
  }

  package mutating func addSubheading(_ text: String) { add("<h3>\(HTMLDocument.name(text))</h3>\n") }

  package mutating func addParagraph(_ text: String) { add("<p>\(HTMLDocument.prose(text))</p>\n") }

  /// Adds a warning that a reader should know before using the results.
  package mutating func addWarning(_ text: String) {
    add("<p class=\"warning\">\(HTMLDocument.prose(text))</p>\n")
  }

  /// Adds a table.
  ///
  /// - Precondition: every row has as many cells as the table has headings.
  package mutating func addTable(headings: [String], rows: [Row]) {
    add(HTMLDocument.table(headings: headings, rows: rows))
  }

  /// Adds a collapsed table. A click on its summary opens the table.
  package mutating func addFoldedTable(_ summary: String, headings: [String], rows: [Row]) {
    add(
      "<details><summary>\(HTMLDocument.name(summary))</summary>\n"
        + HTMLDocument.table(headings: headings, rows: rows) + "</details>\n")
  }

  /// Adds names with values, as a list of definitions.
  package mutating func addSettings(_ settings: [(name: String, value: String)]) {
    var list = "<dl>\n"
    for (name, value) in settings {
      list += "<dt>\(HTMLDocument.name(name))</dt><dd>\(HTMLDocument.name(value))</dd>\n"
    }
    add(list + "</dl>\n")
  }

  /// Adds a command line to copy. Lines break between words of the command line.
  ///
  /// - Parameter words: the words, quoted for a shell.
  package mutating func addCommand(_ words: [String]) {
    let spans = words.map { "<span>\(HTMLDocument.escaped($0, keepsLines: true))</span>" }
    add("<pre>\(spans.joined(separator: " "))</pre>\n")
  }

  /// Adds a chart and a collapsed table of its numbers. The chart is drawn twice: for a wide and for a narrow window.
  package mutating func addChart(_ chart: LineChart) {
    chartCount += 1
    let id = "chart\(chartCount)"
    add(
      "<figure class=\"figure\"><figcaption>\(HTMLDocument.name(chart.title))</figcaption>\n"
        + chart.svg(width: 760, id: id + "w", htmlClass: "wide")
        + chart.svg(width: 360, id: id + "n", htmlClass: "narrow") + "</figure>\n")
    let hasNames = chart.series.count > 1
    addFoldedTable(
      "The same as numbers", headings: (hasNames ? [""] : []) + [chart.horizontalTitle, chart.verticalTitle],
      rows: zip(chart.series, chart.drawn).flatMap { series, points in
        points.map { point in
          Row(
            (hasNames ? [.text(series.name)] : [])
              + [.text(chart.xText(point)), .number(chart.yText(point))], isMarked: point.mark != nil)
        }
      })
  }

  /// Appends HTML unchanged.
  mutating func add(_ html: String) { body += html }

  /// The whole page.
  package var text: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta http-equiv="Content-Security-Policy" content="\(HTMLDocument.policy)">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(HTMLDocument.escaped(title))</title>
    <style>
    \(HTMLDocument.style)
    </style>
    </head>
    <body>
    <h1>\(HTMLDocument.name(title))</h1>
    \(contents)\(body)</body>
    </html>

    """
  }

  /// Links to the sections; empty for a page with few sections.
  private var contents: String {
    guard headings.count > 3 else { return "" }
    let links = headings.enumerated().map { index, heading in
      "<a href=\"#part\(index + 1)\">\(HTMLDocument.name(heading))</a>"
    }
    return "<nav>\(links.joined(separator: " "))</nav>\n"
  }

  /// The policy of the page: the page loads and runs nothing, even if the name of a class contains code. Its images are
  /// part of the page.
  private static let policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"

  // MARK: - Pieces

  static func table(headings: [String], rows: [Row]) -> String {
    let hasNumber = headings.indices.map { column in
      rows.contains { if case .number = $0.cells[column] { true } else { false } }
    }
    var html = "<div class=\"table\"><table>\n<thead><tr>"
    for (column, heading) in headings.enumerated() {
      let open = hasNumber[column] ? "<th class=\"number\">" : "<th>"
      html += open + name(heading) + "</th>"
    }
    html += "</tr></thead>\n<tbody>\n"
    for row in rows {
      precondition(row.cells.count == headings.count, "\(row.cells.count) cells, \(headings.count) headings")
      html += row.isMarked ? "<tr class=\"marked\">" : "<tr>"
      for cell in row.cells { html += HTMLDocument.html(cell) }
      html += "</tr>\n"
    }
    return html + "</tbody></table></div>\n"
  }

  /// The largest length, in bytes, of a text that a table shows whole. A longer text is cut after three lines, and the
  /// pointer over the text shows the whole text.
  private static let longestName = 60

  private static func html(_ cell: Cell) -> String {
    switch cell {
    case .text(let text):
      guard text.utf8.count > longestName else { return "<td>\(name(text))</td>" }
      return "<td><span class=\"clip\" title=\"\(escaped(text))\">\(name(text))</span></td>"
    case .number(let text): return "<td class=\"number\">\(escaped(text))</td>"
    case .share(let share):
      guard share.count > 0 else { return "<td>-</td>" }
      let interval = share.interval()
      let (left, right) = (NumberText.percent(interval.lower), NumberText.percent(1 - interval.upper))
      return "<td class=\"share\"><span class=\"bar\"><i style=\"left:\(left)%;right:\(right)%\"></i>"
        + "<b style=\"left:\(NumberText.percent(share.value))%\"></b></span>"
        + escaped("\(AccuracyText.share(share)) (\(AccuracyText.interval(share)))") + "</td>"
    }
  }
}
