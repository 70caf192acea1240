import TapArchitectures
import TapBackbone
import TapClassifier
import TapExtraction
import TapFormats
import TapImages
import TapInterchange
import TapLinear
import TapMetrics
import TapONNXOperators
import TapProvenance
import TapSettings
import TapTensors
import TestSupport
import Testing

@Suite struct ClassifierExportTests {
  static let seeded: Backbone? = {
    var backbone = try? Architectures.seeded("mobilenet_v2", seed: 3)
    backbone?.preprocessing.size = 48
    return backbone
  }()

  let backbone: Backbone
  let columns: [Column]

  init() throws {
    backbone = try #require(Self.seeded)
    columns = try backbone.columns(layers: ["features.2", "features.4"], poolings: [.avg])
  }

  private func summary(_ model: TrainingSettings.Model) -> TrainingSummary {
    TrainingSummary(
      settings: ModelSettings(TrainingSettings(model, c: 1)), c: 1, standardization: "none", objective: 1, gap: 0,
      iterations: 1,
      converged: true, selection: SelectionRecord(.crossValidation(folds: 5, repeats: 1), tried: [1]),
      estimates: [.init(c: 1, accuracy: Proportion(successes: 1, count: 2))], classCounts: [1, 1, 1],
      dataHash: String(repeating: "c", count: 64))
  }

  private func classifier(
    _ model: TrainingSettings.Model, calibration: Calibration? = nil, normalizesRows: Bool = false
  ) throws -> Classifier {
    let dimensions = try columns.reduce(0) { try $0 + backbone.dimensions(of: $1) }
    let weights = ReferenceParameters.uniform("head", count: 3 * dimensions).map { 4 * $0 - 2 }
    return try Classifier(
      classNames: ["cat", "chien \"brun\"", "犬"], weights: weights, bias: [0.5, -1, 0.25],
      scaler: .identity(columns: dimensions), normalizesRows: normalizesRows,
      source: .init(identity: BackboneIdentity(backbone), columns: columns, goldenScores: nil),
      training: summary(model), calibration: calibration
    ).withGoldenScores(of: backbone)
  }

  /// The input of the network for the golden image, `[size, size, 3]`.
  private var golden: [Float] {
    get throws {
      let preprocessor = ImagePreprocessor(backbone.preprocessing)
      var input = [Float](repeating: 0, count: preprocessor.inputCount)
      var span = input.mutableSpan
      try preprocessor.apply(GoldenImage.image, into: &span)
      return input
    }
  }

  private func check(_ classifier: Classifier) throws {
    let export = try ONNXExport(classifier, backbone: backbone)
    let file = try ExportedFile(export)
    let outputs = try file.outputs(golden, size: backbone.preprocessing.size)
    let scores = try ImageClassifier(classifier, backbone: backbone).scores(GoldenImage.image)
    let found = try #require(outputs["scores"])
    #expect(normalizedError(found, scores.map { Float($0) }) <= 2e-5)
    #expect(try #require(file.readBack.scoreDifference) <= 2e-5)
    guard let probabilities = classifier.probabilities(scores: scores) else {
      #expect(outputs["probabilities"] == nil && !export.outputNames.contains("probabilities"))
      return
    }
    #expect(largestDifference(try #require(outputs["probabilities"]), probabilities.map { Float($0) }) <= 2e-5)
  }

  @Test func everyKindOfHeadIsInTheFile() throws {
    try check(classifier(.logistic()))
    try check(classifier(.logistic(), normalizesRows: true))
    try check(classifier(.logistic(), calibration: .temperature(2.5)))
    try check(classifier(.logistic(.init(multiClass: .oneVersusRest))))
    try check(classifier(.svm()))
    try check(
      classifier(
        .svm(),
        calibration: .platt([
          .init(slope: -1.5, offset: 0.5), .init(slope: -0.25, offset: -1), .init(slope: -3, offset: 2),
        ])))
    try check(classifier(.nearestMean))
  }

  /// Scores so low that every sigmoid is 0 in float32: the largest one still has probability 1.
  @Test func sigmoidsNearZeroStillSeparateClasses() throws {
    let classifier = try classifier(
      .svm(),
      calibration: .platt([
        .init(slope: -1, offset: 300), .init(slope: -1, offset: 200), .init(slope: -1, offset: 320),
      ]))
    try check(classifier)
  }

  @Test func pixelsAreNormalizedInTheGraph() throws {
    for channels in Preprocessing.ChannelOrder.allCases {
      var backbone = backbone
      backbone.preprocessing.channels = channels
      let export = try ONNXExport(backbone, columns: columns, input: .pixels)
      let file = try ExportedFile(export)
      let square = try ImagePreprocessor(backbone.preprocessing).pixels(GoldenImage.image)
      let size = backbone.preprocessing.size
      let outputs = try file.outputs([
        "pixels": ONNXTensor(
          shape: [1, size, size, 3], integers: square.pixels.map { Int64($0) }, type: .uint8)
      ])
      let preprocessor = ImagePreprocessor(backbone.preprocessing)
      var input = [Float](repeating: 0, count: preprocessor.inputCount)
      var span = input.mutableSpan
      try preprocessor.apply(GoldenImage.image, into: &span)
      for column in columns {
        let found = try #require(outputs["features:" + column.name])
        #expect(normalizedError(found, try backbone.row([column], input)) <= 2e-5, "\(channels)")
      }
    }
  }

  @Test func theMetadataAreEnoughToUseTheFile() throws {
    let classifier = try classifier(.logistic())
    let file = try ExportedFile(try ONNXExport(classifier, backbone: backbone))
    let metadata = file.model.metadata
    #expect(metadata["layertap.version"] == "1.2.3" && file.model.producer == "LayerTap 1.2.3")
    #expect(file.model.irVersion == 8 && file.model.opsets == ["": 17])
    let classes = try JSONValue.parse(try #require(metadata["layertap.classes"]))
    #expect(classes.arrayValue?.compactMap(\.stringValue) == classifier.classNames)
    let preprocessing = try Preprocessing(json: JSONValue.parse(try #require(metadata["layertap.preprocessing"])))
    #expect(preprocessing == backbone.preprocessing)
    let image = try JSONValue.parse(try #require(metadata["layertap.golden_image"]))
    #expect(image["rgb"]?.stringValue.flatMap(Base64.bytes) == GoldenImage.image.pixels)
    let scores = try JSONValue.parse(try #require(metadata["layertap.golden_scores"]))
    let golden = try #require(classifier.source?.goldenScores)
    #expect(scores.arrayValue?.compactMap(\.doubleValue).map { Float($0) } == golden)
    let outputs = try file.outputs(self.golden, size: 48)
    #expect(normalizedError(try #require(outputs["scores"]), golden) <= 2e-5)
  }

  @Test func anotherBackboneIsRefused() throws {
    let classifier = try classifier(.logistic())
    var other = try Architectures.seeded("mobilenet_v2", seed: 4)
    other.preprocessing.size = 48
    #expect(throws: ExportError.self) { try ONNXExport(classifier, backbone: other) }
  }
}
