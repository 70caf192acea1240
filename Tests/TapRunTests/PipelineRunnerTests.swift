import Synchronization
import TapArchitectures
import TapFileSystem
import TapProvenance
import TapRun
import TestSupport
import Testing
import TrainingSupport

@Suite struct PipelineRunnerTests {
  /// Copies 36 training and 18 test images of three classes to `digits`.
  private static func copyDigits(to folder: String) throws {
    for split in ["train", "test"] {
      for label in ["0", "1", "4"] {
        let source = Repository.path("data/digits/\(split)/\(label)")
        try FileSystem.createDirectories("\(folder)/digits/\(split)/\(label)")
        for name in try FileSystem.list(source).prefix(split == "train" ? 12 : 6) {
          try AtomicWriter.replace(
            "\(folder)/digits/\(split)/\(label)/\(name)", with: FileSystem.read("\(source)/\(name)"))
        }
      }
    }
  }

  /// Runs a small pipeline over the digits, with random weights in place of pretrained ones, and checks its choices and
  /// its report. A second run computes nothing and gives the same result.
  @Test func choosesOnTrainingImagesAndReportsOnce() throws {
    try withTemporaryFolder { folder in
      try Self.copyDigits(to: folder)
      let text = """
        { images: "digits", size: 32, resize: "squash", layers: ["stem", "blocks.2"], folds: 3,
          store: "store", baselines: { pixels: { size: 8 }, random: { seed: 1 } }, model: "m.layertap" }
        """
      try AtomicWriter.replace("\(folder)/it.json5", with: Array(text.utf8))
      let runner = PipelineRunner(try RunConfiguration(contentsOf: "\(folder)/it.json5"))
      let backbone = try Architectures.seeded("efficientnet_lite0", seed: 5)

      let record = try runner.run(backbone: backbone)
      #expect(record.images.training == 36 && record.images.test == 18)
      #expect(record.images.classNames == ["0", "1", "4"])
      #expect(record.sources.map(\.source) == [.pixels(size: 8), .random(seed: 1), .pretrained])
      #expect(record.sources.map(\.entries.count) == [1, 2, 2])
      // Each of the three sources computed rows for 54 images.
      #expect(record.computedRows == 162)
      for source in record.sources {
        let best = source.entries.map(\.accuracy.successes).max()
        #expect(source.chosen.accuracy.successes == best)
        #expect(source.test.labels.count == 18)
      }
      #expect(record.text.contains("The test images were used once"))

      let again = try runner.run(backbone: backbone)
      #expect(again.computedRows == 0)
      #expect(again.searchedColumns == 0)
      #expect(again.sources.map(\.test.predictions) == record.sources.map(\.test.predictions))
    }
  }

  /// The network and the same network with random weights use the same tuned algorithms. Raw pixels have no algorithms.
  /// A dry run measures the algorithms too, so that it can name the stores that a run would create.
  @Test func tunesOnceForAllSources() throws {
    try withTemporaryFolder { folder in
      try Self.copyDigits(to: folder)
      let text = """
        { images: "digits", size: 32, resize: "squash", layers: ["layer2"], folds: 2, c: 1,
          tune: true, store: "store", baselines: { pixels: { size: 4 }, random: { seed: 7 } } }
        """
      try AtomicWriter.replace("\(folder)/it.json5", with: Array(text.utf8))
      let (cache, clock) = (folder + "/cache", TuningFixtures.Clock())
      var runner = PipelineRunner(try RunConfiguration(contentsOf: "\(folder)/it.json5"))
      runner.tuning = clock.tuning(cache)
      let backbone = try TuningFixtures.network()
      let plan = try runner.plan(backbone: backbone)
      #expect(!FileSystem.exists(folder + "/store"))
      let runs = clock.count

      let said = Mutex([String]())
      let record = try runner.run(backbone: backbone) { progress in
        if case .tuned(let text, let warnings) = progress { said.withLock { $0 += [text] + warnings } }
      }
      let path = cache + "/" + (try #require(FileSystem.list(cache).first))
      #expect(
        said.withLock { $0 } == [
          "tuned: direct for \(TuningFixtures.wide) (measured before, \(path))"
        ])
      #expect(
        record.sources.map(\.identity.algorithms) == [
          AlgorithmChoices(), TuningFixtures.choices, TuningFixtures.choices,
        ])
      #expect(
        try FileSystem.list(folder + "/store")
          == plan.sources.map { FileSystem.name(of: $0.estimate.path) }.sorted())
      #expect(try runner.run(backbone: backbone).computedRows == 0 && clock.count == runs && runs > 0)
    }
  }

  /// Before the search of each source, the number of its fits is announced. The fits are counted, also those of nested
  /// cross-validation.
  @Test func searchesAreAnnouncedAndCounted() throws {
    try withTemporaryFolder { folder in
      try Self.copyDigits(to: folder)
      let text = """
        { images: "digits", size: 32, resize: "squash", layers: ["layer1", "layer2"], folds: 2, c: [0.01, 1],
          exhaustive: true, nested: true, store: "store", baselines: { pixels: { size: 4 } } }
        """
      try AtomicWriter.replace("\(folder)/it.json5", with: Array(text.utf8))
      let runner = PipelineRunner(try RunConfiguration(contentsOf: "\(folder)/it.json5"))
      let backbone = try Architectures.seeded("resnet20_cifar10", seed: 1)
      let plan = try runner.plan(backbone: backbone).text
      #expect(
        plan.contains("\n  search     1 column × 2 values of C × 2 folds: at most 4 fits, roughly 1 s\n"),
        "\(plan)")
      #expect(
        plan.contains("\n  search     2 columns × 2 values of C × 2 folds: at most 8 fits, roughly 1 s\n"),
        "\(plan)")
      #expect(
        plan.contains(
          "\n  nested     everything anew without each fold: at most 16 fits more, roughly 1 s\n"),
        "\(plan)")
      let said = Mutex((announced: [Int](), counted: [[Int]](), nested: [[Int]]()))
      let record = try runner.run(backbone: backbone) { progress in
        said.withLock { said in
          switch progress {
          case .searching(_, let estimate): said.announced.append(estimate.fits)
          case .selecting(_, let done, let total): said.counted.append([done, total])
          case .estimating(_, let done, let total): said.nested.append([done, total])
          default: break
          }
        }
      }
      let (announced, counted, nested) = said.withLock { ($0.announced, $0.counted, $0.nested) }
      #expect(announced == [4, 8])
      #expect(counted.contains([0, 4]) && counted.contains([4, 4]) && counted.last == [8, 8])
      #expect(nested.contains([0, 8]) && nested.contains([8, 8]) && nested.last == [16, 16])
      #expect(record.untriedText == nil)
      // Choices that the store contains are not searched again.
      _ = try runner.run(backbone: backbone) { progress in
        if case .searching(_, let estimate) = progress {
          said.withLock { $0.announced.append(estimate.fits) }
        }
      }
      #expect(said.withLock { $0.announced } == [4, 8, 0, 0])
    }
  }

  @Test func wantsTestImages() throws {
    try withTemporaryFolder { folder in
      let text = "{ images: '\(Repository.path("data/digits/train"))', layers: ['stem'] }"
      try AtomicWriter.replace("\(folder)/it.json5", with: Array(text.utf8))
      let runner = PipelineRunner(try RunConfiguration(contentsOf: "\(folder)/it.json5"))
      let backbone = try Architectures.seeded("efficientnet_lite0", seed: 5)
      #expect(throws: RunError.noTestImages(folder: Repository.path("data/digits/train"))) {
        try runner.run(backbone: backbone)
      }
    }
  }
}
