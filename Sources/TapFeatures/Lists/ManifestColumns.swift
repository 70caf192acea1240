// The header of a manifest.

import TapFileSystem
import TapFormats

/// The meaning of each field of a record.
struct ManifestColumns {
  private let count: Int
  private let path: Int
  private let label: Int?
  private let split: Int?
  private let group: Int?
  private let weight: Int?
  /// The indices of the user's own columns.
  private let own: [Int]
  /// The names of the user's own columns.
  let ownNames: [String]
  /// Notes on columns that replace a missing column.
  let notes: [String]

  /// Other names of columns. Another name is used if the usual name is missing.
  private static let otherNames = ["path": ["file", "filename", "image"], "label": ["class"]]

  /// Whether a line can be the first line of a table with a single column.
  static func namesPath(_ line: String) -> Bool {
    let name = trimmed(line).lowercased()
    return name == "path" || otherNames["path"]?.contains(name) ?? false
  }

  /// - Parameter labelField: the name of the column of labels, if it is not one of the usual names.
  init(_ header: CSVRecord, in file: String, labelField: String? = nil) throws(FeatureError) {
    func failed(_ problem: String) -> FeatureError {
      .manifest(path: file, line: header.line, problem: problem)
    }
    let shown = header.fields.map(Self.trimmed)
    let known = ["path", "label", "split", "group", "weight"]
    let names = shown.map { known.contains($0.lowercased()) ? $0.lowercased() : $0 }
    for name in names where !name.isEmpty && names.count(where: { $0.hasBytes(of: name) }) > 1 {
      throw failed("the column \(name) is there twice")
    }
    var notes: [String] = []
    var found: [String: Int] = [:]
    if let labelField {
      found["label"] = shown.firstIndex { $0.hasBytes(of: labelField) }
      guard found["label"] != nil else {
        throw failed("expected the column \(labelField) (--label-field), found \(shown.joined(separator: ","))")
      }
    }
    for name in known where found[name] == nil {
      if let index = names.firstIndex(of: name) {
        found[name] = index
        continue
      }
      let others = names.indices.filter {
        Self.otherNames[name]?.contains(names[$0].lowercased()) ?? false
      }
      if others.count > 1 {
        throw failed(
          "it has no column \(name), and \(others.map { shown[$0] }.joined(separator: " and ")) may be it: name one of them "
            + "\(name)")
      }
      guard let index = others.first else { continue }
      found[name] = index
      notes.append("the column \(shown[index]) is taken for the \(name)")
    }
    guard let path = found["path"] else {
      throw failed(
        "the first line must name the columns, path among them; found \(shown.joined(separator: ","))")
    }
    self.count = names.count
    self.path = path
    self.label = found["label"]
    self.split = found["split"]
    self.group = found["group"]
    self.weight = found["weight"]
    own = names.indices.filter { !found.values.contains($0) }
    ownNames = own.map { shown[$0] }
    self.notes = notes
  }

  /// A text without the blanks at its start and end.
  static func trimmed(_ name: String) -> String {
    String(decoding: name.utf8.drop { $0 == 0x20 }.reversed().drop { $0 == 0x20 }.reversed(), as: UTF8.self)
  }

  /// The fields of the user's own columns.
  func ownFields(_ record: CSVRecord) -> [String] { own.map { record.fields[$0] } }

  func item(_ record: CSVRecord, in file: String) throws(FeatureError) -> ImageItem {
    guard record.fields.count == count else {
      throw .manifest(
        path: file, line: record.line, problem: "expected \(count) fields, found \(record.fields.count)")
    }
    guard let path = field(self.path, record) else {
      throw .manifest(path: file, line: record.line, problem: "the path is empty")
    }
    var split: SplitName?
    if let text = field(self.split, record) {
      split = SplitName(name: text)
      guard split != nil else {
        throw .manifest(
          path: file, line: record.line,
          problem: "the split is \(text); expected train, val (or valid, validation) or test")
      }
    }
    var weight: Double?
    if let text = field(self.weight, record) {
      weight = ImageItem.weight(text)
      guard weight != nil else {
        throw .manifest(
          path: file, line: record.line,
          problem: "the weight is '\(text)'; expected \(ImageItem.weightExpectation)")
      }
    }
    return ImageItem(
      path: path, label: field(label, record), split: split, group: field(group, record), weight: weight)
  }

  private func field(_ index: Int?, _ record: CSVRecord) -> String? {
    guard let index, !record.fields[index].isEmpty else { return nil }
    return record.fields[index]
  }
}
