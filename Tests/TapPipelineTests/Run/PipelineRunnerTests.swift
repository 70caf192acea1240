import TapArchitectures
import TapFileSystem
import TapPipeline
import TestSupport
import Testing

@Suite struct PipelineRunnerTests {
  /// A small pipeline over the digits, with random weights in the place of pretrained ones: what is
  /// chosen and reported, and that a second run computes nothing and says the same.
  @Test func choosesOnTrainingImagesAndReportsOnce() throws {
    try withTemporaryFolder { folder in
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
      // 54 images, three sources.
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
