// The similarity of layers as text for a terminal, and as CSV.

import TapComparison
import TapFormats
import TapText

extension LayerSimilarity {
  /// The table of columns, then the table of the similarity of each pair.
  package var text: String {
    [headline, columnTable.text, Self.alignmentHeading, pairTable(alignment).text].joined(separator: "\n\n")
  }

  private static let alignmentHeading =
    "linear CKA (unbiased): 1 for the same geometry of the images, 0 for unrelated ones"

  var headline: String {
    var parts = ["\(NumberText.grouped(images)) images", "\(entries.count) columns"]
    if classes > 1 {
      parts.append(
        "\(classes) classes"
          + (labeledImages < images ? " of \(NumberText.grouped(labeledImages)) labeled images" : ""))
    }
    return parts.joined(separator: ", ")
  }

  private var columnTable: TextTable {
    let isSeparated = classes > 1
    var table = TextTable(
      [("", .right), ("column", .left), ("dimensions", .right), ("effective rank", .right)]
        + (isSeparated ? [("class separation", TextTable.Alignment.right)] : []))
    for (index, entry) in entries.enumerated() {
      table.add(
        [
          "\(index + 1)", entry.name, NumberText.grouped(entry.dimensions),
          entry.effectiveRank.map { NumberText.fixed($0, digits: 1) } ?? "-",
        ] + (isSeparated ? [Self.cell(entry.classSeparation)] : []))
    }
    return table
  }

  /// A table with a row and a column for each column of features, numbered as in the first table.
  package func pairTable(_ values: [[Double?]]) -> TextTable {
    var table = TextTable([("", .right)] + entries.indices.map { ("\($0 + 1)", TextTable.Alignment.right) })
    for (index, row) in values.enumerated() { table.add(["\(index + 1)"] + row.map(Self.cell)) }
    return table
  }

  private static func cell(_ value: Double?) -> String { value.map { NumberText.fixed($0, digits: 3) } ?? "-" }

  /// The similarity of each pair as a table with the names of the columns in its first line and its first field.
  package var csv: String {
    var text = CSV.line([""] + entries.map(\.name))
    for (entry, row) in zip(entries, alignment) {
      text += CSV.line([entry.name] + row.map { $0.map { "\($0)" } ?? "" })
    }
    return text
  }

  /// The result as JSON.
  ///
  /// - Parameters:
  ///   - more: further fields.
  ///   - warnings: the warnings of the command.
  package func json(_ more: [String: JSONValue], warnings: [String]) -> JSONValue {
    var fields: [String: JSONValue] = [
      "images": .integer(images), "labeledImages": .integer(labeledImages), "classes": .integer(classes),
      "columns": .array(
        entries.map { entry in
          .object([
            "name": .string(entry.name), "dimensions": .integer(entry.dimensions),
            "effectiveRank": entry.effectiveRank.map(JSONValue.number) ?? .null,
            "classSeparation": entry.classSeparation.map(JSONValue.number) ?? .null,
          ])
        }),
      "cka": Self.json(alignment), "warnings": .array(warnings.map(JSONValue.string)),
    ]
    fields.merge(more) { _, new in new }
    return .object(fields)
  }

  /// A table of pairs as JSON; null for a pair without a value.
  package static func json(_ values: [[Double?]]) -> JSONValue {
    .array(values.map { row in .array(row.map { $0.map(JSONValue.number) ?? .null }) })
  }
}
