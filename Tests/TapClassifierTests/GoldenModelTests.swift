// Golden models are files that an earlier version wrote. Every later version must open them and predict the same bits.

import TapClassifier
import TapFileSystem
import TapFormats
import TapTensors
import TestSupport
import Testing

/// `Tests/Reference/models`: a README there says what each model is and where its predictions come from.
@Suite struct GoldenModelTests {
  /// The results of a model for one row or image.
  struct Prediction {
    let className: String
    let scores: [Double]
    let probabilities: [Double]?

    init(_ json: JSONValue) throws {
      className = try json.string("class")
      scores = try json.array("scores").compactMap(\.doubleValue)
      probabilities = try json["probabilities"].map { try #require($0.arrayValue).compactMap(\.doubleValue) }
    }
  }

  static let folder = Repository.path("Tests/Reference/models")
  static let expected = try? JSONValue.parse(FileSystem.read(folder + "/expected.json"))
  static let names = (expected?["models"]?.objectValue ?? [:]).keys.sorted()

  static func path(_ name: String) -> String { "\(folder)/\(name).layertap" }

  static func model(_ name: String) throws -> JSONValue { try #require(expected?["models"]?[name]) }

  static func bits(_ values: [Double]) -> [UInt64] { values.map(\.bitPattern) }

  /// Compares scores, class and probabilities bit for bit.
  ///
  /// Probabilities use the exponential of the C library. If only they differ on a machine, that library is the cause.
  func expect(
    _ classifier: Classifier, _ scores: [Double], _ expected: Prediction, _ what: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(Self.bits(scores) == Self.bits(expected.scores), "\(what)", sourceLocation: sourceLocation)
    let first = classifier.ranking(scores: scores)[0].className
    #expect(first == expected.className, "\(what)", sourceLocation: sourceLocation)
    let probabilities = classifier.probabilities(scores: scores)
    #expect(
      probabilities.map(Self.bits) == expected.probabilities.map(Self.bits), "\(what)",
      sourceLocation: sourceLocation)
  }

  @Test func everyModelIsExpected() throws {
    let files = try FileSystem.list(Self.folder).filter { $0.hasSuffix(".layertap") }
    #expect(files.sorted() == Self.names.map { $0 + ".layertap" }.sorted())
    #expect(Self.names.count == 15)
  }

  /// A golden model that somebody wrote again would prove nothing.
  @Test(arguments: names) func nobodyRewroteThem(name: String) throws {
    let bytes = try FileSystem.read(Self.path(name))
    #expect(SHA256.hash(bytes).hex == (try Self.model(name).string("sha256")))
  }

  @Test(arguments: names) func rowsHaveTheSameBits(name: String) throws {
    let model = try Self.model(name)
    let (classifier, _) = try Classifier.load(Self.path(name))
    #expect(classifier.dimensions == (try model.int("dimensions")))
    let (shape, elements) = try NPY.readFloats(FileSystem.read(Self.folder + "/rows.npy"))
    let predictions = try model.array("predictions").map(Prediction.init)
    #expect(predictions.count == shape[0])
    for (row, prediction) in predictions.enumerated() {
      let start = row * shape[1]
      let features = Array(elements[start..<start + classifier.dimensions])
      expect(classifier, classifier.scores(features.span), prediction, "row \(row)")
    }
  }

  /// These predictions use the backbone that the file contains.
  @Test(arguments: names) func imagesHaveTheSameBits(name: String) throws {
    let model = try Self.model(name)
    let (classifier, backbone) = try Classifier.load(Self.path(name))
    #expect((backbone != nil) == (model["weights"] == .string("embedded")))
    guard let backbone else { return }
    let imageClassifier = try ImageClassifier(classifier, backbone: backbone)
    #expect(imageClassifier.warnings.isEmpty)
    let images = try model.array("images")
    let scores = imageClassifier.scores(.files(try images.map { Repository.path(try $0.string("path")) }))
    #expect(images.count == 5 && scores.count == 5)
    for (image, result) in zip(images, scores) {
      expect(classifier, try result.get(), try Prediction(image), try image.string("path"))
    }
  }

  /// The command `predict` finds the weights of this model itself.
  @Test(.needs(.lite0)) func imagesHaveTheSameBitsWithWeights() throws {
    let images = try Self.model("lite0").array("images")
    let paths = try images.map { Repository.path(try $0.string("path")) + "\n" }
    let outcome = try Tool.run(["predict", Self.path("lite0"), "-"], input: paths.joined())
    #expect(outcome.status == 0, "\(outcome.errors)")
    let lines = outcome.output.split(separator: "\n")
    #expect(lines.count == images.count)
    let (classifier, _) = try Classifier.load(Self.path("lite0"))
    for (image, line) in zip(images, lines) {
      let (answer, prediction) = (try JSONValue.parse(String(line)), try Prediction(image))
      #expect(answer["class"] == .string(prediction.className))
      let probabilities = classifier.classNames.compactMap { answer["probabilities"]?[$0]?.doubleValue }
      #expect(Self.bits(probabilities) == prediction.probabilities.map(Self.bits), "\(line)")
    }
  }
}
