import FoundationEssentials
import LayerTap
import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// Training and prediction in memory give the results of the commands.
@Suite struct FitTests {
  func layertap(_ arguments: String..., in folder: String) throws -> String {
    let outcome = try Tool.run(arguments, in: folder)
    try #require(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome.output
  }

  @Test(.needs(.data(SurfacePhotos.weights)))
  func theModelAndItsPredictionsAreThoseOfTheCommands() throws {
    let weights = try TestData.path(SurfacePhotos.weights)
    try withTemporaryFolder { folder in
      let photos = try SurfacePhotos(in: folder)
      _ = try layertap(
        "train", "photos", "--backbone", weights, "--layers", "features.5", "features.12", "--folds", "3",
        "--embed-backbone", "--output", "tool.layertap", in: folder)
      let extractor = try ImageFeatureExtractor(weights, layers: ["features.5", "features.12"])
      let features = try extractor.features(of: photos.list)
      var settings = TrainingSettings()
      settings.folds = 3
      let data = try LabeledFeatures(features, labels: photos.labels)
      let classifier = try Trainer(settings).fit(data)
      let path = folder + "/face.layertap"
      try classifier.write(to: path, embedding: extractor.backbone)
      #expect(try FileSystem.read(path) == FileSystem.read(folder + "/tool.layertap"))
      #expect(try Classifier(contentsOf: path) == classifier)

      let table = try CSV.parse(
        Array(layertap("predict", "tool.layertap", "photos", "--format", "csv", in: folder).utf8))
      let printed = table.dropFirst().map { [$0[2], $0[3]] }
      func lines(_ predictions: [ClassPrediction]) -> [[String]] {
        predictions.map { [$0.className, "\($0.confidence)"] }
      }
      #expect(lines(try classifier.predict(features)) == printed)
      let evaluation = try classifier.evaluate(data)
      #expect(evaluation.seenCount == 18)
      #expect(evaluation.confidences.map { "\($0)" } == printed.map { $0[1] })
      let images = try ImageClassifier(contentsOf: path)
      for inputs in [
        [ImageInput].files(photos.paths), .encoded(try photos.encoded()), .pixels(try photos.pixels()),
      ] {
        #expect(lines(try images.predict(inputs).map { try $0.get() }) == printed)
      }
      let unreadable = images.predict([.file(photos.paths[0]), .file("/nowhere.jpg")])
      #expect(try unreadable[0].get().className == printed[0][0])
      #expect(throws: ClassifierError.self) { try unreadable[1].get() }
      #expect(throws: ClassifierError.self) {
        try classifier.predict(
          ImageFeatureExtractor(extractor.backbone, layers: ["features.3"]).features(of: []))
      }
    }
  }

  @Test(.needs(.data(SurfacePhotos.weights))) func aBackbonesOwnClassesArePredicted() async throws {
    let backbone = try Backbone.load(TestData.path(SurfacePhotos.weights))
    let classifier = try BackboneClassifier(backbone, classNames: ImageNet.classNames)
    let image = ImageInput.encoded(generatedPNG(seed: 1))
    let predictions = try await classifier.predict([image, .file("/nowhere.jpg")])
    let prediction = try predictions[0].get()
    let ranking = classifier.ranking(scores: prediction.scores)
    #expect(prediction.className == ranking[0].prediction.className)
    #expect(prediction.confidence == ranking[0].prediction.confidence)
    #expect(throws: ClassifierError.self) { try predictions[1].get() }
  }

  /// A matrix with labels, groups and weights, as a file and as values.
  struct Rows {
    let matrix: MatrixView
    let labels = (0..<60).map { ["a", "b", "c"][$0 % 3] }
    let groups = (0..<60).map { "\($0 / 6)" }
    let weights = (0..<60).map { Double($0 % 4) / 2 }

    init() {
      var numbers = Congruential(seed: 5)
      matrix = MatrixView(
        rows: 60, columns: 4,
        elements: (0..<240).map { Float($0 / 4 % 3) * 0.5 + numbers.uniformFloat() })
    }

    func write(to folder: String, validation: Set<Int>) throws {
      let elements = (0..<60).flatMap { row in (0..<4).map { matrix[row, $0] } }
      try AtomicWriter.replace(folder + "/X.npy", with: NPY.encode(elements, shape: [60, 4]))
      let lines = (0..<60).map { row in
        CSV.line([labels[row], groups[row], "\(weights[row])", validation.contains(row) ? "val" : "train"])
      }
      try AtomicWriter.replace(
        folder + "/X.csv",
        with: Array((CSV.line(["label", "group", "weight", "split"]) + lines.joined()).utf8))
    }
  }

  @Test(arguments: [[], Array(40..<60)]) func aMatrixGivesTheModelOfTheCommand(validation: [Int]) throws {
    try withTemporaryFolder { folder in
      let rows = Rows()
      try rows.write(to: folder, validation: Set(validation))
      _ = try layertap(
        "train", "X.npy", "--normalize-rows", "--classifier", "svm", "--calibrate", "auto", "--output",
        "tool.layertap", in: folder)
      let settings = try TrainingSettings(
        text: #"{"classifier": "svm", "normalizeRows": true, "calibrate": "auto"}"#)
      let data = try LabeledFeatures(
        rows.matrix, labels: rows.labels, groups: rows.groups, weights: rows.weights, validation: validation)
      let classifier = try Trainer(settings).fit(data)
      try classifier.write(to: folder + "/face.layertap")
      #expect(
        try FileSystem.read(folder + "/face.layertap") == FileSystem.read(folder + "/tool.layertap"))
      let predictions = try classifier.predict(rows.matrix)
      #expect(predictions.count == 60)
      #expect(predictions.allSatisfy { abs(($0.probabilities ?? []).reduce(-1, +)) < 1e-9 })
      #expect(try Classifier(contentsOf: folder + "/face.layertap").predict(rows.matrix) == predictions)
    }
  }

  @Test func theSameBesideOtherTasks() async throws {
    let rows = Rows()
    let data = try LabeledFeatures(rows.matrix, labels: rows.labels)
    let expected = try await Trainer().fit(data)
    let job = Trainer().fitJob(data)
    var last: JobProgress?
    for await progress in job.progress { last = progress }
    #expect(last?.stage == .fitting && last?.fraction == 1)
    #expect(try await job.value == expected)
  }

  @Test func aNestedEstimateIsMade() throws {
    var settings = TrainingSettings()
    settings.isNested = true
    let rows = Rows()
    #expect(
      try Trainer(settings).fit(LabeledFeatures(rows.matrix, labels: rows.labels)).training.nested != nil)
  }

  @Test func wrongInputIsAnError() throws {
    let rows = Rows()
    func error(_ body: () throws -> Void) -> String {
      do {
        try body()
        return ""
      } catch { return "\(error)" }
    }
    func data(
      _ labels: [String]? = nil, groups: [String?]? = nil, weights: [Double]? = nil, validation: [Int] = []
    ) -> String {
      error {
        _ = try LabeledFeatures(
          rows.matrix, labels: labels ?? rows.labels, groups: groups, weights: weights, validation: validation
        )
      }
    }
    #expect(data(["a"]) == "1 labels for 60 rows of features; give one label a row")
    #expect(data(groups: ["a"]) == "1 groups for 60 rows; give one group a row")
    #expect(data(weights: [1]) == "1 sample weights for 60 rows of features; give one weight a row")
    #expect(data(weights: [Double](repeating: -1, count: 60)).hasPrefix("the sample weight of row 0 is -1.0"))
    #expect(data(validation: [60]) == "row 60 was asked for, but the features have 60 rows")
    let good = try LabeledFeatures(rows.matrix, labels: rows.labels)
    var settings = TrainingSettings()
    settings.testFraction = 0.2
    #expect(error { _ = try Trainer(settings).fit(good) }.contains("'testFraction'"))
    let classifier = try Trainer(TrainingSettings(c: 1)).fit(good)
    #expect(throws: ClassifierError.dimensions(expected: 4, found: 3)) {
      try classifier.predict(MatrixView(rows: 1, columns: 3, elements: [1, 2, 3]))
    }
    #expect(
      error { _ = try classifier.predict(MatrixView(rows: 1, columns: 4, elements: [1, 2, .nan, 3])) }
        .hasPrefix("the feature of row 0 in column 2 is NaN"))
  }
}
