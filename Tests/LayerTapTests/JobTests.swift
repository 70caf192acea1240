import LayerTap
import TapFileSystem
import TestSupport
import Testing

/// Jobs, which run beside other tasks: their progress, their end and their cancellation.
@Suite struct JobTests {
  static let images = [ImageInput].encoded((0..<12).map { generatedPNG(seed: $0) })

  @Test func progressEndsWithTheWork() async throws {
    let job = try smallExtractor().featuresJob(of: Self.images)
    var last: JobProgress?
    for await progress in job.progress {
      #expect(progress.stage == .extracting && progress.total == 12)
      #expect(progress.done > last?.done ?? 0)
      last = progress
    }
    #expect(last?.fraction == 1)
    #expect(try await job.value.rows == 12)
    #expect(try await job.value.rows == 12)
  }

  @Test func progressEndsWithAnError() async throws {
    let job = try smallExtractor().featuresJob(of: Self.images + [.file("/nowhere.png")])
    for await _ in job.progress {}
    await #expect(throws: FeatureError.unreadableFile(path: "/nowhere.png", .missing("/nowhere.png"))) {
      try await job.value.rows
    }
  }

  @Test func severalTasksGetTheSameBits() async throws {
    let extractor = try smallExtractor()
    let expected = try await extractor.features(of: Self.images).matrix
    try await withThrowingTaskGroup(of: MatrixView.self) { group in
      for _ in 0..<6 { group.addTask { try await extractor.features(of: Self.images).matrix } }
      for try await matrix in group { #expect(matrix == expected) }
    }
  }

  // MARK: - Cancellation

  /// More images than a canceled job computes before it stops.
  static let many = [ImageInput](repeating: images[0], count: 100_000)

  @Test func aCanceledJobStops() async throws {
    let job = try smallExtractor().featuresJob(of: Self.many)
    job.cancel()
    for await _ in job.progress {}
    await #expect(throws: CancellationError.self) { try await job.value.rows }
  }

  @Test func aCanceledTaskStopsItsWork() async throws {
    let extractor = try smallExtractor()
    let task = Task { try await extractor.features(of: Self.many).rows }
    task.cancel()
    await #expect(throws: CancellationError.self) { try await task.value }
  }

  /// The extraction's own progress handler requests the cancellation, so a busy machine cannot delay the request.
  @Test func aCanceledExtractionLosesNothing() async throws {
    try await withTemporaryFolder { folder in
      let count = 200
      let photos = folder + "/photos"
      try FileSystem.createDirectories(photos)
      for index in 0..<count {
        try AtomicWriter.replace("\(photos)/\(1000 + index).png", with: generatedPNG(seed: index))
      }
      let list = try ImageList(paths: [photos])
      let extractor = try smallExtractor()
      let writer = FeatureExtractor(backbone: extractor.backbone, columns: extractor.columns)
      let job = Job { _ in
        try writer.extract(
          list, into: folder + "/store",
          progress: { if $0.done >= 5 { Cancellation.current?.request() } }
        ).computedRows
      }
      await #expect(throws: CancellationError.self) { try await job.value }
      let rows = try FeatureStore(path: folder + "/store").rowCount
      #expect(rows >= 5 && rows < count)
      let whole = try await extractor.features(of: list, store: folder + "/store").matrices
      #expect(try await extractor.features(of: list).matrices == whole)
    }
  }

  /// Rows whose classes overlap, and so many that a search takes minutes.
  static func hardData() throws -> LabeledFeatures {
    let (rows, columns) = (10_000, 300)
    var numbers = Congruential(seed: 3)
    let elements = (0..<rows * columns).map { _ in numbers.uniformFloat() }
    return try LabeledFeatures(
      MatrixView(rows: rows, columns: columns, elements: elements), labels: (0..<rows).map { "\($0 % 50)" })
  }

  @Test(arguments: [TrainingSettings.Model.logistic(), .svm(), .svm(.init(loss: .hinge))])
  func aCanceledTrainingStops(model: TrainingSettings.Model) async throws {
    let data = try Self.hardData()
    let job = Job { _ in
      try Trainer(TrainingSettings(model)).train(data, Partition(data.images)) { done, _ in
        if done >= 1 { Cancellation.current?.request() }
      }.classNames
    }
    await #expect(throws: CancellationError.self) { try await job.value }
    let unstarted = Trainer(TrainingSettings(model)).fitJob(data)
    unstarted.cancel()
    await #expect(throws: CancellationError.self) { try await unstarted.value }
  }
}
