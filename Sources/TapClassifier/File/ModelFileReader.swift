// Reads the parts of a model file. Each part is checked, and an error names the wrong part.

import TapBackbone
import TapFileSystem
import TapFormats
import TapLinear
import TapMetrics
import TapProvenance
import TapTensors

/// Reads and checks the parts of a model file. An error names the wrong part.
struct ModelFileReader {
  static let graphKey = "backbone.graph"
  static let parameterPrefix = "backbone."

  private let bytes: [UInt8]
  private let path: String
  private let file: Safetensors
  /// The format of the file, from 1 to ``Classifier/formatVersion``.
  private let formatVersion: Int
  private let extensions: ModelExtensions

  /// - Parameter known: the latest revision of each extension that is read.
  init(_ bytes: [UInt8], path: String, extensions known: [String: Int] = [:]) throws(ClassifierError) {
    self.bytes = bytes
    self.path = path
    func wrong(_ reason: String) -> ClassifierError { .notAClassifier(path: path, reason: reason) }
    do { file = try Safetensors(bytes.span) } catch { throw wrong(error.description) }
    let metadata = file.metadata
    guard let format = metadata["format"] else { throw wrong("the metadata lack 'format'") }
    guard format == Classifier.formatName else {
      throw wrong("the metadata give the format '\(format)', expected '\(Classifier.formatName)'")
    }
    guard let text = metadata["formatVersion"] else { throw wrong("the metadata lack 'formatVersion'") }
    guard let version = Int(text), version >= 1 else {
      throw wrong("the format's version is '\(text)', expected an integer")
    }
    guard version <= Classifier.formatVersion else {
      throw .laterFormat(
        path: path, found: version, newest: Classifier.formatVersion, since: metadata["since"])
    }
    formatVersion = version
    guard version >= 3, let list = metadata["extensions"] else {
      extensions = ModelExtensions()
      return
    }
    do { extensions = try ModelExtensions(json: JSONValue.parse(list)) } catch {
      throw wrong("metadata 'extensions': \(error)")
    }
    if let (name, entry) = extensions.missing(from: known) {
      throw .extensionNeeded(path: path, name: name, revision: entry.revision, since: entry.since)
    }
  }

  func wrong(_ reason: String) -> ClassifierError { .notAClassifier(path: path, reason: reason) }

  // MARK: - Metadata

  private func json(_ key: String) throws(ClassifierError) -> JSONValue {
    guard let text = file.metadata[key] else { throw wrong("the metadata lack '\(key)'") }
    do { return try JSONValue.parse(text) } catch { throw wrong("metadata '\(key)': \(error)") }
  }

  func classNames() throws(ClassifierError) -> [String] {
    let values = try json("classes").arrayValue ?? []
    let names = values.compactMap(\.stringValue)
    guard names.count == values.count, names.count >= 2, names.sortedByBytes.count == names.count else {
      throw wrong("metadata 'classes': expected two or more different names")
    }
    return names
  }

  /// Whether rows are normalized. The metadata state normalized rows in every file of format 2 and in no file of format
  /// 1. In format 3, the metadata state normalized rows only if rows are normalized.
  func normalizesRows() throws(ClassifierError) -> Bool {
    let rows = file.metadata["rows"]
    let allowed: [String?] = formatVersion == 1 ? [nil] : formatVersion == 2 ? ["l2"] : [nil, "l2"]
    guard allowed.contains(rows) else {
      let expected =
        ["none in format 1", "'l2' in format 2", "'l2' or none in format 3"][formatVersion - 1]
      throw wrong("metadata 'rows': expected \(expected), found " + (rows.map { "'\($0)'" } ?? "none"))
    }
    return rows != nil
  }

  func calibration(classes: Int) throws(ClassifierError) -> Calibration? {
    guard file.metadata["calibration"] != nil else { return nil }
    let value = try json("calibration")
    do { return try Calibration(json: value, classes: classes) } catch {
      throw wrong("metadata 'calibration': \(error)")
    }
  }

  func indexBase() throws(ClassifierError) -> Int? {
    guard formatVersion >= 3, let text = file.metadata["indexBase"] else { return nil }
    guard let base = Int(text), [0, 1].contains(base) else {
      throw wrong("metadata 'indexBase': expected '0' or '1', found '\(text)'")
    }
    return base
  }

  func training(classes: Int, normalizesRows: Bool) throws(ClassifierError) -> TrainingSummary {
    let value = try json("training")
    let summary: TrainingSummary
    if formatVersion >= 3 {
      let settings: ModelSettings
      let json = try json("settings")
      do { settings = try ModelSettings(json: json) } catch { throw wrong("metadata 'settings': \(error)") }
      let selection: SelectionRecord
      let chosen = try self.json("selection")
      do { selection = try SelectionRecord(json: chosen) } catch {
        throw wrong("metadata 'selection': \(error)")
      }
      do {
        summary = try TrainingSummary(
          json: value, settings: settings, selection: selection, whitens: settings.word("whiten") == "true")
      } catch { throw wrong("metadata 'training': \(error)") }
    } else {
      do {
        let method = try calibration(classes: classes)
        summary = try TrainingSummary(
          ofEarlierFormat: value, normalizesRows: normalizesRows, calibration: method)
      } catch let error as JSONError {
        throw wrong("metadata 'training': \(error)")
      } catch let error as ClassifierError { throw error } catch { preconditionFailure("\(error)") }
    }
    guard summary.classCounts.count == classes else {
      throw wrong("metadata 'training': \(summary.classCounts.count) class counts for \(classes) classes")
    }
    return summary
  }

  // MARK: - Tensors

  /// Reads a tensor with one axis. The tensor must have `count` elements if `count` is given.
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
    guard entry.type == .float32 else { throw wrong("the tensor '\(name)' is not F32") }
    let tensor: (shape: [Int], elements: [Float])
    do { tensor = try file.floats(name, in: bytes.span) } catch { throw wrong(error.description) }
    if let index = tensor.elements.firstIndex(where: { !$0.isFinite }) {
      throw wrong("element \(index) of tensor '\(name)' is \(tensor.elements[index].dataText)")
    }
    return tensor
  }

  /// The keys of the items that the training used. If the classifier has a source, the items are images; otherwise they
  /// are rows.
  func seen(of source: Classifier.FeatureSource?) throws(ClassifierError) -> SeenKeys? {
    guard formatVersion >= 3 else { return nil }
    let kind = source == nil ? SeenKeys.Source.rows : .images
    let name = kind.tensorName
    guard let entry = file.entries[name] else { return nil }
    guard entry.type == .uint8, entry.shape.count == 2, entry.shape[1] == SeenKeys.keyLength else {
      throw wrong("tensor '\(name)' has shape \(entry.shape), expected [n, \(SeenKeys.keyLength)] of U8")
    }
    guard let seen = SeenKeys(kind, bytes: Array(bytes[entry.range])) else {
      throw wrong("the keys in tensor '\(name)' are not sorted, or not each there once")
    }
    return seen
  }

  /// The measure of novelty; nil if the file has none, or one of a later revision.
  func novelty(dimensions: Int) throws(ClassifierError) -> NoveltyScore? {
    let name = NoveltyScore.extensionName
    guard extensions.has(name, upTo: NoveltyScore.revision) else { return nil }
    guard try json(name)["measure"]?.stringValue == NoveltyScore.measure else {
      throw wrong("metadata '\(name)': expected the measure '\(NoveltyScore.measure)'")
    }
    let (shape, means) = try tensor("\(name).means")
    guard shape.count == 2, shape[0] >= 1, shape[1] == dimensions else {
      throw wrong("tensor '\(name).means' has shape \(shape), expected [classes, \(dimensions)]")
    }
    let percentiles = try vector("\(name).percentiles", count: NoveltyScore.percentileCount)
    guard zip(percentiles, percentiles.dropFirst()).allSatisfy({ $0 <= $1 }) else {
      throw wrong("the values of tensor '\(name).percentiles' decrease")
    }
    return NoveltyScore(dimensions: dimensions, means: means, percentiles: percentiles)
  }

  /// The threshold; nil if the file has none, or one of a later revision.
  func threshold() throws(ClassifierError) -> ProbabilityThreshold? {
    let name = ProbabilityThreshold.extensionName
    guard extensions.has(name, upTo: ProbabilityThreshold.revision) else { return nil }
    let value = try json(name)
    do { return try ProbabilityThreshold(json: value) } catch { throw wrong("metadata '\(name)': \(error)") }
  }

  // MARK: - The source of features

  func source(classes: Int) throws(ClassifierError) -> Classifier.FeatureSource? {
    let hasGolden = file.entries["golden.scores"] != nil
    let columnsKey = formatVersion >= 3 ? "columns" : "column"
    guard file.metadata["backbone"] != nil else {
      guard !hasGolden, file.metadata[columnsKey] == nil else { throw wrong("the metadata lack 'backbone'") }
      return nil
    }
    let identity = try json("backbone")
    let columns = formatVersion >= 3 ? try json(columnsKey).arrayValue ?? [] : [try json(columnsKey)]
    guard !columns.isEmpty else { throw wrong("metadata 'columns': expected an array of one or more") }
    do {
      return Classifier.FeatureSource(
        identity: try BackboneIdentity(json: identity), columns: try columns.map { try Column(json: $0) },
        goldenScores: hasGolden ? try vector("golden.scores", count: classes) : nil)
    } catch let error as ClassifierError {
      throw error
    } catch {
      throw wrong("metadata 'backbone' or '\(columnsKey)': \(error)")
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
        graphHash: identity.graphHash, taps: source.columns.map(\.tap), document: structure, tensors: tensors)
      for column in source.columns { _ = try backbone.dimensions(of: column) }
      return backbone.withPreprocessingAndAlgorithms(of: identity)
    } catch { throw wrong(error.description) }
  }

  func requireNothingElse() throws(ClassifierError) {
    var known: Set = ["weights", "bias", "scaler.offset", "scaler.scale", "golden.scores"]
    if formatVersion >= 3 {
      let isOfImages = file.metadata["backbone"] != nil
      known.insert((isOfImages ? SeenKeys.Source.images : .rows).tensorName)
    }
    let hasBackbone = file.metadata[Self.graphKey] != nil
    let unknown = file.entries.keys.filter {
      !known.contains($0) && !(hasBackbone && $0.hasPrefix(Self.parameterPrefix))
        && !extensions.own(tensor: $0)
    }
    if let other = unknown.min() {
      throw wrong("the tensor '\(other)' is unknown to format \(formatVersion), and no extension owns it")
    }
  }
}
