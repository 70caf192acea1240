// Reads model files of formats 1 to 3. Documentation/ModelFormat.md describes these formats.

import TapBackbone
import TapFileSystem
import TapFormats
import TapLinear
import TapMetrics

extension Classifier {
  /// Reads a classifier's file. The checks are strict: every tensor must have the right shape, every value must be
  /// finite, and no part may be missing. Each unknown part must belong to an extension.
  ///
  /// - Throws: ``ClassifierError/notAClassifier(path:reason:)``,
  ///   ``ClassifierError/laterFormat(path:found:newest:since:)``,
  ///   ``ClassifierError/extensionNeeded(path:name:revision:since:)``, ``ClassifierError/file(_:)``.
  public init(contentsOf path: String) throws(ClassifierError) {
    self = try Self.load(path).classifier
  }

  /// Reads a classifier's file and the backbone that is embedded in the file; nil if no backbone is embedded.
  ///
  /// - Throws: the errors of ``init(contentsOf:)``, also if the embedded backbone is damaged.
  public static func load(_ path: String) throws(ClassifierError) -> (
    classifier: Classifier, backbone: Backbone?
  ) {
    let bytes: [UInt8]
    do { bytes = try FileSystem.read(path) } catch { throw .file(error) }
    return try load(bytes, path: path)
  }

  /// Reads a classifier and its embedded backbone from the bytes of a file. `path` only appears in messages.
  package static func load(_ bytes: [UInt8], path: String) throws(ClassifierError) -> (
    classifier: Classifier, backbone: Backbone?
  ) {
    let reader = try ModelFileReader(bytes, path: path)
    let classifier = try Classifier(reader)
    return (classifier, try reader.backbone(of: classifier.source))
  }

  /// Reads a classifier from the bytes of a file. `path` only appears in messages.
  ///
  /// - Parameter extensions: the latest revision of each extension that the caller reads.
  package init(_ bytes: [UInt8], path: String, extensions: [String: Int] = [:]) throws(ClassifierError) {
    try self.init(ModelFileReader(bytes, path: path, extensions: extensions))
  }

  private init(_ reader: ModelFileReader) throws(ClassifierError) {
    let classNames = try reader.classNames()
    let scale = try reader.vector("scaler.scale", count: nil)
    let dimensions = scale.count
    guard scale.allSatisfy({ $0 > 0 }) else { throw reader.wrong("scaler.scale holds values not above 0") }
    let offset = try reader.vector("scaler.offset", count: dimensions)
    let weights = try reader.matrix("weights", rows: classNames.count, columns: dimensions)
    let bias = try reader.vector("bias", count: classNames.count)
    let source = try reader.source(classes: classNames.count)
    let seen = try reader.seen(of: source)
    let novelty = try reader.novelty(dimensions: dimensions)
    let threshold = try reader.threshold()
    try reader.requireNothingElse()
    let normalizesRows = try reader.normalizesRows()
    self.init(
      classNames: classNames, weights: weights, bias: bias,
      scaler: FeatureScaler(offset: offset.map(Double.init), scale: scale.map(Double.init)),
      normalizesRows: normalizesRows, source: source,
      training: try reader.training(classes: classNames.count, normalizesRows: normalizesRows),
      calibration: try reader.calibration(classes: classNames.count), seen: seen,
      indexBase: try reader.indexBase(), novelty: novelty)
    guard let threshold else { return }
    guard confidenceKind == .logistic else {
      throw reader.wrong("it has the extension '\(ProbabilityThreshold.extensionName)' and gives no probabilities")
    }
    self.threshold = threshold
  }
}
