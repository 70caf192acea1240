import CTapForeign
import LayerTap
import TapForeign
import TestSupport
import Testing

/// Classifiers of files, with a model whose backbone is embedded.
@Suite struct ClassifierTests {
  private static let model = Repository.path("Tests/Reference/models/embedded.layertap")

  private func open(_ path: String) throws -> UInt64 {
    try handle { result in withText(path) { unsafe layertap_classifier_open($0, $1, result) } }
  }

  private func openFailure(_ path: String) throws -> ForeignFailure {
    var result: UInt64 = 0
    return try failure { withText(path) { unsafe layertap_classifier_open($0, $1, &result) } }
  }

  /// The probabilities that the library's Swift face computes.
  private func expected(_ image: RGBImage) throws -> (name: String, probabilities: [Double]) {
    let found = try ImageClassifier(contentsOf: Self.model).predict([.pixels(image)])[0].get()
    return (found.className, try #require(found.probabilities))
  }

  @Test func pathsBytesAndPixelsArePredictedAlike() throws {
    let path = Repository.path("data/photos/cat.jpg")
    let bytes = try FileSystem.read(path)
    let image = try ImageDecoder.decode(bytes)
    let (name, probabilities) = try expected(image)
    let classifier = try open(Self.model)
    let names = try texts { unsafe layertap_classifier_classes(classifier, $0) }
    func pixels(gap: Int, isReversed: Bool) -> CallerImage {
      .pixels(width: image.width, height: image.height, samples: image.pixels, gap: gap, isReversed: isReversed)
    }
    let images: [CallerImage] = [
      .path(path), .encoded(bytes), pixels(gap: 0, isReversed: false), pixels(gap: 5, isReversed: false),
      pixels(gap: 0, isReversed: true),
    ]
    var classes = [Int64](repeating: -9, count: images.count)
    var found = [Double](repeating: 0, count: images.count * names.count)
    try withImages(images) { images, count in
      try checked {
        unsafe layertap_classifier_predict_images(classifier, images, count, nil, &classes, &found, nil, nil, nil)
      }
    }
    #expect(classes.map { names[Int($0)] } == images.map { _ in name })
    #expect(found == images.flatMap { _ in probabilities })
    let facts = try json { unsafe layertap_classifier_describe(classifier, $0) }
    #expect(facts["takesImages"] == .bool(true) && facts["hasProbabilities"] == .bool(true))
    try release(classifier)
  }

  @Test func anImageThatCannotBeReadHasAStatusAndAText() throws {
    let classifier = try open(Self.model)
    let photo = Repository.path("data/photos/cat.jpg")
    let bytes = try FileSystem.read(photo)
    let images: [CallerImage] = [
      .path("/nonexistent/a.jpg"), .path(photo), .path(Repository.path("data")), .encoded([]),
      .encoded(Array(bytes.prefix(bytes.count / 2))), .encoded(Array("text".utf8)),
    ]
    var classes = [Int64](repeating: 5, count: images.count)
    var scores = [Double](repeating: 0, count: 2 * images.count)
    var statuses = [Int32](repeating: -9, count: images.count)
    let count = try texts { unsafe layertap_classifier_classes(classifier, $0) }.count
    scores = [Double](repeating: 0, count: count * images.count)
    let found = try texts { errors in
      try withImages(images) { images, count in
        unsafe layertap_classifier_predict_images(
          classifier, images, count, nil, &classes, nil, &scores, &statuses, errors)
      }
    }
    #expect(
      statuses == [LAYERTAP_MISSING, LAYERTAP_OK, LAYERTAP_MISSING, LAYERTAP_DATA, LAYERTAP_DATA, LAYERTAP_DATA])
    #expect(classes.map { $0 < 0 } == [true, false, true, true, true, true])
    #expect(found[1].isEmpty && found[0].contains("/nonexistent/a.jpg") && found[3].hasPrefix("image 3: "))
    #expect(scores[..<count].allSatisfy(\.isNaN) && scores[count..<2 * count].allSatisfy(\.isFinite))
    let failed = try withImages([.path(photo), .encoded(Array("text".utf8))]) { images, count in
      try failure {
        unsafe layertap_classifier_predict_images(classifier, images, count, nil, nil, nil, nil, nil, nil)
      }
    }
    #expect(failed.status == LAYERTAP_DATA && failed.text.hasPrefix("image 1: "))
    try release(classifier)
  }

  @Test func imagesMustBeWellFormed() throws {
    let classifier = try open(Self.model)
    let pixel: [UInt8] = [1, 2, 3]
    @safe func expectRefusal(_ line: Int = #line, _ change: (inout layertap_image) -> Void) throws {
      let found = try unsafe pixel.withUnsafeBytes { pixel in
        var image = unsafe layertap_image(
          kind: LAYERTAP_IMAGE_RGB, data: pixel.baseAddress, size: 0, width: 1, height: 1, row_stride: 0)
        unsafe change(&image)
        return try failure {
          unsafe layertap_classifier_predict_images(classifier, &image, 1, nil, nil, nil, nil, nil, nil)
        }
      }
      #expect(found.status == LAYERTAP_ARGUMENT && found.text.hasPrefix("image 0"), "line \(line): \(found)")
    }
    try expectRefusal { unsafe $0.kind = 0 }
    try expectRefusal { unsafe $0.kind = 4 }
    try expectRefusal { unsafe $0.data = nil }
    try expectRefusal { unsafe $0.size = 1 }
    try expectRefusal { unsafe $0.width = 0 }
    try expectRefusal { unsafe $0.height = 65536 }
    try expectRefusal { unsafe $0.width = -1 }
    try expectRefusal { unsafe $0.row_stride = 2 }
    try expectRefusal { unsafe $0.row_stride = -2 }
    try expectRefusal { unsafe $0.row_stride = .min }
    try expectRefusal { unsafe $0.kind = LAYERTAP_IMAGE_ENCODED }
    var statuses: Int32 = 0
    let alone = try failure {
      unsafe layertap_classifier_predict_images(classifier, nil, 0, nil, nil, nil, nil, &statuses, nil)
    }
    #expect(alone.text.contains("statuses need errors"))
    let null = try failure {
      layertap_classifier_predict_images(classifier, nil, 1, nil, nil, nil, nil, nil, nil)
    }
    #expect(null.text == "images is a null pointer: give memory")
    try checked { layertap_classifier_predict_images(classifier, nil, 0, nil, nil, nil, nil, nil, nil) }
    try release(classifier)
  }

  @Test func filesOfOtherContentAreRefused() throws {
    #expect(try openFailure("/nonexistent.layertap").status == LAYERTAP_MISSING)
    #expect(try openFailure(Repository.path("data")).status == LAYERTAP_MISSING)
    #expect(try openFailure(Repository.path("data/photos/cat.jpg")).status == LAYERTAP_DATA)
    let bytes = try FileSystem.read(Self.model)
    try withTemporaryFolder { folder in
      for count in [0, 7, 8, 100, bytes.count / 2, bytes.count - 1] {
        try AtomicWriter.replace(folder + "/m.layertap", with: Array(bytes.prefix(count)))
        let found = try openFailure(folder + "/m.layertap")
        #expect(found.status == LAYERTAP_DATA && found.text.contains("is not a LayerTap classifier"), "\(count)")
      }
      // The version is a text of the file's header.
      let text = #""formatVersion":"1""#
      let place = try #require(bytes.firstRange(of: Array(text.utf8)))
      var later = bytes
      later[place.upperBound - 2] = UInt8(ascii: "9")
      try AtomicWriter.replace(folder + "/m.layertap", with: later)
      let found = try openFailure(folder + "/m.layertap")
      #expect(found.status == LAYERTAP_DATA && found.text.contains("has format 9, this program reads up to 3"))
    }
  }

  @Test func aBackboneOfAFileMustBeGiven() throws {
    try withTemporaryFolder { folder in
      // A name of the same length that is not built in.
      let name = Array("resnet20_cifarXX".utf8)
      var bytes = try FileSystem.read(Repository.path("Tests/Reference/models/from-store.layertap"))
      bytes.replaceSubrange(try #require(bytes.firstRange(of: Array("resnet20_cifar10".utf8))), with: name)
      try AtomicWriter.replace(folder + "/m.layertap", with: bytes)
      let classifier = try open(folder + "/m.layertap")
      let asked = try failure { layertap_classifier_prepare(classifier, 0) }
      #expect(asked.status == LAYERTAP_MISSING)
      #expect(
        asked.text
          == "the classifier's backbone 'resnet20_cifarXX' is neither embedded nor built in: open its file, and give it "
          + "to the classifier (layertap_classifier_prepare; in Python load(path, backbone=Backbone(file)))")
      let image = try withImages([.path(Repository.path("data/photos/cat.jpg"))]) { images, count in
        try failure {
          unsafe layertap_classifier_predict_images(classifier, images, count, nil, nil, nil, nil, nil, nil)
        }
      }
      #expect(image == asked)
      let embedding = try failure {
        withText(folder + "/e.layertap") { unsafe layertap_classifier_save(classifier, $0, $1, 1) }
      }
      #expect(embedding == asked)
      try release(classifier)
    }
  }

  @Test func aFittedModelBecomesAFile() throws {
    let rows = Rows.drawn(classCount: 3, count: 30)
    let model = try rows.fit("{\"c\": 2}")
    let fitted = try weights(of: model, classes: 3, columns: 3)
    let classifier = try handle { unsafe layertap_model_classifier(model, 0, nil, nil, $0) }
    try withTemporaryFolder { folder in
      let path = folder + "/m.layertap"
      try checked { withText(path) { unsafe layertap_classifier_save(classifier, $0, $1, 0) } }
      // The library's Swift face reads the file.
      let read = try Classifier(contentsOf: path)
      #expect(read.weights == fitted.weights.map { Float($0) } && read.bias == fitted.biases.map { Float($0) })
      #expect(read.classNames == ["0", "1", "2"] && read.training.classCounts == [10, 10, 10])
      let opened = try open(path)
      var (first, second) = ([Double](repeating: 0, count: 90), [Double](repeating: 0, count: 90))
      try rows.with { matrix, _ in
        try checked { unsafe layertap_classifier_predict(classifier, matrix, nil, nil, &first, nil) }
        try checked { unsafe layertap_classifier_predict(opened, matrix, nil, nil, &second, nil) }
      }
      #expect(first == second && first.contains { $0 > 0.4 })
      let refused = try failure { withText(path) { unsafe layertap_classifier_save(opened, $0, $1, 1) } }
      #expect(refused.status == LAYERTAP_DATA && refused.text.contains("it knows no backbone"))
      let image = try failure { layertap_classifier_prepare(opened, 0) }
      #expect(image.status == LAYERTAP_DATA && image.text.contains("it knows no backbone"))
      #expect(
        try failure { withText(folder) { unsafe layertap_classifier_save(opened, $0, $1, 0) } }.status
          >= LAYERTAP_USAGE)
      try release(opened)
    }
    try release(classifier, model)
  }

  @Test func aClassifierRecordsTheHashOfTheRowsThatTheCallerGives() throws {
    var rows = Rows(columns: 1, values: [1, -2, 0.5, 65504], classes: [0, 0, 1, 1])
    rows.weights = [1, 1.5, 1, 1]
    let model = try rows.fit("{\"classifier\": \"nearest-mean\"}")
    @safe func hash(_ call: (UnsafeMutablePointer<UInt64>) throws -> Int32) throws -> String {
      let classifier = try handle(call)
      defer { #expect(layertap_release(classifier) == LAYERTAP_OK) }
      let facts = try json { unsafe layertap_classifier_describe(classifier, $0) }
      return try #require(facts["training"]).string("dataHash")
    }
    let found = try rows.with { matrix, targets in
      try hash { unsafe layertap_model_classifier(model, 0, matrix, targets, $0) }
    }
    // Python's hashlib, over the lines that Documentation/ModelFormat.md defines.
    #expect(found == "1a55e177c75dd12ab11539c3e91aa5b61b014ed20d87b974d4777ea25c9df72f")
    #expect(try hash { unsafe layertap_model_classifier(model, 0, nil, nil, $0) } == "")
    var none: UInt64 = 0
    let others: [(inout Rows) -> Void] = [
      { $0.classes = [0, 1, 1, 1] },
      {
        $0.columns = 2
        $0.classes = [0, 1]
        $0.weights = nil
      },
      {
        $0.classCount = 3
        $0.classes = [0, 0, 1, 2]
      },
    ]
    for change in others {
      var other = rows
      change(&other)
      let refused = try other.with { matrix, targets in
        try failure { unsafe layertap_model_classifier(model, 0, matrix, targets, &none) }
      }
      #expect(refused.status == LAYERTAP_ARGUMENT && refused.text.contains("are not the rows of the fit"))
    }
    let half = try rows.with { matrix, _ in
      try failure { unsafe layertap_model_classifier(model, 0, matrix, nil, &none) }
    }
    #expect(half.text == "targets is a null pointer: give memory")
    try release(model)
  }
}
