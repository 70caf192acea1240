import TapArchitectures
import TapBackbone
import TapClassifier
import TapFeatures
import TapLinear
import TapProvenance
import TestSupport
import Testing

@Suite struct ImageClassifierTests {
  static let backbone: Backbone? = try? Architectures.seeded("efficientnet_lite0", seed: 1)
  static let column = Column(tap: "blocks.2", pooling: .avg)

  let backbone: Backbone
  let classifier: Classifier

  init() throws {
    backbone = try #require(Self.backbone)
    let weights = (0..<72).map { Float($0 % 7) - 3 }
    classifier = try Classifier(
      classNames: ["a", "b", "c"], weights: weights, bias: [0, 1, 2], scaler: .identity(columns: 24),
      source: .init(identity: BackboneIdentity(backbone), columns: [Self.column], goldenScores: nil),
      training: ClassifierFixtures.summary
    ).withGoldenScores(of: backbone)
  }

  /// The same classifier with another source.
  func with(_ identity: BackboneIdentity, golden: [Float]?) -> Classifier {
    Classifier(
      classNames: classifier.classNames, weights: classifier.weights, bias: classifier.bias,
      scaler: classifier.scaler,
      source: .init(identity: identity, columns: [Self.column], goldenScores: golden),
      training: classifier.training)
  }

  /// The message for features of this origin.
  func objection(_ identity: BackboneIdentity, _ column: Column = ImageClassifierTests.column) -> String {
    do {
      try classifier.requireFeatures(of: identity, columns: [column])
      return ""
    } catch {
      return error.description
    }
  }

  @Test func theGoldenScoresAreReproduced() throws {
    let images = try ImageClassifier(classifier, backbone: backbone)
    #expect(images.warnings.isEmpty)
    #expect(try images.scores(GoldenImage.image).map { Float($0) } == classifier.source?.goldenScores)
  }

  /// Adding golden scores to a classifier changes nothing else in it.
  @Test func goldenScoresLeaveTheRestAlone() throws {
    let plain = Classifier(
      classNames: classifier.classNames, weights: classifier.weights, bias: classifier.bias,
      scaler: classifier.scaler,
      source: .init(identity: BackboneIdentity(backbone), columns: [Self.column], goldenScores: nil),
      training: classifier.training, calibration: .temperature(2))
    let proven = try plain.withGoldenScores(of: backbone)
    #expect(proven.calibration == .temperature(2) && proven.source?.goldenScores != nil)
    #expect(proven.training == plain.training && proven.weights == plain.weights)
  }

  @Test func otherGoldenScoresAreRefused() throws {
    let golden = try #require(classifier.source?.goldenScores)
    let largest = golden.map(abs).max() ?? 0
    let identity = BackboneIdentity(backbone)
    let near = [golden[0] + 0.000_5 * largest, golden[1], golden[2]]
    _ = try ImageClassifier(with(identity, golden: near), backbone: backbone)
    for far in [[golden[0] + 0.01 * largest, golden[1], golden[2]], [golden[0], .nan, golden[2]]] {
      #expect(throws: ClassifierError.self) {
        try ImageClassifier(with(identity, golden: far), backbone: backbone)
      }
    }
    let unproven = try ImageClassifier(with(identity, golden: nil), backbone: backbone)
    #expect(unproven.warnings.count == 1)
  }

  @Test func aMismatchNamesItsPart() throws {
    let other = try Architectures.seeded("efficientnet_lite0", seed: 2)
    let error = #expect(throws: ClassifierError.self) { try ImageClassifier(classifier, backbone: other) }
    #expect(error?.description.contains("weights differ:") == true)

    #expect(objection(BackboneIdentity(backbone)).isEmpty)
    var identity = BackboneIdentity(backbone)
    identity.graphHash = "0"
    #expect(objection(identity).contains("graph differs:"))
    identity = BackboneIdentity(backbone)
    identity.preprocessing.size = 96
    let text = objection(identity)
    #expect(text.contains("preprocessing differs:") && text.contains("size 224") && text.contains("size 96"))
    #expect(!text.contains("cropFraction"))
    let layer = objection(BackboneIdentity(backbone), Column(tap: "blocks.2", pooling: .max))
    #expect(layer.contains("blocks.2-avg") && layer.contains("blocks.2-max"))
  }

  @Test func roundingOnlyIsAWarning() throws {
    var identity = BackboneIdentity(backbone)
    identity.decoder = "libjpeg-turbo 9.9.9"
    identity.numericsRevision = 99
    let golden = classifier.source?.goldenScores
    let images = try ImageClassifier(with(identity, golden: golden), backbone: backbone)
    #expect(images.warnings.count == 2)
  }

  @Test func thePreprocessingIsTheClassifiers() throws {
    var backbone = backbone
    backbone.preprocessing.size = 64
    let images = try ImageClassifier(classifier, backbone: backbone)
    #expect(try images.scores(GoldenImage.image).map { Float($0) } == classifier.source?.goldenScores)
  }

  @Test func aBareMatrixModelTakesNoImages() {
    #expect(throws: ClassifierError.noBackbone) {
      try ImageClassifier(ClassifierFixtures.classifier(source: nil), backbone: backbone)
    }
  }

  @Test func filesComeBackInOrder() throws {
    let images = try ImageClassifier(classifier, backbone: backbone)
    #expect(images.scores([]).isEmpty)
    let files = ["/nowhere/a.jpg", Repository.path("Package.swift"), "/nowhere/b.jpg"]
    let texts = images.scores(.files(files), threads: 2).map { result in
      if case .failure(let error) = result { error.description } else { "" }
    }
    #expect(texts.count == 3)
    #expect(texts[0].contains("/nowhere/a.jpg") && texts[2].contains("/nowhere/b.jpg"))
    #expect(texts[1].contains("Package.swift: not an image"))
  }
}
