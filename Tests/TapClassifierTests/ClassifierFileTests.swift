import Glibc
import TapClassifier
import TapFileSystem
import TapFormats
import TapLinear
import TapMetrics
import TapProvenance
import TapSettings
import TestSupport
import Testing

@Suite struct ClassifierFileTests {
  let classifier = ClassifierFixtures.classifier()

  /// The bytes of the classifier's file after changes to its tensors and its metadata.
  func encoded(
    tensors change: (inout [String: Safetensors.Tensor]) -> Void = { _ in },
    metadata changeMetadata: (inout [String: String]) -> Void = { _ in }
  ) throws -> [UInt8] {
    let bytes = classifier.encoded
    let file = try Safetensors(bytes.span)
    var tensors: [String: Safetensors.Tensor] = [:]
    for name in file.entries.keys {
      let (shape, elements) = try file.floats(name, in: bytes.span)
      tensors[name] = Safetensors.Tensor(name: name, shape: shape, elements: elements)
    }
    var metadata = file.metadata
    change(&tensors)
    changeMetadata(&metadata)
    return Safetensors.encode(Array(tensors.values), metadata: metadata)
  }

  func reason(_ bytes: [UInt8]) -> String {
    do {
      _ = try Classifier(bytes, path: "m.layertap")
      return "accepted"
    } catch ClassifierError.notAClassifier(let path, let reason) {
      return path == "m.layertap" ? reason : "another path"
    } catch {
      return error.description
    }
  }

  @Test func aFileHoldsEverything() throws {
    let unproven = Classifier.FeatureSource(
      identity: ClassifierFixtures.identity, columns: [Column(tap: "fc", pooling: .none)], goldenScores: nil)
    for source in [ClassifierFixtures.source, nil, unproven] {
      let classifier = ClassifierFixtures.classifier(source: source)
      #expect(try Classifier(classifier.encoded, path: "") == classifier)
    }
  }

  @Test(arguments: [
    Calibration.temperature(1.25),
    .platt((0..<3).map { Calibration.Sigmoid(slope: -1.5 - Double($0) / 3, offset: 0.1 * Double($0)) }),
  ])
  func calibrationsAreKept(calibration: Calibration) throws {
    let classifier = ClassifierFixtures.classifier(calibration: calibration)
    let bytes = classifier.encoded
    #expect(try Classifier(bytes, path: "") == classifier && bytes != self.classifier.encoded)
    // A calibration changes neither the format version nor the tensors of the file.
    let file = try Safetensors(bytes.span)
    #expect(file.metadata["formatVersion"] == "3" && Set(file.entries.keys).count == 5)
  }

  @Test func aNestedEstimateIsKept() throws {
    var summary = ClassifierFixtures.summary
    summary.nested = NestedEstimate(
      folds: [Proportion(successes: 20, count: 30), Proportion(successes: 25, count: 30)],
      chosen: [
        .init(column: "stem-avg", c: 0.1), .init(column: "head-avg", c: 1, converged: false),
      ])
    let classifier = ClassifierFixtures.classifier(summary: summary)
    #expect(try Classifier(classifier.encoded, path: "") == classifier)
    let file = try Safetensors(classifier.encoded.span)
    let text = try #require(file.metadata["training"])
    #expect(
      text.contains(
        #""nested":{"correct":45,"folds":[{"c":0.1,"column":"stem-avg","correct":20,"of":30}"#))
    #expect(text.contains(#"{"c":1.0,"column":"head-avg","converged":false,"#))
    // The correct images of the folds no longer add up to the total.
    let spoiled = try encoded(metadata: {
      $0["training"] = text.replacing(#""nested":{"correct":45"#, with: #""nested":{"correct":44"#)
    })
    #expect(reason(spoiled).hasPrefix("metadata 'training': "))
  }

  @Test func oneVersusRestIsKept() throws {
    let classifier = ClassifierFixtures.classifier(
      summary: ClassifierFixtures.summary(TrainingSettings(.logistic(.init(multiClass: .oneVersusRest)))))
    #expect(try Classifier(classifier.encoded, path: "") == classifier)
    #expect(classifier.encoded != self.classifier.encoded)
    let sum = 1 / (1 + exp(-1.0)) + 0.5 + 1 / (1 + exp(1.0))
    #expect(abs((classifier.probabilities(scores: [1, 0, -1]) ?? [])[1] - 0.5 / sum) < 1e-15)
    let bytes = try encoded(metadata: {
      $0["settings"] = $0["settings"]?.replacing("\"multinomial\"", with: "\"pairs\"")
    })
    #expect(reason(bytes).contains("multinomial or one-vs-rest"))
  }

  /// Without a penalty there is no duality gap. The kind of penalty matters to a later training, but to no prediction.
  @Test(arguments: [Penalty.l1, .elasticNet(l1Ratio: 0.25), .none])
  func penaltiesAreKept(penalty: Penalty) throws {
    let settings = TrainingSettings(.logistic(.init(penalty: penalty)))
    var summary = ClassifierFixtures.summary(settings)
    if penalty == .none { summary.gap = .infinity }
    let classifier = ClassifierFixtures.classifier(summary: summary)
    #expect(try Classifier(classifier.encoded, path: "") == classifier)
    #expect(classifier.encoded != self.classifier.encoded)
    #expect(try classifier.training.settings.training() == settings)
    for (word, field) in [("\"l3\"", "penalty"), ("\"elastic-net\",\"l1Ratio\":2", "l1Ratio")] {
      let bytes = try encoded(metadata: {
        $0["settings"] = $0["settings"]?.replacing("\"penalty\":\"l2\"", with: "\"penalty\":\(word)")
      })
      let read = try Classifier(bytes, path: "m")
      #expect(read.weights == classifier.weights)
      let error = #expect(throws: SettingsError.self) { try read.training.settings.training() }
      #expect(error?.field == field)
    }
  }

  @Test(arguments: [
    "{", "[]", "{\"method\":\"isotonic\"}", "{\"method\":\"temperature\",\"temperature\":0}",
    "{\"method\":\"platt\",\"slopes\":[1,2],\"offsets\":[1,2]}",
    "{\"method\":\"platt\",\"slopes\":[1,2,3],\"offsets\":[1,2,\"3\"]}",
  ])
  func calibrationsAreChecked(text: String) throws {
    #expect(reason(try encoded(metadata: { $0["calibration"] = text })).hasPrefix("metadata 'calibration': "))
  }

  /// The file of a classifier without C contains no C. If the classifier has C, its file must contain it.
  @Test func aNearestMeanHasNoC() throws {
    let fixture = ClassifierFixtures.classifier()
    var summary = ClassifierFixtures.summary(TrainingSettings(.nearestMean))
    summary.c = nil
    summary.estimates = [.init(c: nil, accuracy: summary.estimates[0].accuracy)]
    let classifier = Classifier(
      classNames: fixture.classNames, weights: fixture.weights, bias: fixture.bias, scaler: fixture.scaler,
      source: fixture.source, training: summary)
    #expect(try Classifier(classifier.encoded, path: "m") == classifier)
    #expect(classifier.probabilities(scores: [1, 2, 3]) == nil && classifier.confidenceKind == .nearestMean)
    let bytes = classifier.encoded
    let metadata = try Safetensors(bytes.span).metadata
    let training = try #require(metadata["training"])
    #expect(!training.contains("\"c\":") && metadata["settings"]?.contains("\"c\":") == false)
    #expect(reason(try encoded(metadata: { $0["training"] = training })).hasPrefix("metadata 'training': "))
  }

  @Test func normalizedRowsAreKept() throws {
    let fixture = ClassifierFixtures.classifier()
    var settings = ClassifierFixtures.settings
    settings.transform = FeatureTransform(
      normalizesRows: true, components: PrincipalComponents(.components(2), whitens: true))
    var summary = ClassifierFixtures.summary(settings)
    summary.projection = ProjectionSummary(explainedVarianceRatios: [0.5, 0.25], whitens: true)
    let classifier = Classifier(
      classNames: fixture.classNames, weights: fixture.weights, bias: fixture.bias, scaler: fixture.scaler,
      normalizesRows: true, source: fixture.source, training: summary)
    let bytes = classifier.encoded
    #expect(try Classifier(bytes, path: "m") == classifier)
    #expect(
      reason(try encoded(metadata: { $0["rows"] = "l1" }))
        == "metadata 'rows': expected 'l2' or none in format 3, found 'l1'")
    // The scores equal the scores of the row divided by its norm. A row of zeros stays as it is.
    let row: [Float] = [3, 0, 0, 4, 0, 0]
    let unit: [Float] = [0.6, 0, 0, 0.8, 0, 0]
    for (a, b) in zip(classifier.scores(row.span), fixture.scores(unit.span)) { #expect(abs(a - b) < 1e-6) }
    let zeros = [Float](repeating: 0, count: 6)
    #expect(classifier.scores(zeros.span) == fixture.bias.map { Double($0) })
  }

  @Test func theSameClassifierGivesTheSameBytes() throws {
    #expect(classifier.encoded == ClassifierFixtures.classifier().encoded)
    #expect(try Classifier(classifier.encoded, path: "").encoded == classifier.encoded)
  }

  /// Files of format 1 open in every later version.
  ///
  /// `Tests/Reference/classifier/format1.layertap` is the classifier of `ClassifierFixtures`. The file never has to be
  /// generated again.
  @Test func formatOneStaysReadable() throws {
    let read = try Classifier(
      contentsOf: Repository.path("Tests/Reference/classifier/format1.layertap"))
    var settings = ClassifierFixtures.settings
    // In format 1 there was no other criterion.
    settings.criterion = .accuracy
    #expect(try read.training.settings.training() == settings)
    // The reader invents no values for fields that format 1 lacks.
    #expect(
      read.seen == nil && read.indexBase == nil && read.training.settings != classifier.training.settings)
    var summary = read.training
    summary.settings = classifier.training.settings
    #expect(
      Classifier(
        classNames: read.classNames, weights: read.weights, bias: read.bias, scaler: read.scaler,
        source: read.source, training: summary) == classifier)
  }

  @Test func filesAreReplacedWhole() throws {
    try withTemporaryFolder { folder in
      let path = folder + "/m.layertap"
      try classifier.write(to: path)
      try classifier.write(to: path)
      #expect(try Classifier(contentsOf: path) == classifier)
      #expect(throws: ClassifierError.self) { try Classifier(contentsOf: folder + "/none") }
      #expect(throws: ClassifierError.self) { try classifier.write(to: folder + "/none/m.layertap") }
    }
  }

  @Test func everyCutIsRefused() {
    let bytes = classifier.encoded
    for count in stride(from: 0, to: bytes.count, by: 13) {
      #expect(throws: ClassifierError.self) { try Classifier(Array(bytes.prefix(count)), path: "") }
    }
  }

  @Test func otherFilesAreRefused() throws {
    #expect(reason(Array("not a model at all".utf8)).contains("safetensors"))
    #expect(
      reason(try encoded(metadata: { $0["format"] = "pt" })).contains("'pt', expected 'layertap-classifier'"))
    #expect(reason(try encoded(metadata: { $0["format"] = nil })).contains("lack 'format'"))
  }

  @Test func aLaterFormatIsRefusedByName() throws {
    let bytes = try encoded(metadata: { $0["formatVersion"] = "4" })
    #expect(throws: ClassifierError.laterFormat(path: "m", found: 4, newest: 3, since: "0.2.0")) {
      try Classifier(bytes, path: "m")
    }
    let silent = try encoded(metadata: { ($0["formatVersion"], $0["since"]) = ("4", nil) })
    #expect(throws: ClassifierError.laterFormat(path: "m", found: 4, newest: 3, since: nil)) {
      try Classifier(silent, path: "m")
    }
    #expect(
      ClassifierError.laterFormat(path: "m", found: 4, newest: 3, since: "0.9.0").description
        == "m has format 4, this program reads up to 3: use a newer LayerTap, 0.9.0 or later")
  }

  @Test(arguments: ["weights", "bias", "scaler.offset", "scaler.scale"])
  func everyTensorIsNeeded(name: String) throws {
    #expect(reason(try encoded(tensors: { $0[name] = nil })) == "the tensor '\(name)' is missing")
  }

  @Test(arguments: ["weights", "bias", "scaler.offset", "scaler.scale", "golden.scores"])
  func everyValueIsFinite(name: String) throws {
    let bytes = try encoded(tensors: { tensors in
      guard let tensor = tensors[name] else { return }
      var elements = tensor.elements
      elements[elements.count - 1] = .nan
      tensors[name] = Safetensors.Tensor(name: name, shape: tensor.shape, elements: elements)
    })
    #expect(reason(bytes).hasSuffix("of tensor '\(name)' is NaN"))
  }

  @Test(arguments: ["weights", "bias", "scaler.offset", "scaler.scale", "golden.scores"])
  func everyShapeFits(name: String) throws {
    let bytes = try encoded(tensors: {
      $0[name] = Safetensors.Tensor(name: name, shape: [2], elements: [1, 1])
    })
    #expect(reason(bytes).contains("has shape"))
  }

  @Test func unknownTensorsAndScalesOfZeroAreRefused() throws {
    let other = Safetensors.Tensor(name: "more", shape: [1], elements: [0])
    #expect(reason(try encoded(tensors: { $0["more"] = other })).contains("'more' is unknown"))
    let zeros = Safetensors.Tensor(name: "scaler.scale", shape: [6], elements: [1, 1, 1, 1, 1, 0])
    #expect(reason(try encoded(tensors: { $0["scaler.scale"] = zeros })).contains("not above 0"))
  }

  @Test(arguments: ["classes", "training", "settings", "selection", "backbone", "columns", "formatVersion"])
  func metadataAreChecked(key: String) throws {
    #expect(reason(try encoded(metadata: { $0[key] = "{" })) != "accepted")
    #expect(reason(try encoded(metadata: { $0[key] = "[]" })) != "accepted")
    #expect(reason(try encoded(metadata: { $0[key] = nil })) != "accepted")
  }

  @Test func classNamesDiffer() throws {
    let bytes = try encoded(metadata: { $0["classes"] = "[\"a\",\"b\",\"a\"]" })
    #expect(reason(bytes) == "metadata 'classes': expected two or more different names")
  }
}
