// Confusion matrices. A small matrix is shown complete; a large matrix shows only the most confused classes.

import TapMetrics
import TapText

extension HTMLDocument {
  /// The largest number of classes for which a matrix is shown complete.
  static let largestWholeMatrix = 30
  /// The number of classes in the shown part of a larger matrix.
  static let foldedMatrix = 20
  /// The maximum number of listed pairs of classes.
  private static let listedPairs = 12

  /// Adds the counts by true class (rows) and predicted class (columns). The shade of a cell shows the cell's share of
  /// its row.
  ///
  /// With many classes, the page has an image of the whole matrix and a table of the most confused classes. The page
  /// also states the number of items that the table leaves out.
  package mutating func addConfusionMatrix(_ matrix: ConfusionMatrix, classNames: [String]) {
    precondition(matrix.classCount == classNames.count, "\(classNames.count) names")
    let all = Array(classNames.indices)
    if classNames.count <= HTMLDocument.largestWholeMatrix {
      addParagraph(
        "Rows are the true classes, columns what was predicted; the shade is the share of the row.")
      addMatrixAndPairs(matrix, classNames, shown: all, rest: [])
    } else {
      let shown = ConfusedPairs.mostConfused(matrix, count: HTMLDocument.foldedMatrix)
      let rest = all.filter { !shown.contains($0) }
      addParagraph(
        "All \(NumberText.grouped(classNames.count)) classes in the order of the table below: rows are the true "
          + "classes, columns what was predicted; the shade is the share of the row. Point at a cell for its numbers."
      )
      add(HTMLDocument.heatMap(matrix, classNames))
      let errors = rest.reduce(0) { sum, row in
        sum + rest.reduce(0) { $0 + (row == $1 ? 0 : matrix[actual: row, predicted: $1]) }
      }
      addParagraph(
        "The \(shown.count) classes with the most mistakes. The other \(rest.count) share a row and a column; "
          + "of all \(NumberText.grouped(HTMLDocument.mistakes(matrix))) mistakes, "
          + "\(NumberText.grouped(errors)) lie among these others alone.")
      addMatrixAndPairs(matrix, classNames, shown: shown, rest: rest)
    }
  }

  /// Adds the matrix and the pairs of classes, side by side if the window is wide enough.
  private mutating func addMatrixAndPairs(
    _ matrix: ConfusionMatrix, _ classNames: [String], shown: [Int], rest: [Int]
  ) {
    add("<div class=\"beside\"><div>\n")
    addMatrix(matrix, classNames, shown: shown, rest: rest)
    add("</div><div>\n")
    addPairs(matrix, classNames)
    add("</div></div>\n")
  }

  private static func mistakes(_ matrix: ConfusionMatrix) -> Int {
    matrix.total - (0..<matrix.classCount).reduce(0) { $0 + matrix[actual: $1, predicted: $1] }
  }

  private mutating func addPairs(_ matrix: ConfusionMatrix, _ classNames: [String]) {
    let pairs = ConfusedPairs.pairs(matrix)
    guard !pairs.isEmpty else {
      addParagraph("There is not one mistake.")
      return
    }
    addSubheading("Most frequent confusions")
    addTable(
      headings: ["true class", "taken for", "images", "of"],
      rows: pairs.prefix(HTMLDocument.listedPairs).map { pair in
        Row([
          .text(classNames[pair.actual]), .text(classNames[pair.predicted]),
          .number(NumberText.grouped(pair.count)),
          .number(NumberText.grouped(matrix.support(of: pair.actual))),
        ])
      })
    if pairs.count > HTMLDocument.listedPairs {
      addParagraph("and \(NumberText.grouped(pairs.count - HTMLDocument.listedPairs)) further pairs")
    }
  }

  // MARK: - Drawing

  /// Adds a table of the rows and columns `shown`, followed by one row and one column for the classes `rest`.
  private mutating func addMatrix(
    _ matrix: ConfusionMatrix, _ classNames: [String], shown: [Int], rest: [Int]
  ) {
    let groups = shown.map { [$0] } + (rest.isEmpty ? [] : [rest])
    let names = groups.map { $0.count == 1 ? classNames[$0[0]] : "\($0.count) others" }
    let longest = names.map(\.count).max() ?? 0
    let isNarrow = longest <= 3 || (longest <= 14 && groups.count <= 6)
    var html = "<div class=\"table matrix\"><table>\n<thead><tr><th class=\"corner\">true \\ predicted</th>"
    for name in names { html += HTMLDocument.heading(name, htmlClass: isNarrow ? "" : "turned") }
    html += "</tr></thead>\n<tbody>\n"
    for (row, actual) in groups.enumerated() {
      html += "<tr>" + HTMLDocument.heading(names[row], htmlClass: "")
      let support = actual.reduce(0) { $0 + matrix.support(of: $1) }
      for (column, predicted) in groups.enumerated() {
        var count = 0
        for a in actual { for p in predicted { count += matrix[actual: a, predicted: p] } }
        guard count > 0 else {
          html += "<td></td>"
          continue
        }
        // The diagonal cell of the remaining classes counts correct predictions and mistakes together, so it has no
        // shade.
        let isMixed = row == column && actual.count > 1
        let shade = isMixed ? 0 : HTMLDocument.shade(count, of: support)
        let htmlClass = isMixed ? " class=\"rest\"" : row == column ? " class=\"hit\"" : ""
        let title = HTMLDocument.escaped("\(names[row]) → \(names[column]): \(count) of \(support)")
        html += "<td\(htmlClass) style=\"--s:\(shade)\" title=\"\(title)\">\(count)</td>"
      }
      html += "</tr>\n"
    }
    add(html + "</tbody></table></div>\n")
  }

  private static func heading(_ text: String, htmlClass: String) -> String {
    let attribute = htmlClass.isEmpty ? "" : " class=\"\(htmlClass)\""
    return "<th\(attribute)><span title=\"\(escaped(text))\">\(name(text))</span></th>"
  }

  /// The percentage of the page's color in a cell, at most 70, so that the numbers stay readable. The percentage grows
  /// with the square root of the share. Otherwise a share of one in ten would be hardly visible.
  private static func shade(_ count: Int, of support: Int) -> Int {
    support == 0 ? 0 : Int(70 * (Double(count) / Double(support)).squareRoot())
  }

  /// An image of the matrix with a square for each cell that is not empty.
  private static func heatMap(_ matrix: ConfusionMatrix, _ classNames: [String]) -> String {
    let n = matrix.classCount
    var svg =
      "<svg class=\"heat\" viewBox=\"0 0 \(n) \(n)\" role=\"img\" aria-label=\"Confusion matrix of \(n) classes\" "
      + "shape-rendering=\"crispEdges\">\n"
    for row in 0..<n {
      let support = matrix.support(of: row)
      for column in 0..<n {
        let count = matrix[actual: row, predicted: column]
        guard count > 0 else { continue }
        let share = NumberText.fixed(0.25 + 0.75 * Double(count) / Double(support), digits: 2)
        let title = escaped("\(classNames[row]) → \(classNames[column]): \(count) of \(support)")
        svg +=
          "<rect class=\"\(row == column ? "hit" : "miss")\" x=\"\(column)\" y=\"\(row)\" width=\"1\" "
          + "height=\"1\" opacity=\"\(share)\"><title>\(title)</title></rect>\n"
      }
    }
    return svg + "</svg>\n"
  }
}
