// A bare matrix: X.npy, and a CSV that says what each row is.

import TapFeatures
import TapFileSystem
import TapFormats
import TapTensors

extension LabelledFeatures {
  /// Reads a float matrix `[rows, dimensions]` and the labels of its rows.
  ///
  /// - Parameters:
  ///   - matrix: a `.npy` file of floats with two axes.
  ///   - labels: a CSV with one line a row, in the order of the rows, below a header that names the
  ///     columns: `label`, and any of `path`, `split`, `group`. Nil is the `.csv` beside the matrix, as
  ///     `layertap extract --output` writes it.
  /// - Throws: ``TrainingError``.
  public init(matrix: String, labels: String? = nil) throws(TrainingError) {
    let file: MappedFile
    do { file = try MappedFile(path: matrix) } catch { throw .file(error) }
    let content: (shape: [Int], elements: [Float])
    do {
      content = try file.withBytes { bytes throws(NPYError) in try NPY.readFloats(bytes) }
    } catch { throw .matrix(path: matrix, problem: error.description) }
    guard content.shape.count == 2 else {
      throw .matrix(
        path: matrix,
        problem: "expected two axes [rows, dimensions], found shape \(content.shape)")
    }
    let (rows, columns) = (content.shape[0], content.shape[1])
    let table = labels ?? Self.tableBeside(matrix)
    let described = try LabelTable(path: table, isGiven: labels != nil)
    guard described.items.count == rows else {
      throw .labelCount(path: table, expected: rows, found: described.items.count)
    }
    let view = MatrixView(rows: rows, columns: columns, elements: content.elements)
    let items = described.items.enumerated().map { row, item in
      Item(
        path: item.path.isEmpty ? "row \(row)" : item.path, label: item.label, split: item.split,
        group: item.group, row: row, contentHash: view.hash(ofRow: row))
    }
    self.init(items: items, candidates: [Candidate(column: nil, features: view)], identity: nil)
  }

  /// `features.csv` for `features.npy`.
  static func tableBeside(_ matrix: String) -> String {
    (matrix.hasSuffix(".npy") ? String(matrix.dropLast(4)) : matrix) + ".csv"
  }
}

extension MatrixView {
  /// SHA-256, in hexadecimal, of a row's bytes.
  fileprivate func hash(ofRow row: Int) -> String {
    withRow(row) { values in
      var bytes: [UInt8] = []
      bytes.reserveCapacity(4 * values.count)
      for j in values.indices { bytes.append(littleEndian: values[j].bitPattern) }
      return SHA256.hash(bytes).hex
    }
  }
}

/// A CSV that describes rows in order.
private struct LabelTable {
  let items: [ImageItem]

  init(path: String, isGiven: Bool) throws(TrainingError) {
    let bytes: [UInt8]
    do { bytes = try FileSystem.read(path) } catch {
      throw isGiven || !error.isMissing ? .file(error) : .labelsMissing(path: path)
    }
    let records: [CSVRecord]
    do { records = try CSV.records(bytes) } catch { throw .labels(path: path, problem: error.description) }
    guard let header = records.first?.fields, let label = header.firstIndex(of: "label") else {
      throw .labels(path: path, problem: "the first line must name the columns, label among them")
    }
    let columns = ["path", "split", "group"].map(header.firstIndex)
    var items: [ImageItem] = []
    for record in records.dropFirst() {
      guard record.fields.count == header.count else {
        throw .labels(
          path: path,
          problem: "line \(record.line): expected \(header.count) fields, found \(record.fields.count)")
      }
      func field(_ index: Int?) -> String? {
        index.map { record.fields[$0] }.flatMap { $0.isEmpty ? nil : $0 }
      }
      let split = field(columns[1])
      if let split, SplitName(name: split) == nil {
        throw .labels(
          path: path, problem: "line \(record.line): the split is \(split); expected train, val or test")
      }
      items.append(
        ImageItem(
          path: field(columns[0]) ?? "", label: field(label), split: split.flatMap(SplitName.init(name:)),
          group: field(columns[2])))
    }
    self.items = items
  }
}
