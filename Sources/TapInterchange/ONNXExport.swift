// A network, or a classifier with its network, as an ONNX model (onnx.ai, IR version 8, operator set 17).

import TapBackbone
import TapClassifier
import TapExtraction
import TapFileSystem
import TapFormats
import TapImages
import TapONNX
import TapProvenance

/// A model to write as an ONNX file.
///
/// The outputs are `features:<column>` for each column, `[images, values]`; with a classifier also `scores`,
/// `[images, classes]`, and `probabilities` if the classifier gives probabilities. All outputs are float32.
public struct ONNXExport: Sendable {
  /// The input of the graph. The image is a square of the network's input size in both cases.
  public enum Input: String, Sendable, CaseIterable {
    /// `input`: normalized pixels, float32 `[images, 3, height, width]`, in the order of the network's channels.
    case normalized = "float32"
    /// `pixels`: r, g, b in 0...255, uint8 `[images, height, width, 3]`. The graph normalizes them.
    case pixels = "uint8"

    /// The name of the input in the file.
    public var name: String { self == .normalized ? "input" : "pixels" }
  }

  /// The version of ONNX's operator set.
  public static let opset = 17
  static let irVersion: Int64 = 8
  /// The largest number of bytes of a message of protocol buffers.
  static let byteLimit = 1 << 31 - 1

  package let backbone: Backbone
  package let columns: [Column]
  package let classifier: Classifier?
  /// The input of the graph.
  public let input: Input
  /// Whether the graph takes any number of images. A graph with nodes of an ONNX file takes one image, since such nodes
  /// can contain a batch of one in their shapes.
  public let takesBatches: Bool

  /// The features of some columns.
  ///
  /// - Throws: ``ExportError/backbone(_:)`` for an unknown layer.
  public init(_ backbone: Backbone, columns: [Column], input: Input = .normalized) throws(ExportError) {
    try self.init(backbone, columns: columns, classifier: nil, input: input)
  }

  /// A classifier of images.
  ///
  /// - Parameter backbone: the backbone of the training. The preprocessing is the classifier's.
  /// - Throws: ``ExportError/classifier(_:)`` if the classifier has no backbone, or another one.
  public init(
    _ classifier: Classifier, backbone: Backbone, input: Input = .normalized
  ) throws(ExportError) {
    guard let source = classifier.source else { throw .classifier(.noBackbone) }
    do {
      // The golden image proves that the two fit each other.
      _ = try ImageClassifier(classifier, backbone: backbone)
    } catch { throw .classifier(error) }
    try self.init(
      backbone.withPreprocessingAndAlgorithms(of: source.identity), columns: source.columns,
      classifier: classifier, input: input)
  }

  private init(
    _ backbone: Backbone, columns: [Column], classifier: Classifier?, input: Input
  ) throws(ExportError) {
    do throws(BackboneError) {
      guard !columns.isEmpty else { throw BackboneError.nothingToTap(backbone: backbone.name) }
      for column in columns { _ = try backbone.dimensions(of: column) }
    } catch { throw .backbone(error) }
    self.backbone = backbone
    self.columns = columns
    self.classifier = classifier
    self.input = input
    takesBatches = !NetworkTranslation.graph(of: backbone, taps: Set(columns.map(\.tap))).nodes.contains {
      $0.operation is ImportedNode
    }
  }

  /// The name of a column's output.
  package static func outputName(of column: Column) -> String { "features:" + column.name }

  /// The names of the outputs, in the order of the file.
  public var outputNames: [String] {
    let head = classifier.map { HeadTranslation(classifier: $0) }
    let scores = head.map { [HeadTranslation.scores] + ($0.hasProbabilities ? [HeadTranslation.probabilities] : []) }
    return (scores ?? []) + columns.map(Self.outputName)
  }

  /// Writes the model to a file beside `path`, reads that file again and compares what it computes, and then replaces
  /// `path`. On an error the old file stays.
  ///
  /// - Parameter version: the version of the program, for the file's metadata.
  /// - Returns: how the numbers of the file compare with those of the model.
  /// - Throws: ``ExportError``.
  @discardableResult
  public func write(to path: String, version: String) throws(ExportError) -> ONNXReadBack {
    let message = try model(version: version)
    guard message.byteCount <= Self.byteLimit else {
      throw .tooLarge(bytes: message.byteCount, limit: Self.byteLimit)
    }
    return try CheckedFile.replace(
      path, write: { trial throws(ExportError) in try Self.write(message, to: trial) },
      check: { trial throws(ExportError) in try ONNXReadBack(of: self, at: trial) })
  }

  private static func write(_ message: ProtobufMessage, to path: String) throws(ExportError) {
    do throws(FileSystemError) {
      try AtomicWriter.replace(path) { file throws(FileSystemError) in
        var offset = 0
        try message.forEachPart { bytes throws(FileSystemError) in
          try file.write(bytes, at: offset)
          offset += bytes.count
        }
      }
    } catch { throw .file(error) }
  }

  // MARK: - The message

  private func model(version: String) throws(ExportError) -> ProtobufMessage {
    var operatorSet = ProtobufMessage()
    operatorSet.add(1, "")
    operatorSet.add(2, Int64(Self.opset))
    var model = ProtobufMessage()
    model.add(1, Self.irVersion)
    model.add(2, "LayerTap")
    model.add(3, version)
    model.add(7, try graph())
    model.add(8, operatorSet)
    for (key, value) in metadata(version: version).sorted(by: { $0.key < $1.key }) {
      var entry = ProtobufMessage()
      entry.add(1, key)
      entry.add(2, value)
      model.add(14, entry)
    }
    return model
  }

  private func graph() throws(ExportError) -> ProtobufMessage {
    let size = backbone.preprocessing.size
    let outputs = columns.map(Self.outputName)
    var builder = ONNXGraphBuilder(
      reserved: Set(
        outputs + [Input.normalized.name, Input.pixels.name, HeadTranslation.scores, HeadTranslation.probabilities]),
      batchAxis: takesBatches ? "N" : nil)
    switch input {
    case .normalized: builder.addInput(input.name, .float32, shape: [3, size, size])
    case .pixels:
      builder.addInput(input.name, .uint8, shape: [size, size, 3])
      Normalization(backbone.preprocessing).translate(from: input.name, to: Input.normalized.name, &builder)
    }
    var network = try NetworkTranslation(
      backbone, taps: Set(columns.map(\.tap)), size: size, input: Input.normalized.name, builder: builder)
    try network.translate()
    for (column, output) in zip(columns, outputs) { network.addVector(of: column, as: output) }
    builder = network.builder
    var dimensions: [Int] = []
    do { for column in columns { dimensions.append(try backbone.dimensions(of: column)) } } catch {
      throw .backbone(error)
    }
    if let classifier {
      let head = HeadTranslation(classifier: classifier)
      let features =
        outputs.count == 1
        ? outputs[0] : builder.add("Concat", outputs, near: "head", ["axis": .integer(1)])
      head.translate(features, &builder)
      builder.addOutput(HeadTranslation.scores, shape: [classifier.classNames.count])
      if head.hasProbabilities {
        builder.addOutput(HeadTranslation.probabilities, shape: [classifier.classNames.count])
      }
    }
    for (output, length) in zip(outputs, dimensions) { builder.addOutput(output, shape: [length]) }
    return builder.graph(named: backbone.name)
  }

  private func metadata(version: String) -> [String: String] {
    var fields = [
      "layertap.version": version, "layertap.backbone": backbone.name,
      "layertap.weights_sha256": backbone.weightsHash,
      "layertap.preprocessing": backbone.preprocessing.json.canonical,
      "layertap.columns": JSONValue.array(columns.map { .string($0.name) }).canonical,
    ]
    guard let classifier else { return fields }
    fields["layertap.classes"] = JSONValue.array(classifier.classNames.map(JSONValue.string)).canonical
    fields["layertap.scores"] = classifier.kind.scoreName
    if let golden = classifier.source?.goldenScores {
      let image = GoldenImage.image
      fields["layertap.golden_image"] =
        JSONValue.object([
          "width": .integer(image.width), "height": .integer(image.height), "rgb": .string(Base64.text(image.pixels)),
        ]).canonical
      fields["layertap.golden_scores"] =
        JSONValue.array(golden.map { .number(Double($0)) }).canonical
    }
    return fields
  }
}
