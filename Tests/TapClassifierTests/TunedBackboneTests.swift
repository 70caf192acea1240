// A model trained on features of tuned algorithms computes with these algorithms on every machine, whatever the machine
// measures.

import TapArchitectures
import TapBackbone
import TapClassifier
import TapFileSystem
import TapProvenance
import TestSupport
import Testing

@Suite struct TunedBackboneTests {
  static let column = Column(tap: "layer3", pooling: .avg)

  static func backbone(_ algorithms: [String: ConvolutionAlgorithm]) throws -> Backbone {
    var backbone = try Architectures.seeded("resnet20_cifar10", seed: 1)
    backbone.algorithms = AlgorithmChoices(algorithms)
    return backbone
  }

  static func classifier(of backbone: Backbone) throws -> Classifier {
    let column = Column(tap: try backbone.resolve("layer3"), pooling: .avg)
    return try Classifier(
      classNames: ["a", "b", "c"], weights: (0..<192).map { Float($0 % 7) - 3 }, bias: [0, 1, 2],
      scaler: .identity(columns: 64),
      source: .init(identity: BackboneIdentity(backbone), columns: [column], goldenScores: nil),
      training: ClassifierFixtures.summary
    ).withGoldenScores(of: backbone)
  }

  @Test func theModelsAlgorithmsAreUsed() throws {
    let tuned = try Self.backbone(["3x3 32-32 at 16x16": .direct, "3x3 16-16 at 32x32": .winograd])
    let classifier = try Self.classifier(of: tuned)
    let golden = try #require(classifier.source?.goldenScores)
    func scores(_ classifier: Classifier, _ backbone: Backbone) throws -> [Float] {
      let images = try ImageClassifier(classifier, backbone: backbone)
      #expect(images.warnings.isEmpty)
      return try images.scores(GoldenImage.image).map { Float($0) }
    }
    // The given backbone is untuned, or tuned with another algorithm.
    for algorithms in [[:], ["3x3 64-64 at 8x8": ConvolutionAlgorithm.winograd]] {
      #expect(try scores(classifier, Self.backbone(algorithms)) == golden)
    }
    // With the other algorithm the scores differ, so the comparison above would fail.
    let plain = try Self.classifier(of: Self.backbone([:]))
    #expect(plain.source?.goldenScores != golden)
    #expect(try scores(plain, tuned) == plain.source?.goldenScores)

    try withTemporaryFolder { folder in
      for embedded in [nil, try Self.backbone([:])] {
        try classifier.write(to: folder + "/m", embedding: embedded)
        let (read, backbone) = try Classifier.load(folder + "/m")
        #expect(read.source?.identity == BackboneIdentity(tuned))
        if embedded != nil {
          let backbone = try #require(backbone)
          #expect(backbone.algorithms == tuned.algorithms)
          #expect(try scores(read, backbone) == golden)
        } else {
          #expect(try scores(read, Self.backbone([:])) == golden)
        }
      }
      // If no algorithm was chosen, the file does not mention algorithms.
      try plain.write(to: folder + "/p")
      #expect(try !String(decoding: FileSystem.read(folder + "/p"), as: UTF8.self).contains("algorithms"))
    }
  }
}
