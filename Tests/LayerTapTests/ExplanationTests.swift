import LayerTap
import TapFileSystem
import TestSupport
import Testing

/// The cells that an explanation names carry the score of real photographs.
@Suite(.needs(.lite0, .data("images/clothing"))) struct ExplanationTests {
  /// The first photographs of each class of a split, with their classes.
  private static func photographs(_ split: String, _ count: Int) throws -> [(path: String, label: String)] {
    let folder = try TestData.path("images/clothing/" + split)
    return try FileSystem.list(folder).sorted().flatMap { label in
      try FileSystem.list("\(folder)/\(label)").sorted().prefix(count).map { ("\(folder)/\(label)/\($0)", label) }
    }
  }

  /// A square of 256 pixels whose middle is the network's input of 224 pixels. Some cells of the middle are gray.
  private static func frame(_ crop: RGBImage, without cells: some Sequence<Int> = [], of map: ScoreMap) -> RGBImage {
    var pixels = [UInt8](repeating: 127, count: 3 * 256 * 256)
    let gray = Set(cells)
    for y in 0..<224 {
      for x in 0..<224 where !gray.contains(y * map.height / 224 * map.width + x * map.width / 224) {
        for channel in 0..<3 {
          pixels[3 * ((y + 16) * 256 + x + 16) + channel] = crop.pixels[3 * (y * 224 + x) + channel]
        }
      }
    }
    return RGBImage(width: 256, height: 256, pixels: pixels)
  }

  /// Gray cells change the activations around them, so this holds on average and not for each photograph.
  @Test func theScoreFallsMoreWithoutTheLargestCellsThanWithoutTheSmallest() throws {
    let extractor = try ImageFeatureExtractor("efficientnet_lite0", layers: ["penultimate"])
    let train = try Self.photographs("train", 12)
    let features = try extractor.features(of: .files(train.map(\.path)))
    var settings = TrainingSettings()
    settings.c = .fixed(0.1)
    let classifier = try Trainer(settings).fit(LabeledFeatures(features, labels: train.map(\.label)))
    let images = try ImageClassifier(classifier, backbone: extractor.backbone)
    let explainer = try ImageExplainer(images, backbone: extractor.backbone)
    var falls = (largest: 0.0, smallest: 0.0)
    let photographs = try Self.photographs("test", 3)
    #expect(photographs.count == 30)
    for (path, _) in photographs {
      let crop = try explainer.crop(of: .encoded(FileSystem.read(path)))
      let explained = try explainer.explain(.file(path))
      let explanation = explained.explanation
      let map = explanation.maps[0]
      #expect(map.height == 7 && map.width == 7 && explanation.score == explained.scores.max())
      let whole = try images.scores(Self.frame(crop, of: map))
      #expect(whole == explained.scores)
      let index = try #require(classifier.classNames.firstIndex(of: explanation.className))
      func fall(without cells: some Sequence<Int>) throws -> Double {
        explanation.score - (try images.scores(Self.frame(crop, without: cells, of: map))[index])
      }
      let order = map.cells.indices.sorted { map.cells[$0] > map.cells[$1] }
      falls.largest += try fall(without: order.prefix(5))
      falls.smallest += try fall(without: order.suffix(5))
    }
    #expect(falls.largest > 2 * falls.smallest && falls.largest > 0, "\(falls)")
  }
}
