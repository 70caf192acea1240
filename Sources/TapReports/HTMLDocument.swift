// A report as one HTML file that needs nothing else: no scripts, no fonts, no network; light or dark as
// the reader's system is.

import TapMetrics

/// A page of headings, paragraphs, tables and lists of settings. Every text is escaped.
package struct HTMLDocument: Sendable {
  /// A cell of a table.
  package enum Cell: Sendable {
    case text(String)
    case number(String)
    /// A share with its 95 % interval, in figures and as a bar on a scale from 0 to 100 %.
    case share(Proportion)
  }

  /// A row of a table; a marked one stands out.
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

  package init(title: String) {
    self.title = title
    body += "<h1>\(HTMLDocument.escaped(title))</h1>\n"
  }

  package mutating func addHeading(_ text: String) { body += "<h2>\(HTMLDocument.escaped(text))</h2>\n" }

  package mutating func addParagraph(_ text: String) { body += "<p>\(HTMLDocument.escaped(text))</p>\n" }

  /// - Precondition: every row has as many cells as there are headings.
  package mutating func addTable(headings: [String], rows: [Row]) {
    let hasNumber = headings.indices.map { column in
      rows.contains { if case .number = $0.cells[column] { true } else { false } }
    }
    body += "<div class=\"table\"><table>\n<thead><tr>"
    for (column, heading) in headings.enumerated() {
      let open = hasNumber[column] ? "<th class=\"number\">" : "<th>"
      body += open + HTMLDocument.escaped(heading) + "</th>"
    }
    body += "</tr></thead>\n<tbody>\n"
    for row in rows {
      precondition(row.cells.count == headings.count, "\(row.cells.count) cells, \(headings.count) headings")
      body += row.isMarked ? "<tr class=\"marked\">" : "<tr>"
      for cell in row.cells { body += HTMLDocument.html(cell) }
      body += "</tr>\n"
    }
    body += "</tbody></table></div>\n"
  }

  /// Names with values, as a list of definitions.
  package mutating func addSettings(_ settings: [(name: String, value: String)]) {
    body += "<dl>\n"
    for (name, value) in settings {
      body += "<dt>\(HTMLDocument.escaped(name))</dt><dd>\(HTMLDocument.escaped(value))</dd>\n"
    }
    body += "</dl>\n"
  }

  /// The whole page.
  package var text: String {
    """
    <!DOCTYPE html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(HTMLDocument.escaped(title))</title>
    <style>
    \(HTMLDocument.style)
    </style>
    </head>
    <body>
    \(body)</body>
    </html>

    """
  }

  private static func html(_ cell: Cell) -> String {
    switch cell {
    case .text(let text): return "<td>\(escaped(text))</td>"
    case .number(let text): return "<td class=\"number\">\(escaped(text))</td>"
    case .share(let share):
      let interval = share.interval()
      let (left, right) = (NumberText.percent(interval.lower), NumberText.percent(1 - interval.upper))
      return "<td><span class=\"bar\"><i style=\"left:\(left)%;right:\(right)%\"></i>"
        + "<b style=\"left:\(NumberText.percent(share.value))%\"></b></span>"
        + escaped("\(AccuracyText.share(share)) (\(AccuracyText.interval(share)))") + "</td>"
    }
  }

  /// Safe between tags and in quoted attributes.
  static func escaped(_ text: String) -> String {
    var result = ""
    for character in text.unicodeScalars {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      default: result.unicodeScalars.append(character)
      }
    }
    return result
  }

  private static let style = """
    :root { color-scheme: light dark; --line: #8884; --mark: #2a7de122; --bar: #2a7de1; }
    body { font: 16px/1.5 system-ui, sans-serif; max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
    h1 { font-size: 1.6rem; } h2 { font-size: 1.2rem; margin-top: 2rem; }
    .table { overflow-x: auto; }
    table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
    th, td { text-align: left; padding: .25rem .75rem; border-bottom: 1px solid var(--line); white-space: nowrap; }
    .number { text-align: right; }
    .marked { background: var(--mark); font-weight: 600; }
    .bar { display: inline-block; position: relative; width: 8rem; height: .7rem; margin-right: .75rem;
      background: var(--line); border-radius: 2px; }
    .bar i { position: absolute; top: 0; bottom: 0; background: var(--bar); opacity: .45; border-radius: 2px; }
    .bar b { position: absolute; top: -2px; bottom: -2px; width: 2px; margin-left: -1px; background: var(--bar); }
    dl { display: grid; grid-template-columns: max-content 1fr; gap: .15rem 1rem; }
    dt { opacity: .7; } dd { margin: 0; overflow-wrap: anywhere; }
    """
}
