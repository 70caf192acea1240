// NumPy's archives: X and y together, as np.savez and np.savez_compressed write them.

import TapFeatures
import TapFileSystem
import TapFormats
import TapTensors

extension FeatureFile {
  /// Taken for features, or for labels, where several arrays could be; the first that is there.
  private static let featureNames = ["X", "x", "features", "embeddings", "data", "X_train", "x_train"]
  private static let labelNames = ["y", "labels", "label", "target", "targets", "y_train"]

  private static let weightNames = ["weight", "weights", "sample_weight"]

  /// An array of an archive.
  private struct Entry {
    let name: String
    let description: NPYDescription
    /// Where it lies if it is not compressed.
    let range: Range<Int>?
    /// What it was unpacked to if it is.
    let unpacked: [UInt8]

    var shape: [Int] { description.shape }
    var text: String { "\(name) \(shape)" }

    /// One axis, or one column.
    var isColumn: Bool { shape.count == 1 || shape.count == 2 && shape[1] == 1 }

    func isColumn(of rows: Int) -> Bool { isColumn && shape[0] == rows }

    /// What `body` makes of its bytes.
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
      let usual = featureNames.compactMap { name in matrices.first { $0.name == name } }.first
      guard let found = matrices.count == 1 ? matrices[0] : usual else {
        throw failed(
          matrices.isEmpty
            ? "it has no array with two axes [rows, dimensions]; its arrays are \(list)"
            : "which array holds the features? Name it with --array; its arrays are \(list)")
      }
      chosen = found
    }
    let features: MatrixView
    do {
      if let range = chosen.range {
        features = try matrix(file, range)
      } else {
        let bytes = chosen.unpacked
        features = try matrix(bytes.span)
      }
    } catch { throw failed("array '\(chosen.name)': \(error.description)") }

    let others = entries.filter { $0.name != chosen.name }
    var label: Entry?
    if let name = names.label {
      label = try named(name, "--label-name")
    } else {
      label = labelNames.compactMap { name in others.first { $0.name == name && name != names.weight } }.first
    }
    var weight: Entry?
    if let name = names.weight {
      weight = try named(name, "--weight-name")
    } else {
      weight =
        weightNames.compactMap { name in
          others.first { $0.name == name && $0.isColumn && name != label?.name }
        }.first
    }
    let weights = try weight.map { entry throws(TrainingError) in
      try Self.weights(entry, of: file, path: path, rows: features.rows, features: chosen.name)
    }
    let columns = others.filter { $0.isColumn(of: features.rows) && $0.name != weight?.name }
    if label == nil, columns.count == 1 { label = columns[0] }
    guard let label else {
      return FeatureFile(
        path: path, features: features, rows: weights.map { $0.map { Row(weight: $0) } },
        lackOfLabels: columns.isEmpty
          ? "has no array of \(features.rows) labels (its arrays are \(list))"
          : "has several arrays that may be labels (its arrays are \(list)): name one with --label-name")
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
      rows: labels.enumerated().map { Row(label: $1.isEmpty ? nil : $1, weight: weights?[$0]) },
      lackOfLabels: "")
  }

  /// The sample weights in an array: one a row, finite and at least 0.
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
        problem: "array '\(entry.name)': the weight of row \(row) is \(weights[row]); expected "
          + ImageItem.weightExpectation)
    }
    return weights
  }

  /// The arrays of an archive. Those that are stored plainly stay where they are; the others are unpacked, and where features
  /// and labels are named only those that are asked for.
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
        !([array, label] + (names.weight.map { [$0] } ?? weightNames)).contains(name)
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
