// Files of features from any program: .npy, .npz, the text format of SVMlight, and CSV. Labels are in the file or in a
// table beside it. Documentation/FeatureFiles.md describes the contents of each format.

import TapClassifier
import TapFeatures
import TapFileSystem
import TapFormats
import TapTensors

/// A matrix of features from a file, and the file's information about the rows.
public struct FeatureFile: Sendable {
  /// The formats of feature files.
  public enum Kind: String, Sendable {
    /// NumPy's format of one array.
    case npy
    /// NumPy's archive of arrays.
    case npz
    /// The text format of SVM-light and LIBSVM: a label, and `column:value` for each feature that is not zero.
    case svmlight
    /// Comma-separated values, with or without column names in the first line.
    case csv
  }

  /// How to read a file, and which of its parts to take. A nil name stands for the only candidate, or for the candidate
  /// with a usual name.
  public struct Names: Hashable, Sendable {
    /// The array of features in an .npz.
    public var array: String?
    /// The array of labels in an .npz, or the column of labels in a CSV.
    public var label: String?
    /// The array of sample weights in an .npz, or the column of sample weights in a CSV.
    public var weight: String?
    /// The index of the first column in the text format of SVMlight, 0 or 1. Nil stands for 0 if the text has an index
    /// 0, else for 1.
    public var indexBase: Int?
    /// The part to take from an .npz with `X_train` and `X_test`, if no array is named.
    public var part = SplitName.train

    /// Creates names of parts of a file.
    ///
    /// - Precondition: an index base is 0 or 1.
    public init(array: String? = nil, label: String? = nil, weight: String? = nil, indexBase: Int? = nil) {
      precondition(indexBase == nil || [0, 1].contains(indexBase), "columns counted from \(indexBase ?? 0)")
      self.array = array
      self.label = label
      self.weight = weight
      self.indexBase = indexBase
    }

    /// These names, completed for `classifier`. If these names have no index base, the index base is that of the
    /// classifier.
    public func reading(_ path: String, for classifier: Classifier) -> Names {
      var names = self
      if FeatureFile.kind(of: path) == .svmlight { names.indexBase = indexBase ?? classifier.indexBase }
      return names
    }
  }

  /// The maximum number of values that are read into memory. Text, and arrays that are not float32, become float32 in
  /// memory, which then takes at most 8 GiB.
  package static let valueLimit = SVMLight.valueLimit

  /// The path of the file.
  public let path: String
  /// The features, `[rows, dimensions]`. The values of a .npy with float32, or of an uncompressed float32 array in an
  /// .npz, stay on the disk.
  public let features: MatrixView
  /// The information about each row; nil if the file has none. A row without a path gets ``path(ofRow:)``.
  package let rows: [ImageItem]?
  /// The reason why the file has no labels. The text completes a sentence that begins with the file's name.
  let lackOfLabels: String
  /// Whether the columns of SVMlight text are counted from 0 or from 1; nil for other formats.
  let indexBase: Int?
  /// Notes on guesses and omissions. Each note says how to change the result.
  public let notes: [String]
  /// A note on arrays of an .npz that are not used but could be labels or weights; nil if there are none.
  let unused: String?

  init(
    path: String, features: MatrixView, rows: [ImageItem]?, lackOfLabels: String, indexBase: Int? = nil,
    notes: [String] = [], unused: String? = nil
  ) {
    self.path = path
    self.features = features
    self.rows = rows
    self.lackOfLabels = lackOfLabels
    self.indexBase = indexBase
    self.notes = notes
    self.unused = unused
  }

  /// The format of a file; nil if the file holds no features. The format follows from the file's name and, for a CSV,
  /// from the beginning of the file.
  ///
  /// A CSV holds features if its first line names no column `path` and the next line has numbers. A CSV with a column
  /// `path` is a list of images.
  public static func kind(of path: String) -> Kind? {
    switch FileSystem.fileExtension(of: path) {
    case "npy": .npy
    case "npz": .npz
    case "svm", "svmlight", "libsvm": .svmlight
    case "csv", "tsv": holdsFeatures(csv: path) ? .csv : nil
    default: nil
    }
  }

  /// Reads a file.
  ///
  /// - Parameters:
  ///   - names: how to read the file, and which of its parts to take.
  ///   - dimensions: the number of features of a row, if a model states it; SVMlight's text does not state it.
  /// - Throws: ``TrainingError``.
  public init(_ path: String, names: Names = Names(), dimensions: Int? = nil) throws(TrainingError) {
    func failed(_ problem: any CustomStringConvertible) -> TrainingError {
      .matrix(path: path, problem: problem.description)
    }
    let kind = Self.kind(of: path)
    if names.array != nil, kind != .npz { throw failed("--array names an array of an .npz file") }
    for (name, option) in [(names.label, "--label-name"), (names.weight, "--weight-name")]
    where name != nil && kind != .npz && kind != .csv {
      throw failed("\(option) names an array of an .npz file or a column of a CSV")
    }
    if names.indexBase != nil, kind != .svmlight {
      throw failed("--index-base says how SVMlight's text (.svm) counts columns")
    }
    if let label = names.label, label == names.weight {
      throw failed("--label-name and --weight-name both name '\(label)'")
    }
    switch kind {
    case .npz: self = try Self.npz(path, names)
    case .csv: self = try Self.csv(path, names, dimensions: dimensions)
    case .svmlight: self = try Self.svmlight(path, names, dimensions: dimensions)
    case .npy, nil: self = try Self.npy(path)
    }
    guard features.rows > 0 else { throw failed("it holds no rows") }
    guard features.columns > 0 else { throw failed("its rows hold no features") }
  }

  /// The path that stands for a row without a path: `row 5`.
  static func path(ofRow row: Int) -> String { "row \(row)" }

  /// The name of a row in the file; `row 5` if the row has no name.
  package func name(ofRow row: Int) -> String { rows?[row].path ?? Self.path(ofRow: row) }

  /// The error for a row whose scores are not finite.
  package func notFinite(row: Int) -> TrainingError { .notFinite(name(ofRow: row), features, row: row) }

  static func mapped(_ path: String) throws(TrainingError) -> MappedFile {
    do { return try MappedFile(path: path) } catch { throw .file(error) }
  }

  private static func npy(_ path: String) throws(TrainingError) -> FeatureFile {
    let file = try mapped(path)
    let features: MatrixView
    let rounded: [Int]
    do {
      features = try matrix(file, 0..<file.count)
      rounded = try file.withBytes { bytes throws(NPYError) in try NPY.roundedColumns(bytes) }
    } catch { throw .matrix(path: path, problem: error.description) }
    return FeatureFile(
      path: path, features: features, rows: nil, lackOfLabels: "",
      notes: rounding(path, rounded.map(String.init)))
  }

  private static func svmlight(
    _ path: String, _ names: Names, dimensions: Int?
  ) throws(TrainingError) -> FeatureFile {
    let file = try mapped(path)
    let rows: SVMLight.Rows
    do {
      rows = try file.withBytes { bytes throws(SVMLightError) in
        try SVMLight.read(bytes, columns: dimensions, base: names.indexBase)
      }
    } catch { throw .matrix(path: path, problem: error.description) }
    return FeatureFile(
      path: path,
      features: MatrixView(rows: rows.labels.count, columns: rows.columns, elements: rows.elements),
      rows: rows.labels.indices.map {
        ImageItem(
          path: Self.path(ofRow: $0), label: rows.labels[$0], group: rows.groups[$0], weight: rows.weights[$0]
        )
      }, lackOfLabels: "", indexBase: rows.indexBase,
      notes: (rows.isBaseGuessed
        ? ["\(path): no index is 0, so columns are counted from 1; if from 0, say --index-base 0"] : [])
        + rounding(path, rows.roundedColumns.map { String($0 + rows.indexBase) }))
  }

  /// A note on columns whose values float32 cannot represent exactly; empty if there are no such columns.
  static func rounding(_ path: String, _ columns: [String]) -> [String] {
    guard !columns.isEmpty else { return [] }
    return [
      "\(path): float32 rounds away differences within \(columns.count == 1 ? "column" : "\(columns.count) columns:") "
        + "\(list(columns)); subtract the mean before saving to keep them"
    ]
  }

  /// A matrix from the bytes of an .npy file that are part of a mapped file. Aligned float32 values in row-major order
  /// stay in the mapped file. All other values are copied.
  static func matrix(_ file: MappedFile, _ range: Range<Int>) throws(NPYError) -> MatrixView {
    let start = range.lowerBound
    return try file.withBytes { bytes throws(NPYError) in
      let part = bytes.extracting(range)
      let (header, offset) = try NPYHeader.parse(part)
      let isInPlace = header.elementType == .float32 && !header.fortranOrder && (start + offset) % 4 == 0
      guard isInPlace, header.shape.count == 2, let count = header.elementCount,
        count <= (part.count - offset) / 4
      else { return try matrix(part) }
      return MatrixView(file, offset: start + offset, rows: header.shape[0], columns: header.shape[1])
    }
  }

  /// A matrix copied from the bytes of an .npy file.
  static func matrix(_ bytes: Span<UInt8>) throws(NPYError) -> MatrixView {
    let shape = try NPYHeader.parse(bytes).header.shape
    guard shape.count == 2 else { throw .shape(expected: "two axes [rows, dimensions]", found: shape) }
    let elements = try NPY.readFloats(bytes).elements
    return MatrixView(rows: shape[0], columns: shape[1], elements: elements)
  }
}
