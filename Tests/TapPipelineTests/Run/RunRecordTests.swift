import TapArchitectures
import TapFileSystem
import TapFormats
import TapPipeline
import TestSupport
import Testing

/// What a run leaves behind, on a few digits and with random weights in the place of pretrained ones.
@Suite struct RunRecordTests {
  /// A list of digits: from each of three classes ten to train on and five to test on. The labels of the
  /// test images may be moved round, which no choice may notice.
  private func manifest(movingTestLabels: Bool) throws -> String {
    let labels = ["0", "1", "4"]
    var text = CSV.line(["path", "label", "split"])
    for (index, label) in labels.enumerated() {
      for split in ["train", "test"] {
        let names = try FileSystem.list(Repository.path("data/digits/\(split)/\(label)"))
        let told = movingTestLabels && split == "test" ? labels[(index + 1) % 3] : label
        for name in names.prefix(split == "train" ? 10 : 5) {
          text += CSV.line(["\(split)/\(label)/\(name)", told, split])
        }
      }
    }
    return text
  }

  private func run(in folder: String, movingTestLabels: Bool = false, threads: Int = 2) throws -> RunRecord {
    try AtomicWriter.replace(folder + "/list.csv", with: try manifest(movingTestLabels: movingTestLabels))
    let text = """
      { images: "\(Repository.path("data/digits"))", manifest: "list.csv", size: 32, resize: "squash",
        layers: ["stem", "blocks.2"], folds: 3, store: "store",
        baselines: { pixels: { size: 8 }, random: { seed: 1 } },
        report: "out/it.html", record: "out/it.json", model: "out/it.layertap" }
      """
    try AtomicWriter.replace(folder + "/it.json5", with: text)
    let runner = PipelineRunner(try RunConfiguration(contentsOf: folder + "/it.json5"), threads: threads)
    return try runner.run(backbone: try Architectures.seeded("efficientnet_lite0", seed: 5))
  }

  @Test func testLabelsTakeNoPartInAnyChoice() throws {
    try withTemporaryFolder { folder in
      let honest = try run(in: folder)
      let moved = try run(in: folder, movingTestLabels: true)
      for (a, b) in zip(honest.sources, moved.sources) {
        #expect(a.chosenIndex == b.chosenIndex)
        #expect(a.columns.map(\.c) == b.columns.map(\.c))
        #expect(a.columns.map(\.accuracy) == b.columns.map(\.accuracy))
        #expect(a.classifier.weights == b.classifier.weights)
        #expect(a.test.predictions == b.test.predictions)
      }
      #expect(honest.pretrained.test.accuracy.value > 0.5)
      #expect(moved.pretrained.test.accuracy.value < 0.5)
    }
  }

  @Test func filesSayWhatTheTableSays() throws {
    try withTemporaryFolder { folder in
      let record = try run(in: folder)
      let written = try record.writeFiles(
        origin: ReportOrigin(program: "layertap test", command: ["layertap", "run"]))
      #expect(written.map(\.kind) == ["report", "record", "model"])

      let json = try JSONValue.parse(try FileSystem.read(folder + "/out/it.json"))
      #expect(json["format"] == .integer(1) && json["program"] == .string("layertap test"))
      #expect(
        try json.array("sources").map { $0["source"]?.stringValue } == ["pixels", "random", "pretrained"])
      let last = try #require(try json.array("sources").last)
      #expect(last["chosen"]?.stringValue == record.pretrained.chosen.column.name)
      #expect(last["test"]?["accuracy"]?["count"] == .integer(15))
      #expect(last["identityHash"]?.stringValue == record.pretrained.identity.hash)

      let page = String(decoding: try FileSystem.read(folder + "/out/it.html"), as: UTF8.self)
      #expect(page.contains(record.pretrained.chosen.column.name))
      #expect(page.contains("raw pixels 8×8") && page.contains("random weights (seed 1)"))
      #expect(FileSystem.exists(folder + "/out/it.layertap"))
    }
  }

  @Test func theSameRunGivesTheSameRecord() throws {
    try withTemporaryFolder { folder in
      func comparable(_ record: RunRecord) -> [String: JSONValue]? {
        var fields = record.json(program: "p").objectValue
        fields?["seconds"] = nil
        fields?["computedRows"] = nil
        return fields
      }
      let first = try run(in: folder, threads: 1)
      let second = try run(in: folder, threads: 2)
      #expect(first.computedRows > 0 && second.computedRows == 0)
      #expect(comparable(first) == comparable(second))
    }
  }
}
