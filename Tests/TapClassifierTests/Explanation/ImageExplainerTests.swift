// Scores as sums over cells: the sums equal the scores on every layer, and the cells equal PyTorch's.

import TapArchitectures
import TapBackbone
import TapClassifier
import TapExtraction
import TapFileSystem
import TapFormats
import TapImages
import TapLinear
import TapProvenance
import TapTensors
import TestSupport
import Testing

@Suite struct ImageExplainerTests {
  /// A classifier of columns whose weights are drawn from the generator of Tests/Reference/explanations/generate.py.
  private func classifier(
    _ columns: [Column], of backbone: Backbone, normalizesRows: Bool = false
  ) throws -> Classifier {
    let dimensions = try columns.reduce(0) { try $0 + backbone.dimensions(of: $1) }
    func drawn(_ name: String, _ count: Int) -> [Float] {
      ReferenceParameters.uniform(name, count: count).map { $0 - 0.5 }
    }
    return Classifier(
      classNames: ["a", "b", "c"], weights: drawn("explained weights", 3 * dimensions),
      bias: drawn("explained bias", 3), scaler: .identity(columns: dimensions),
      normalizesRows: normalizesRows,
      source: .init(identity: BackboneIdentity(backbone), columns: columns, goldenScores: nil),
      training: ClassifierFixtures.summary)
  }

  private func explainer(
    _ classifier: Classifier, _ backbone: Backbone, className: String? = nil, against: String? = nil
  ) throws -> ImageExplainer {
    try ImageExplainer(
      ImageClassifier(classifier, backbone: backbone), backbone: backbone, className: className, against: against)
  }

  private static func image(side: Int) -> RGBImage {
    let pixels = ReferenceParameters.uniform("explained image", count: 3 * side * side).map { UInt8($0 * 256) }
    return RGBImage(width: side, height: side, pixels: pixels)
  }

  private func isSum(_ explanation: ScoreExplanation) -> Bool {
    let sum = explanation.maps.reduce(0) { $0 + $1.cells.reduce(0, +) }
    return abs(sum - explanation.score) <= 1e-5 * max(1, abs(explanation.score))
  }

  /// Explains a score of every layer whose average is a vector, and returns the number of these layers.
  private func explainAllLayers(of backbone: Backbone, _ image: RGBImage) throws -> Int {
    var count = 0
    for column in try backbone.columns(layers: ["all"], poolings: [.avg]) {
      guard try backbone.positions(of: column) != nil else { continue }
      let classifier = try classifier([column], of: backbone)
      let images = try ImageClassifier(classifier, backbone: backbone)
      let explained = try explainer(classifier, backbone).explain(.pixels(image))
      #expect(try explained.scores == images.scores(image), "\(column.name)")
      #expect(isSum(explained.explanation), "\(backbone.name) \(column.name)")
      #expect(explained.explanation.maps.count == 1)
      count += 1
    }
    return count
  }

  private static let networks = [
    "efficientnet_lite0", "resnet18", "mobilenet_v3_small", "densenet121", "squeezenet1_1", "convnext_tiny",
    "resnet20_cifar10",
  ]

  @Test(arguments: networks) func cellsSumToTheScoreOnEveryLayer(name: String) throws {
    var backbone = try Architectures.build(
      name, weights: ReferenceParameters.weights(Architectures.parameters(of: name)))
    backbone.preprocessing.size = 64
    #expect(try explainAllLayers(of: backbone, Self.image(side: 80)) >= 5)
  }

  @Test(.needs(.lite0)) func cellsSumToTheScoreWithRealWeights() throws {
    let backbone = try Backbone.load("efficientnet_lite0")
    let photograph = try ImageDecoder.decode(FileSystem.read(Repository.path("data/photos/cat.jpg")))
    #expect(try explainAllLayers(of: backbone, photograph) >= 17)
  }

  @Test func cellsAreThoseOfPyTorch() throws {
    let text = try FileSystem.read(Repository.path("Tests/Reference/explanations/explanations.json"))
    let cases = try #require(try JSONValue.parse(text)["cases"]?.arrayValue)
    var backbone = try Architectures.build(
      "resnet18", weights: ReferenceParameters.weights(Architectures.parameters(of: "resnet18")))
    backbone.preprocessing = Preprocessing(size: 72, cropFraction: 1)
    #expect(cases.count == 6)
    for expected in cases {
      let columns = try (expected["columns"]?.arrayValue ?? []).map { column in
        let parts = column.arrayValue?.compactMap(\.stringValue) ?? []
        return Column(tap: try backbone.resolve(parts[0]), pooling: try #require(Pooling(name: parts[1])))
      }
      func name(_ key: String) -> String? { expected[key]?.intValue.map { ["a", "b", "c"][$0] } }
      let classifier = try classifier(
        columns, of: backbone, normalizesRows: expected["normalizes"] == .bool(true))
      let found = try explainer(
        classifier, backbone, className: name("class"), against: name("against")
      ).explain(.pixels(Self.image(side: 72))).explanation
      #expect(found.className == name("class") && found.against == name("against"))
      let score = try #require(expected["score"]?.doubleValue)
      #expect(abs(found.score - score) < 2e-5 * max(1, abs(score)))
      #expect(abs(found.intercept - (expected["intercept"]?.doubleValue ?? .nan)) < 1e-7)
      #expect(isSum(found))
      let maps = expected["maps"]?.arrayValue ?? []
      #expect(maps.count == found.maps.count)
      for (map, cells) in zip(found.maps, maps) {
        let rows = cells.arrayValue ?? []
        #expect(map.height == rows.count && map.width == rows.first?.arrayValue?.count)
        let values = rows.flatMap { $0.arrayValue?.compactMap(\.doubleValue) ?? [] }
        #expect(normalizedError(map.cells.map { Float($0) }, values.map { Float($0) }) < 2e-5)
      }
    }
  }

  @Test func joinedLayersHaveShares() throws {
    var backbone = try Architectures.seeded("efficientnet_lite0", seed: 1)
    backbone.preprocessing.size = 64
    let columns = ["blocks.2", "blocks.6"].map { Column(tap: $0, pooling: .avg) }
    let classifier = try classifier(columns, of: backbone)
    let image = Self.image(side: 64)
    let explained = try explainer(classifier, backbone, className: "b").explain(.pixels(image)).explanation
    #expect(explained.maps.map(\.column) == columns)
    #expect(explained.maps.map(\.height) == [16, 4] && isSum(explained))
    let contributions = explained.maps.map(\.contribution)
    #expect(abs(contributions[0] + contributions[1] + explained.intercept - explained.score) < 1e-5)
    let total = abs(contributions[0]) + abs(contributions[1])
    for (map, contribution) in zip(explained.maps, contributions) {
      #expect(abs(map.share - abs(contribution) / total) < 1e-12)
    }
    // Without a name, the class is the predicted class.
    let scores = try ImageClassifier(classifier, backbone: backbone).scores(image)
    let own = try explainer(classifier, backbone).explain(.pixels(image)).explanation
    #expect(own.className == classifier.ranking(scores: scores)[0].className && own.score == scores.max())
  }

  @Test func aMapKnowsWhereItIs() throws {
    // The brighter half of the image changes only its own cells: the first layers see few pixels around a cell.
    var backbone = try Architectures.seeded("efficientnet_lite0", seed: 1)
    backbone.preprocessing = Preprocessing(size: 64, cropFraction: 1)
    let classifier = try classifier([Column(tap: "stem", pooling: .avg)], of: backbone)
    let explainer = try explainer(classifier, backbone, className: "a")
    func cells(_ bright: (Int, Int) -> Bool) throws -> [Double] {
      let pixels = (0..<64 * 64).flatMap { place -> [UInt8] in
        let value: UInt8 = bright(place % 64, place / 64) ? 220 : 40
        return [value, value, value]
      }
      return try explainer.explain(.pixels(RGBImage(width: 64, height: 64, pixels: pixels)))
        .explanation.maps[0].cells
    }
    let dark = try cells { _, _ in false }
    let top = try cells { _, y in y < 32 }
    let left = try cells { x, _ in x < 32 }
    for y in 0..<32 {
      for x in 0..<32 {
        let place = y * 32 + x
        // Cells at the border of the bright half see both halves.
        if y > 17 { #expect(top[place] == dark[place]) }
        if y < 14, (2..<30).contains(x) { #expect(top[place] != dark[place]) }
        if x > 17 { #expect(left[place] == dark[place]) }
        if x < 14, (2..<30).contains(y) { #expect(left[place] != dark[place]) }
      }
    }
  }

  @Test func notesSayWhatIsNotExact() throws {
    var backbone = try Architectures.seeded("efficientnet_lite0", seed: 1)
    backbone.preprocessing.size = 64
    let average = try classifier([Column(tap: "blocks.2", pooling: .avg)], of: backbone)
    #expect(try explainer(average, backbone).notes.isEmpty)
    let largest = try classifier(
      [Column(tap: "blocks.2", pooling: .max)], of: backbone, normalizesRows: true)
    #expect(try explainer(largest, backbone).notes == [.rowNorm, .maximum(layer: "blocks.2-max")])
  }

  @Test func otherScoresAreRefused() throws {
    var backbone = try Architectures.seeded("mobilenet_v3_small", seed: 1)
    backbone.preprocessing.size = 64
    func error(_ column: Column, className: String? = nil) throws -> String {
      let classifier = try classifier([column], of: backbone)
      do {
        _ = try explainer(classifier, backbone, className: className)
        return ""
      } catch { return "\(error)" }
    }
    let deep = Column(tap: try backbone.resolve("penultimate"), pooling: .none)
    #expect(try error(deep).contains("more than an average stands between"))
    let layer = try #require(backbone.layers.first { $0.shape.count == 3 }).name
    #expect(try error(Column(tap: layer, pooling: .gem)).contains("generalized mean is no sum"))
    #expect(try error(Column(tap: layer, pooling: .avg), className: "B").contains("Did you mean 'b'?"))
    #expect(try error(Column(tap: layer, pooling: .avg), className: "b").isEmpty)
  }
}
