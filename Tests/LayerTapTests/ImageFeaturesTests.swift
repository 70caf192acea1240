import FoundationEssentials
import LayerTap
import TapFileSystem
import TestSupport
import Testing

/// Features in memory equal those of a store bit for bit, whether images are given as files, bytes or pixels.
@Suite struct ImageFeaturesTests {
  static let layers = ["features.3", "features.12"]

  @Test func filesBytesAndPixelsGiveTheRowsOfAStore() throws {
    try withTemporaryFolder { folder in
      let photos = try SurfacePhotos(in: folder)
      let extractor = try smallExtractor(layers: Self.layers, poolings: [.avg, .max])
      let stored = try FeatureExtractor(backbone: extractor.backbone, columns: extractor.columns)
        .extract(photos.list, into: folder + "/store")
      let rows = stored.items.compactMap(\.row)
      let inputs: [[ImageInput]] = [
        .files(photos.paths), .encoded(try photos.encoded()), .pixels(try photos.pixels()),
      ]
      #expect(extractor.columns.count == 4)
      for images in inputs {
        let features = try extractor.features(of: images)
        #expect(features.indices == Array(0..<18) && features.unreadable.isEmpty)
        for column in extractor.columns {
          #expect(features[column] == (try stored.store.matrix(column).gathered(rows)), "\(column.name)")
        }
      }
      let list = try extractor.features(of: photos.list)
      let kept = try extractor.features(of: photos.list, store: folder + "/store")
      let new = try extractor.features(of: photos.list, store: folder + "/new")
      #expect(list.matrices == kept.matrices && list.matrices == new.matrices)
      #expect(list.keys == kept.keys && list.keys.allSatisfy { $0.count == 64 })
    }
  }

  @Test(.needs(.data(SurfacePhotos.weights))) func theCommandExtractsTheSameRows() throws {
    let weights = try TestData.path(SurfacePhotos.weights)
    try withTemporaryFolder { folder in
      let photos = try SurfacePhotos(in: folder)
      let outcome = try Tool.run(
        ["extract", "photos", "--backbone", weights, "--layers", "features.5", "--output", "X.npy"],
        in: folder)
      try #require(outcome.status == 0, "\(outcome.errors)")
      let extractor = try ImageFeatureExtractor(weights, layers: ["features.5"])
      #expect(try extractor.features(of: photos.list).matrix == FeatureFile(folder + "/X.npy").features)
    }
  }

  @Test func valuesCanBeRead() throws {
    let extractor = try smallExtractor(layers: Self.layers)
    let features = try extractor.features(of: .encoded([generatedPNG(seed: 1), generatedPNG(seed: 2)]))
    let (first, second, joined) = (features.matrices[0], features.matrices[1], features.matrix)
    #expect(joined.rows == 2 && joined.columns == first.columns + second.columns)
    #expect(joined[1, first.columns + 3] == second[1, 3])
    #expect(first.row(1)[2] == first[1, 2])
    let values = unsafe first.withUnsafeBufferPointer { unsafe Array($0) }
    #expect(values.count == 2 * first.columns && values[first.columns + 2] == first[1, 2])
    #expect(first.rows(1..<2).row(0)[0] == first[1, 0])
    #expect(features[Column(tap: "none", pooling: .avg)] == nil)
    #expect(Set([first, second, first]).count == 2)
  }

  @Test func theNumberOfThreadsChangesNothing() throws {
    let images = [ImageInput].encoded((0..<9).map { generatedPNG(seed: $0) })
    let results = try [1, 3, 20].map { try smallExtractor(threads: $0).features(of: images).matrix }
    #expect(results[0] == results[1] && results[0] == results[2])
  }

  // MARK: - Unreadable images

  @Test func anErrorNamesTheUnreadableImage() throws {
    let extractor = try smallExtractor()
    let good = ImageInput.encoded(generatedPNG(seed: 1))
    func error(_ images: [ImageInput]) -> String {
      do {
        _ = try extractor.features(of: images)
        return ""
      } catch { return "\(error)" }
    }
    #expect(error([good, .file("/nowhere.jpg")]) == "/nowhere.jpg: the file is missing")
    #expect(error([good, good, .encoded(Array("GIF89a".utf8))]).hasPrefix("image 2: "))
    #expect(error([.encoded([])]).hasPrefix("image 0: the file is empty"))
    #expect(error([good]) == "")
  }

  @Test func skippedImagesAreNamed() throws {
    var extractor = try smallExtractor()
    extractor.unreadable = .skip
    let good = [ImageInput].encoded([generatedPNG(seed: 1), generatedPNG(seed: 2)])
    let features = try extractor.features(of: [good[0], .file("/nowhere.jpg"), good[1]])
    #expect(features.indices == [0, 2] && features.rows == 2)
    #expect(features.unreadable.map(\.index) == [1])
    #expect(features.unreadable.map(\.name) == ["/nowhere.jpg"])
    #expect(features.matrix == (try extractor.features(of: good).matrix))
    #expect(try extractor.features(of: []).rows == 0)
  }

  @Test func samplesThatFillNoImageAreAnError() throws {
    for (count, width, height) in [(11, 2, 2), (12, 0, 2), (12, -2, -2), (0, 0, 0), (12, .max, 2)] {
      #expect(throws: ImageError.pixelCount(width: width, height: height, found: count)) {
        try RGBImage(checking: [UInt8](repeating: 0, count: count), width: width, height: height)
      }
    }
    #expect(try RGBImage(checking: [UInt8](repeating: 7, count: 12), width: 2, height: 2).height == 2)
  }

  @Test func settingsHaveAJSONForm() throws {
    let text = #"{"backbone": "resnet18", "layers": ["layer1"], "pool": ["max"], "size": 96}"#
    let settings = try ExtractionSettings(text: text)
    #expect(settings.changes.size == 96)
    #expect(try ExtractionSettings(text: settings.text) == settings)
    var broken = settings
    broken.changes.size = 0
    #expect(throws: SettingsError.self) { try ImageFeatureExtractor(broken) }
    #expect(throws: SettingsError.self) { try ExtractionSettings(text: "{") }
  }

  @Test func unknownNamesAreErrors() throws {
    #expect(throws: BackboneLoadingError.self) { try ImageFeatureExtractor("no_such_network") }
    #expect(throws: BackboneError.self) { try ImageFeatureExtractor(layers: ["no.such.layer"]) }
    #expect(throws: BackboneError.self) { try smallExtractor(layers: ["no.such.layer"]) }
  }
}
