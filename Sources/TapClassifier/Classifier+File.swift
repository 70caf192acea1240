// The model file, formats 1 and 2: one safetensors file.
//
//     weights        F32 [classes, dimensions]   for raw features
//     bias           F32 [classes]
//     scaler.offset  F32 [dimensions]            already folded into weights and bias
//     scaler.scale   F32 [dimensions]
//     golden.scores  F32 [classes]               scores of the generated 64 x 64 image, if known
//
//     backbone.<n>.<part>   F32                  parameters of node n of an embedded backbone, if there is one
//
// and the metadata, each a text: `format` = "layertap-classifier", `formatVersion` = "1", or "2" for a file that a reader
// of format 1 would misunderstand: one with `rows` = "l2", whose feature vectors are divided by their norms; and as
// canonical JSON `classes` (names in the order of the class axis), `training`, and, unless it was
// trained on a bare matrix, `backbone` (identity with preprocessing) and `column`; with an embedded backbone `backbone.graph`,
// its structure up to the tap; `calibration` if there is one. No times, no paths, no program version: the same training gives the same bytes.

import TapBackbone
import TapFileSystem
import TapFormats
import TapLinear
import TapProvenance
import TapTensors

extension Classifier {
  /// The latest format that this program reads. It writes format 1 wherever that says everything: a file of format 2 has
  /// normalised rows.
  public static let formatVersion = 2
  private static let formatName = "layertap-classifier"

  /// Writes the classifier, replacing a file that is there.
  ///
  /// - Parameter backbone: what it was trained with; it is embedded up to the tap, so that the file alone classifies images.
  ///   Nil embeds none.
  /// - Throws: ``ClassifierError/file(_:)``; what was at `path` then still is. ``ClassifierError/noBackbone`` and
  ///   ``ClassifierError/mismatch(part:trained:here:)`` if there is nothing to embed or it is another one.
  public func write(to path: String, embedding backbone: Backbone? = nil) throws(ClassifierError) {
    let bytes = try encoded(embedding: backbone)
    do { try AtomicWriter.replace(path, with: bytes) } catch { throw .file(error) }
  }

  /// The bytes of the file without a backbone.
  package var encoded: [UInt8] { encoded(structure: nil, parameters: []) }

  /// The bytes of the file with a backbone, if there is one.
  package func encoded(embedding backbone: Backbone?) throws(ClassifierError) -> [UInt8] {
    guard let backbone = backbone else { return encoded }
    guard let source else { throw .noBackbone }
    let trained = backbone.computing(as: source.identity)
    try Classifier.requireSameFeatures(trained: source.identity, here: BackboneIdentity(trained))
    do {
      let cut = try trained.cut(at: source.column.tap)
      return encoded(structure: cut.structure, parameters: cut.tensors)
    } catch { throw .features(.backbone(error)) }
  }

  private func encoded(structure: JSONValue?, parameters: [(name: String, tensor: Tensor)]) -> [UInt8] {
    let classes = classNames.count
    var tensors = [
      Safetensors.Tensor(name: "weights", shape: [classes, dimensions], elements: weights),
      Safetensors.Tensor(name: "bias", shape: [classes], elements: bias),
      Safetensors.Tensor(
        name: "scaler.offset", shape: [dimensions], elements: scaler.offset.map { Float($0) }),
      Safetensors.Tensor(
        name: "scaler.scale", shape: [dimensions], elements: scaler.scale.map { Float($0) }),
    ]
    var metadata = [
      "format": Self.formatName,
      "formatVersion": normalizesRows ? "2" : "1",
      "classes": JSONValue.array(classNames.map(JSONValue.string)).canonical,
      "training": training.json.canonical,
    ]
    if normalizesRows { metadata["rows"] = "l2" }
    if let calibration { metadata["calibration"] = calibration.json.canonical }
    if let source {
      metadata["backbone"] = source.identity.json.canonical
      metadata["column"] = source.column.json.canonical
      if let scores = source.goldenScores {
        tensors.append(Safetensors.Tensor(name: "golden.scores", shape: [classes], elements: scores))
      }
    }
    if let structure {
      metadata[FileReader.graphKey] = structure.canonical
      for (name, tensor) in parameters {
        tensors.append(
          Safetensors.Tensor(
            name: FileReader.parameterPrefix + name, shape: tensor.shape.extents, elements: tensor.elements))
      }
    }
    return Safetensors.encode(tensors, metadata: metadata)
  }

  /// Reads a classifier's file. Strict: every tensor of the right shape, every value finite, nothing
  /// missing, nothing unknown.
  ///
  /// - Throws: ``ClassifierError/notAClassifier(path:reason:)``,
  ///   ``ClassifierError/laterFormat(path:found:newest:)``, ``ClassifierError/file(_:)``.
  public init(contentsOf path: String) throws(ClassifierError) {
    self = try Self.load(path).classifier
  }

  /// Reads a classifier's file with the backbone that is embedded in it, nil if there is none.
  ///
  /// - Throws: as ``init(contentsOf:)``, also for an embedded backbone that is damaged.
  public static func load(_ path: String) throws(ClassifierError) -> (
    classifier: Classifier, backbone: Backbone?
  ) {
    let bytes: [UInt8]
    do { bytes = try FileSystem.read(path) } catch { throw .file(error) }
    let classifier = try Classifier(bytes, path: path)
    let reader = try FileReader(bytes, path: path)
    return (classifier, try reader.backbone(of: classifier.source))
  }

  /// Reads the bytes of a file; `path` is for messages.
  package init(_ bytes: [UInt8], path: String) throws(ClassifierError) {
    let reader = try FileReader(bytes, path: path)
    let found = try reader.formatVersion(named: Self.formatName)
    guard found <= Self.formatVersion else {
      throw .laterFormat(path: path, found: found, newest: Self.formatVersion)
    }
    let classNames = try reader.classNames()
    let scale = try reader.vector("scaler.scale", count: nil)
    let dimensions = scale.count
    guard scale.allSatisfy({ $0 > 0 }) else { throw reader.wrong("scaler.scale holds values not above 0") }
    let offset = try reader.vector("scaler.offset", count: dimensions)
    let weights = try reader.matrix("weights", rows: classNames.count, columns: dimensions)
    let bias = try reader.vector("bias", count: classNames.count)
    let source = try reader.source(classes: classNames.count)
    try reader.requireNothingElse()
    self.init(
      classNames: classNames, weights: weights, bias: bias,
      scaler: FeatureScaler(offset: offset.map(Double.init), scale: scale.map(Double.init)),
      normalizesRows: try reader.normalizesRows(formatVersion: found),
      source: source, training: try reader.training(classes: classNames.count),
      calibration: try reader.calibration(classes: classNames.count))
  }
}

/// Reads parts of a file and says which one is wrong.
private struct FileReader {
  static let graphKey = "backbone.graph"
  static let parameterPrefix = "backbone."

  private let bytes: [UInt8]
  private let path: String
  private let file: Safetensors

  init(_ bytes: [UInt8], path: String) throws(ClassifierError) {
    self.bytes = bytes
    self.path = path
    do { file = try Safetensors(bytes.span) } catch {
      throw .notAClassifier(path: path, reason: error.description)
    }
  }

  func wrong(_ reason: String) -> ClassifierError { .notAClassifier(path: path, reason: reason) }

  func text(_ key: String) throws(ClassifierError) -> String {
    guard let text = file.metadata[key] else { throw wrong("the metadata lack '\(key)'") }
    return text
  }

  func json(_ key: String) throws(ClassifierError) -> JSONValue {
    let text = try text(key)
    do { return try JSONValue.parse(text) } catch { throw wrong("metadata '\(key)': \(error)") }
  }

  func formatVersion(named name: String) throws(ClassifierError) -> Int {
    guard try text("format") == name else {
      throw wrong("the metadata give the format '\(try text("format"))', expected '\(name)'")
    }
    guard let version = Int(try text("formatVersion")), version >= 1 else {
      throw wrong("the format's version is '\(try text("formatVersion"))', expected an integer")
    }
    return version
  }

  func classNames() throws(ClassifierError) -> [String] {
    let values = try json("classes").arrayValue ?? []
    let names = values.compactMap(\.stringValue)
    guard names.count == values.count, names.count >= 2, Set(names).count == names.count else {
      throw wrong("metadata 'classes': expected two or more different names")
    }
    return names
  }

  /// A tensor with one axis, of `count` elements if that is known.
  func vector(_ name: String, count: Int?) throws(ClassifierError) -> [Float] {
    let (shape, elements) = try tensor(name)
    guard shape.count == 1, shape[0] >= 1, count == nil || shape[0] == count else {
      throw wrong("tensor '\(name)' has shape \(shape), expected [\(count.map(String.init) ?? "dimensions")]")
    }
    return elements
  }

  func matrix(_ name: String, rows: Int, columns: Int) throws(ClassifierError) -> [Float] {
    let (shape, elements) = try tensor(name)
    guard shape == [rows, columns] else {
      throw wrong("tensor '\(name)' has shape \(shape), expected \([rows, columns])")
    }
    return elements
  }

  private func tensor(_ name: String) throws(ClassifierError) -> (shape: [Int], elements: [Float]) {
    guard let entry = file.entries[name] else { throw wrong("the tensor '\(name)' is missing") }
    guard entry.format == .float32 else { throw wrong("the tensor '\(name)' is not F32") }
    let tensor: (shape: [Int], elements: [Float])
    do { tensor = try file.floats(name, in: bytes.span) } catch { throw wrong(error.description) }
    if let index = tensor.elements.firstIndex(where: { !$0.isFinite }) {
      throw wrong("element \(index) of tensor '\(name)' is \(tensor.elements[index])")
    }
    return tensor
  }

  func source(classes: Int) throws(ClassifierError) -> Classifier.FeatureSource? {
    let hasGolden = file.entries["golden.scores"] != nil
    guard file.metadata["backbone"] != nil else {
      guard !hasGolden, file.metadata["column"] == nil else { throw wrong("the metadata lack 'backbone'") }
      return nil
    }
    let (identity, column) = (try json("backbone"), try json("column"))
    do {
      return Classifier.FeatureSource(
        identity: try BackboneIdentity(json: identity), column: try Column(json: column),
        goldenScores: hasGolden ? try vector("golden.scores", count: classes) : nil)
    } catch let error as ClassifierError {
      throw error
    } catch {
      throw wrong("metadata 'backbone' or 'column': \(error)")
    }
  }

  /// The embedded backbone.
  func backbone(of source: Classifier.FeatureSource?) throws(ClassifierError) -> Backbone? {
    guard file.metadata[Self.graphKey] != nil else { return nil }
    guard let source else { throw wrong("a backbone without its identity is embedded") }
    var tensors: [String: Tensor] = [:]
    for name in file.entries.keys.filter({ $0.hasPrefix(Self.parameterPrefix) }) {
      let (shape, elements) = try tensor(name)
      tensors[String(name.dropFirst(Self.parameterPrefix.count))] = Tensor(
        shape: Shape(shape), elements: elements)
    }
    let structure = try json(Self.graphKey)
    let identity = source.identity
    do {
      let backbone = try Backbone(
        name: identity.backbone, preprocessing: identity.preprocessing, weightsHash: identity.weightsHash,
        graphHash: identity.graphHash, tap: source.column.tap, document: structure, tensors: tensors)
      _ = try backbone.dimensions(of: source.column)
      return backbone.computing(as: identity)
    } catch { throw wrong(error.description) }
  }

  /// Whether rows are normalised: said by every file of format 2, and by no other.
  func normalizesRows(formatVersion: Int) throws(ClassifierError) -> Bool {
    guard file.metadata["rows"] == (formatVersion >= 2 ? "l2" : nil) else {
      throw wrong(
        "metadata 'rows': expected \(formatVersion >= 2 ? "'l2' in format 2" : "none in format 1"), found "
          + (file.metadata["rows"].map { "'\($0)'" } ?? "none"))
    }
    return formatVersion >= 2
  }

  func calibration(classes: Int) throws(ClassifierError) -> Calibration? {
    guard file.metadata["calibration"] != nil else { return nil }
    let value = try json("calibration")
    do { return try Calibration(json: value, classes: classes) } catch {
      throw wrong("metadata 'calibration': \(error)")
    }
  }

  func training(classes: Int) throws(ClassifierError) -> TrainingSummary {
    let value = try json("training")
    let summary: TrainingSummary
    do { summary = try TrainingSummary(json: value) } catch { throw wrong("metadata 'training': \(error)") }
    guard summary.classCounts.count == classes else {
      throw wrong("metadata 'training': \(summary.classCounts.count) class counts for \(classes) classes")
    }
    return summary
  }

  func requireNothingElse() throws(ClassifierError) {
    let known: Set = ["weights", "bias", "scaler.offset", "scaler.scale", "golden.scores"]
    let hasBackbone = file.metadata[Self.graphKey] != nil
    let unknown = file.entries.keys.filter {
      !known.contains($0) && !(hasBackbone && $0.hasPrefix(Self.parameterPrefix))
    }
    if let other = unknown.min() {
      throw wrong("the tensor '\(other)' is unknown to format \(Classifier.formatVersion)")
    }
  }
}
