// NumPy's archives, which np.savez and np.savez_compressed write. An archive holds X and y together.

import TapFeatures
import TapFileSystem
import TapFormats
import TapTensors

extension FeatureFile {
  /// The usual names of features and of labels. If an archive has several arrays, the array with the first of these
  /// names is taken.
  private static let featureNames = ["X", "x", "features", "embeddings", "data"]
  private static let labelNames = ["y", "labels", "label", "target", "targets"]

  private static let weightNames = ["weight", "weights", "sample_weight"]

  /// The name without its ending, and the part that the ending names. `X_test` gives `X` and test. The part is nil if
  /// the ending names no part.
  private static func part(_ name: String) -> (base: String, part: SplitName?) {
    guard let line = name.lastIndex(of: "_"),
      let part = SplitName(name: String(name[name.index(after: line)...]))
    else { return (name, nil) }
    return (String(name[..<line]), part)
  }

  /// An array of an archive.
  private struct Entry {
    let name: String
    let description: NPYDescription
    /// The range of the entry's bytes in the file; nil if the entry is compressed.
    let range: Range<Int>?
    /// The unpacked bytes of a compressed entry; empty if the entry is not compressed.
    let unpacked: [UInt8]

    var shape: [Int] { description.shape }
    var text: String { "\(name) \(shape)" }

    /// Whether the array has one axis, or one column.
    var isColumn: Bool { shape.count == 1 || shape.count == 2 && shape[1] == 1 }

    var part: SplitName? { FeatureFile.part(name).part }

    func isColumn(of rows: Int) -> Bool { isColumn && shape[0] == rows }

    /// Calls `body` with the entry's bytes and returns its result.
    func read<Value>(
      _ file: MappedFile, _ body: (Span<UInt8>) throws(NPYError) -> Value
    ) throws(NPYError) -> Value {
      guard let range else { return try body(unpacked.span) }
      return try file.withBytes { bytes throws(NPYError) in try body(bytes.extracting(range)) }
    }
  }

  static func npz(_ path: String, _ names: Names) throws(TrainingError) -> FeatureFile {
    func failed(_ problem: String) -> TrainingError { .matrix(path: path, problem: problem) }
    let file = try mapped(path)
    let entries = try entries(of: file, path: path, only: names)
    let list = entries.map(\.text).joined(separator: ", ")
    guard !entries.isEmpty else { throw failed("it holds no arrays") }
    func named(_ name: String, _ option: String) throws(TrainingError) -> Entry {
      guard let entry = entries.first(where: { $0.name == name }) else {
        throw failed("it has no array '\(name)' (\(option)); its arrays are \(list)")
      }
      return entry
    }

    let chosen: Entry
    if let name = names.array {
      chosen = try named(name, "--array")
    } else {
      let matrices = entries.filter { $0.shape.count == 2 && $0.name != names.label }
      let usual = first(of: featureNames, in: matrices, part: names.part == .test ? .test : nil)
      guard let found = matrices.count == 1 ? matrices[0] : usual else {
        throw failed(
          matrices.isEmpty
            ? "it has no array with two axes [rows, dimensions]; its arrays are \(list)"
            : "which array holds the features? Name it with --array; its arrays are \(list)")
      }
      chosen = found
    }
    let features: MatrixView
    let rounded: [Int]
    do {
      if let range = chosen.range {
        features = try matrix(file, range)
      } else {
        let bytes = chosen.unpacked
        features = try matrix(bytes.span)
      }
      rounded = try chosen.read(file) { bytes throws(NPYError) in try NPY.roundedColumns(bytes) }
    } catch { throw failed("array '\(chosen.name)': \(error.description)") }

    // Arrays of another part describe other rows, even if they have the same number of rows.
    let rest = entries.filter { $0.name != chosen.name }
    let others = rest.filter { chosen.part == nil || $0.part == nil || $0.part == chosen.part }
    var label: Entry?
    if let name = names.label {
      label = try named(name, "--label-name")
    } else {
      label = first(of: labelNames, in: others.filter { $0.name != names.weight }, part: chosen.part)
    }
    var weight: Entry?
    if let name = names.weight {
      weight = try named(name, "--weight-name")
    } else {
      weight = first(
        of: weightNames, in: others.filter { $0.isColumn && $0.name != label?.name }, part: chosen.part)
    }
    let weights = try weight.map { entry throws(TrainingError) in
      try Self.weights(entry, of: file, path: path, rows: features.rows, features: chosen.name)
    }
    let columns = others.filter { $0.isColumn(of: features.rows) && $0.name != weight?.name }
    if label == nil, columns.count == 1 { label = columns[0] }
    let used = Set([chosen.name, label?.name, weight?.name].compactMap(\.self))
    let (partNote, unused) = leftOver(
      rest.filter { !used.contains($0.name) }, chosen: chosen, label: label, path: path)
    let notes = partNote + rounding(path, rounded.map(String.init))
    guard let label else {
      return FeatureFile(
        path: path, features: features,
        rows: weights.map { weights in
          weights.enumerated().map { ImageItem(path: Self.path(ofRow: $0), weight: $1) }
        },
        lackOfLabels: columns.isEmpty
          ? "has no array of \(features.rows) labels (its arrays are \(list))"
          : "has several arrays that may be labels (its arrays are \(list)): name one with --label-name",
        notes: notes, unused: unused)
    }
    guard label.isColumn(of: features.rows) else {
      throw failed(
        "the labels '\(label.name)' have shape \(label.shape), and '\(chosen.name)' has \(features.rows) rows: "
          + "expected one label a row")
    }
    let labels: [String]
    do {
      labels = try label.read(file) { bytes throws(NPYError) in try NPY.readLabels(bytes).labels }
    } catch { throw failed("array '\(label.name)': \(error.description)") }
    return FeatureFile(
      path: path, features: features,
      rows: labels.enumerated().map {
        ImageItem(path: Self.path(ofRow: $0), label: $1.isEmpty ? nil : $1, weight: weights?[$0])
      },
      lackOfLabels: "", notes: notes, unused: unused)
  }

  /// The first entry with a usual name. Entries of the wanted part come first, then entries of no part, then entries of
  /// the training part.
  private static func first(of names: [String], in entries: [Entry], part: SplitName?) -> Entry? {
    for wanted in [part, nil, .train] {
      for name in names {
        if let entry = entries.first(where: { Self.part($0.name) == (name, wanted) }) { return entry }
      }
    }
    return nil
  }

  /// Notes on arrays that are not used. If there are several parts, a note says which part is taken. If several arrays
  /// have one value for each row, a note says which of these arrays are not used.
  private static func leftOver(
    _ entries: [Entry], chosen: Entry, label: Entry?, path: String
  ) -> (part: [String], unused: String?) {
    let options = "; --array, --label-name and --weight-name choose"
    let otherParts = entries.filter { $0.part != nil && $0.part != chosen.part }
    let columns = entries.filter {
      $0.isColumn(of: chosen.shape[0]) && !otherParts.map(\.name).contains($0.name)
    }
    func text(_ entries: [Entry]) -> String { entries.map(\.text).joined(separator: ", ") }
    if !otherParts.isEmpty {
      let labels = label.map { " and '\($0.name)'" } ?? ""
      return (
        ["\(path): '\(chosen.name)'\(labels) are taken; not used: \(text(otherParts + columns))\(options)"],
        nil
      )
    }
    return ([], columns.isEmpty ? nil : "\(path): not used: \(text(columns))\(options)")
  }

  /// The sample weights in an array: one weight for each row, finite and at least 0.
  private static func weights(
    _ entry: Entry, of file: MappedFile, path: String, rows: Int, features: String
  ) throws(TrainingError) -> [Double] {
    guard entry.isColumn(of: rows) else {
      throw .matrix(
        path: path,
        problem: "the weights '\(entry.name)' have shape \(entry.shape), and '\(features)' has \(rows) rows: "
          + "expected one weight a row")
    }
    let weights: [Double]
    do {
      weights = try entry.read(file) { bytes throws(NPYError) in try NPY.readDoubles(bytes).elements }
    } catch { throw .matrix(path: path, problem: "array '\(entry.name)': \(error.description)") }
    if let row = weights.firstIndex(where: { !($0.isFinite && $0 >= 0) }) {
      throw .matrix(
        path: path,
        problem: "array '\(entry.name)': the weight of row \(row) is \(weights[row].dataText); expected "
          + ImageItem.weightExpectation)
    }
    return weights
  }

  /// The arrays of an archive. Uncompressed arrays stay in the file, and compressed arrays are unpacked. If the names
  /// of features and labels are given, only the named arrays are unpacked.
  private static func entries(
    of file: MappedFile, path: String, only names: Names
  ) throws(TrainingError) -> [Entry] {
    func failed(_ problem: String) -> TrainingError { .matrix(path: path, problem: problem) }
    let archive: ZipArchive
    do {
      archive = try file.withBytes { bytes throws(ZipError) in try ZipArchive(bytes) }
    } catch { throw failed(error.description) }
    var entries: [Entry] = []
    for entry in archive.entries where entry.name.hasSuffix(".npy") {
      let name = String(entry.name.dropLast(4))
      if let array = names.array, let label = names.label,
        ![array, label].contains(name), names.weight != name,
        names.weight != nil || !weightNames.contains(part(name).base)
      {
        continue
      }
      let range: Range<Int>?
      var unpacked: [UInt8] = []
      do {
        range = try file.withBytes { bytes throws(ZipError) in try archive.storedRange(of: entry, in: bytes) }
        if range == nil {
          unpacked = try file.withBytes { bytes throws(ZipError) in
            try archive.contents(of: entry, in: bytes, limit: 4 * valueLimit)
          }
        }
      } catch { throw failed(error.description) }
      let description: NPYDescription
      do {
        if let range {
          description = try file.withBytes { bytes throws(NPYError) in
            try NPYHeader.describe(bytes.extracting(range))
          }
        } else {
          description = try NPYHeader.describe(unpacked.span)
        }
      } catch { throw failed("array '\(name)': \(error.description)") }
      entries.append(Entry(name: name, description: description, range: range, unpacked: unpacked))
    }
    return entries
  }
}
