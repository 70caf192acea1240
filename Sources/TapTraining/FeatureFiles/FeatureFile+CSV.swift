// Features in CSV: one column of numbers for each feature, and columns that describe the row.

import TapFeatures
import TapFileSystem
import TapFormats
import TapTensors

extension FeatureFile {
  /// Columns with these names do not hold features. All other columns hold features.
  private static let descriptive = ["label", "id", "split", "group", "weight"]

  /// Whether a CSV holds features, and is not a list of image paths.
  static func holdsFeatures(csv path: String) -> Bool {
    guard let file = try? MappedFile(path: path) else { return false }
    // Two lines are enough to decide, and a line of 100,000 numbers is shorter than this limit.
    let beginning = file.withBytes { $0.values(UInt8.self, at: 0, count: min($0.count, 1 << 21)) }
    guard var reader = try? CSVReader(table: beginning), let first = try? reader.nextSlices(),
      first.fields.count > 1
    else { return false }
    if isNumeric(first.fields) { return true }
    let header = first.fields.map { String(decoding: trimmed($0), as: UTF8.self) }
    guard !header.contains(where: { $0.lowercased() == "path" }) else { return false }
    // If there are no rows, only a column of labels identifies a file of features. The reader then reports the missing
    // rows.
    guard let second = try? reader.nextSlices() else { return header.contains("label") }
    // A list of images may have other column names, and its classes may be numbers.
    let isListed = header.contains { ["file", "filename", "image"].contains($0.lowercased()) }
    return zip(header, second.fields).contains { name, field in
      !descriptive.contains(isListed ? name.lowercased() : name) && !isNameless(name)
        && !(isListed && name.lowercased() == "class") && number(field) != nil
    }
  }

  private static func number(_ field: ArraySlice<UInt8>) -> Double? { DecimalText.double(trimmed(field)) }

  private static func trimmed(_ field: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    var field = field
    while field.first == 0x20 { field.removeFirst() }
    while field.last == 0x20 { field.removeLast() }
    return field
  }

  /// Bytes that are not text are an error. If such bytes were replaced, different names could become equal.
  private static func text(_ field: ArraySlice<UInt8>, line: Int) throws(CSVError) -> String {
    guard let text = String(validating: field, as: UTF8.self) else { throw .invalidText(line: line) }
    return text
  }

  private static func isNumeric(_ fields: [ArraySlice<UInt8>]) -> Bool {
    fields.allSatisfy { number($0) != nil }
  }

  /// Whether a column has no name of its own in the header. pandas writes such names as empty, or as `Unnamed: 0`.
  private static func isNameless(_ name: String) -> Bool {
    let prefix = "Unnamed: "
    return name.utf8.allSatisfy { $0 == 0x20 }
      || name.hasPrefix(prefix) && UInt(name.dropFirst(prefix.count)) != nil
  }

  /// Reads a CSV.
  ///
  /// - Parameters:
  ///   - names: the names of columns, or their numbers from 1 if no line names columns. Nil stands for `label` or
  ///     `weight`.
  ///   - dimensions: the number of features of a row, if a model states it.
  static func csv(
    _ path: String, _ names: Names, dimensions: Int?
  ) throws(TrainingError) -> FeatureFile {
    func failed(_ problem: String) -> TrainingError { .matrix(path: path, problem: problem) }
    let bytes: [UInt8]
    do { bytes = try FileSystem.read(path) } catch { throw .file(error) }
    var table = Table()
    do {
      var reader = try CSVReader(table: bytes)
      while let record = try reader.nextSlices() {
        if table.width == 0 {
          let isHeader = !isNumeric(record.fields)
          try table.begin(
            isHeader
              ? record.fields.map { (field) throws in try Self.text(trimmed(field), line: record.line) }
              : nil,
            width: record.fields.count, names)
          if isHeader { continue }
        }
        try table.add(record)
      }
      try table.leaveOutCount(dimensions: dimensions)
    } catch let error as CSVError {
      throw failed(error.description)
    } catch let error as CSVFeatureError {
      throw failed(error.description)
    } catch { throw failed("\(error)") }
    let named = table.header.map { "its columns are \(Self.list($0))" } ?? "no line names its columns"
    return FeatureFile(
      path: path,
      features: MatrixView(
        rows: table.rows.count, columns: table.featureColumns.count, elements: table.elements),
      rows: table.describesRows ? table.rows : nil,
      lackOfLabels: table.labelColumn == nil
        ? "has no column 'label' (\(named)): name it with --label-name" : "",
      notes: table.notes.map { "\(path): \($0)" } + rounding(path, table.roundedColumns))
  }

  static func list(_ names: [String]) -> String {
    names.prefix(8).joined(separator: ", ") + (names.count > 8 ? " and \(names.count - 8) more" : "")
  }

  /// The rows read so far.
  private struct Table {
    private(set) var width = 0
    private(set) var header: [String]?
    private(set) var featureColumns: [Int] = []
    private(set) var labelColumn: Int?
    private var columns: [Int?] = []
    private(set) var rows: [ImageItem] = []
    private(set) var elements: [Float] = []
    /// Notes on omitted columns. Each note says how to keep the column.
    private(set) var notes: [String] = []
    /// The first feature of the first row, if the first feature grows by one from each row to the next. Otherwise nil.
    private var count: Int?
    private var watch = RoundingWatch(columns: 0)

    var describesRows: Bool { labelColumn != nil || columns.contains { $0 != nil } }

    mutating func begin(_ header: [String]?, width: Int, _ chosen: Names) throws(CSVFeatureError) {
      self.width = width
      self.header = header
      let named = header.map { $0.filter { !FeatureFile.isNameless($0) } } ?? []
      if let twice = named.first(where: { name in named.count { $0 == name } > 1 }) {
        throw .columnTwice(twice)
      }
      labelColumn = try column(chosen.label, option: "--label-name") ?? header?.firstIndex(of: "label")
      let weights = try column(chosen.weight, option: "--weight-name") ?? header?.firstIndex(of: "weight")
      columns =
        ["id", "split", "group"].map { name in header?.firstIndex(of: name) }
        + [weights == labelColumn ? nil : weights]
      featureColumns = (0..<width).filter { $0 != labelColumn && !columns.contains($0) }
      defer { watch = RoundingWatch(columns: width) }
      guard let header else { return }
      let nameless = featureColumns.filter { FeatureFile.isNameless(header[$0]) }
      guard !nameless.isEmpty else { return }
      featureColumns.removeAll(where: nameless.contains)
      notes.append(
        nameless.count == 1
          ? "column \(nameless[0] + 1), which has no name of its own, is left out; give it one to keep it"
          : "\(nameless.count) columns without a name of their own are left out; give them one to keep them")
    }

    /// Omits the first column if it counts the rows, like an index that was written with the features.
    ///
    /// - Parameter dimensions: the number of features of a model; nil if there is no model. With a model, the first
    ///   column is omitted only if the file has one column more than the model. In that case the count may start at any
    ///   number, because the rows may be a part of the counted rows.
    mutating func leaveOutCount(dimensions: Int?) throws(CSVFeatureError) {
      guard let header, featureColumns.first == 0, let count else { return }
      let isCount =
        if let dimensions {
          featureColumns.count == dimensions + 1 && ((0...1).contains(count) || rows.count > 1)
        } else {
          (0...1).contains(count) && rows.count > 2
        }
      guard isCount else { return }
      guard featureColumns.count > 1 else { throw .onlyCount(header[0]) }
      let width = featureColumns.count
      var kept = 0
      for index in elements.indices where !index.isMultiple(of: width) {
        elements[kept] = elements[index]
        kept += 1
      }
      elements.removeLast(elements.count - kept)
      featureColumns.removeFirst()
      notes.append(
        "the first column, '\(header[0])', counts the rows and is left out; put it behind another to keep it")
    }

    var roundedColumns: [String] {
      watch.columns(rows: rows.count).filter(featureColumns.contains).map { header?[$0] ?? "\($0 + 1)" }
    }

    private mutating func follow(_ value: Double) {
      if rows.isEmpty {
        count = Int(exactly: value)
      } else if let first = count, value != Double(first) + Double(rows.count) {
        count = nil
      }
    }

    /// The column that an option names; nil if the option names no column.
    private func column(_ name: String?, option: String) throws(CSVFeatureError) -> Int? {
      guard let name else { return nil }
      let found =
        header.map { $0.firstIndex(of: name) } ?? Int(name).flatMap { (1...width) ~= $0 ? $0 - 1 : nil }
      guard let found else { throw .noColumn(name, option: option, header: header, width: width) }
      return found
    }

    mutating func add(_ record: (line: Int, fields: [ArraySlice<UInt8>])) throws {
      let (line, fields) = record
      guard fields.count == width else {
        throw CSVFeatureError.fieldCount(line: line, expected: width, found: fields.count)
      }
      for column in featureColumns {
        guard let value = DecimalText.double(FeatureFile.trimmed(fields[column])) else {
          throw CSVFeatureError.notANumber(
            line: line, column: header?[column] ?? "\(column + 1)",
            text: String(decoding: fields[column], as: UTF8.self), isLabelKnown: labelColumn != nil)
        }
        if column == 0 { follow(value) }
        watch.add(value, column: column)
        elements.append(Float(value))
      }
      guard elements.count <= FeatureFile.valueLimit else {
        throw CSVFeatureError.tooManyValues(line: line, limit: FeatureFile.valueLimit)
      }
      func text(_ column: Int?) throws(CSVError) -> String? {
        guard let column else { return nil }
        let text = try FeatureFile.text(FeatureFile.trimmed(fields[column]), line: line)
        return text.isEmpty ? nil : text
      }
      let split = try text(columns[1])
      if let split, SplitName(name: split) == nil { throw CSVFeatureError.split(line: line, text: split) }
      let weight = try text(columns[3])
      if let weight, ImageItem.weight(weight) == nil {
        throw CSVFeatureError.weight(line: line, text: weight)
      }
      rows.append(
        ImageItem(
          path: try text(columns[0]) ?? FeatureFile.path(ofRow: rows.count), label: try text(labelColumn),
          split: split.flatMap(SplitName.init(name:)), group: try text(columns[2]),
          weight: weight.flatMap(ImageItem.weight)))
    }
  }
}

/// The reason why a CSV holds no readable features.
private enum CSVFeatureError: Error, Equatable, CustomStringConvertible {
  case columnTwice(String)
  case onlyCount(String)
  case noColumn(String, option: String, header: [String]?, width: Int)
  case fieldCount(line: Int, expected: Int, found: Int)
  case notANumber(line: Int, column: String, text: String, isLabelKnown: Bool)
  case tooManyValues(line: Int, limit: Int)
  case split(line: Int, text: String)
  case weight(line: Int, text: String)

  var description: String {
    switch self {
    case .columnTwice(let name): "two columns are named '\(name)'"
    case .onlyCount(let name):
      "'\(name)', its only column of features, counts the rows: expected columns of features beside it"
    case .noColumn(let name, let option, let header?, _):
      "it has no column '\(name)' (\(option)); its columns are \(FeatureFile.list(header))"
    case .noColumn(let name, let option, nil, let width):
      "it has no column '\(name)' (\(option)): no line names columns, so give a number from 1 to \(width)"
    case .fieldCount(let line, let expected, let found):
      "line \(line): expected \(expected) fields, found \(found)"
    case .notANumber(let line, let column, let text, let isLabelKnown):
      text.isEmpty
        ? "line \(line), column '\(column)': the field is empty; expected a number"
        : "line \(line), column '\(column)': '\(text)' is not a number"
          + (isLabelKnown ? "" : "; if the column holds the labels, say --label-name '\(column)'")
    case .tooManyValues(let line, let limit):
      "line \(line): more than \(limit) values are not read from text; write them as float32 .npy, which stays on the disk"
    case .weight(let line, let text):
      "line \(line): the weight is '\(text)'; expected \(ImageItem.weightExpectation)"
    case .split(let line, let text): "line \(line): the split is \(text); expected train, val or test"
    }
  }
}
