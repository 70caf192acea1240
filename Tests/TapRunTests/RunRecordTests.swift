import TapArchitectures
import TapFileSystem
import TapFormats
import TapReports
import TapRun
import TestSupport
import Testing

/// The results of a run, on a few digits and with random weights in place of pretrained ones.
@Suite struct RunRecordTests {
  /// A list of digits with ten training and five test images of each of three classes. If `movingTestLabels`, the test
  /// images get the labels of other classes, which must change no choice.
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

  private func run(
    in folder: String, movingTestLabels: Bool = false, threads: Int = 2,
    layers: [String] = ["stem", "blocks.2"],
    classifiers: [String] = ["logistic"], folds: Int = 3, further: String = ""
  ) throws -> RunRecord {
    try FileSystem.createDirectories(folder)
    try AtomicWriter.replace(folder + "/list.csv", with: try manifest(movingTestLabels: movingTestLabels))
    let text = """
      { images: "\(Repository.path("data/digits"))", manifest: "list.csv", size: 32, resize: "squash",
        layers: \(layers), classifiers: \(classifiers), folds: \(folds), store: "store", \(further)
        baselines: { pixels: { size: 8 }, random: { seed: 1 } },
        report: "out/it.html", record: "out/it.json", model: "out/it.layertap" }
      """
    try AtomicWriter.replace(folder + "/it.json5", with: text)
    let runner = PipelineRunner(try RunConfiguration(contentsOf: folder + "/it.json5"), threads: threads)
    return try runner.run(backbone: try Architectures.seeded("efficientnet_lite0", seed: 5))
  }

  @Test func testLabelsTakeNoPartInAnyChoice() throws {
    try withTemporaryFolder { folder in
      let honest = try run(in: folder + "/honest")
      let moved = try run(in: folder + "/moved", movingTestLabels: true)
      for (a, b) in zip(honest.sources, moved.sources) {
        #expect(a.comparison.bestIndex == b.comparison.bestIndex)
        #expect(a.entries.map(\.selection) == b.entries.map(\.selection))
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
        warnings: ["a line"],
        origin: ReportOrigin(program: "layertap test", command: ["layertap", "run"]))
      #expect(written.map(\.kind) == ["report", "record", "model"])

      let json = try JSONValue.parse(try FileSystem.read(folder + "/out/it.json"))
      #expect(json["format"] == .integer(1) && json["program"] == .string("layertap test"))
      #expect(json["warnings"] == .array([.string("a line")]))
      #expect(
        try json.array("sources").map { $0["source"]?.stringValue } == ["pixels", "random", "pretrained"])
      let last = try #require(try json.array("sources").last)
      #expect(last["best"]?.intValue == record.pretrained.comparison.bestIndex)
      #expect(last["test"]?["accuracy"]?["count"] == .integer(15))
      #expect(last["identityHash"]?.stringValue == record.pretrained.identity.hash)

      let page = String(decoding: try FileSystem.read(folder + "/out/it.html"), as: UTF8.self)
      #expect(page.contains(record.pretrained.chosen.name) && page.contains("<p class=\"warning\">a line"))
      #expect(page.contains("raw pixels 8×8") && page.contains("random weights (seed 1)"))
      #expect(FileSystem.exists(folder + "/out/it.layertap"))
    }
  }

  @Test func theSameRunGivesTheSameRecord() throws {
    try withTemporaryFolder { folder in
      let first = try run(in: folder + "/one", threads: 1)
      let second = try run(in: folder + "/two", threads: 2)
      #expect(try comparable(first) == comparable(second))
    }
  }

  /// The fields of a record, without those that differ between two runs of one pipeline.
  private func comparable(_ record: RunRecord) throws -> [String: JSONValue] {
    var fields = try #require(record.json(program: "p", warnings: []).objectValue)
    for name in ["seconds", "computedRows", "searchedColumns"] { fields[name] = nil }
    let sources = try #require(fields["sources"]?.arrayValue)
    fields["sources"] = .array(
      try sources.map { source in
        var source = try #require(source.objectValue)
        source["entries"] = .array(
          try #require(source["entries"]?.arrayValue).map { entry in
            var entry = try #require(entry.objectValue)
            entry["milliseconds"] = nil
            return .object(entry)
          })
        return .object(source)
      })
    return fields
  }

  /// A second run computes no features and searches for no C. After a change, a run searches only where something
  /// changed.
  @Test func onlyWhatChangedIsComputedAgain() throws {
    try withTemporaryFolder { folder in
      let first = try run(in: folder)
      // The five columns are the pixels and two layers of two networks.
      #expect(first.computedRows == 135 && first.searchedColumns == 5)
      let again = try run(in: folder)
      #expect(again.computedRows == 0 && again.searchedColumns == 0)
      #expect(try comparable(again) == comparable(first))
      // One more layer of each network is added for the images in the stores.
      let wider = try run(in: folder, layers: ["stem", "blocks.2", "blocks.3"])
      #expect(wider.computedRows == 0 && wider.searchedColumns == 2)
      #expect(wider.sources[2].entries[0].selection == first.sources[2].entries[0].selection)
      // With another classifier, the choices of the first classifier stay.
      let both = try run(in: folder, classifiers: ["logistic", "svm"])
      #expect(both.computedRows == 0 && both.searchedColumns == 5)
      // Other labels of the test images change no choice. Other folds change every choice.
      #expect(try run(in: folder, movingTestLabels: true).searchedColumns == 0)
      #expect(try run(in: folder, folds: 4).searchedColumns == 5)
      // If a stored choice is damaged, the choice is made again.
      let store = try FileSystem.join(folder + "/store", #require(FileSystem.list(folder + "/store").first))
      let choices = FileSystem.join(store, "selections")
      for name in try FileSystem.list(choices) {
        try AtomicWriter.replace(FileSystem.join(choices, name), with: "{\"predictions\": [1e9]")
      }
      let repaired = try run(in: folder)
      #expect(repaired.searchedColumns > 0 && repaired.searchedColumns < 5)
      #expect(try comparable(repaired) == comparable(first))
    }
  }

  @Test func learningCurvesAndClassifiersAreReported() throws {
    try withTemporaryFolder { folder in
      let record = try run(
        in: folder, classifiers: ["logistic", "svm"],
        further: "learningCurve: { imagesPerClass: [1, 3], draws: 2 }, nested: true,")
      #expect(record.sources.map(\.entries.count) == [2, 4, 4])
      for source in record.sources {
        let curve = try #require(source.comparison.learningCurve)
        #expect(curve.points.map(\.rowsPerClass) == [1, 3] && curve.points[0].draws.count == 2)
        #expect(curve.points.allSatisfy { $0.draws.allSatisfy { $0.count == 15 } })
      }
      #expect(record.text.contains("Learning curves of the choices"))
      #expect(record.text.contains("C, layer and classifier"))
      let json = record.json(program: "p", warnings: [])
      #expect(try json.array("sources").allSatisfy { $0["learningCurve"]?["points"]?.arrayValue?.count == 2 })
      let page = record.html(warnings: ["a line"], origin: ReportOrigin(program: "p", command: []))
      #expect(page.contains("Accuracy by images of each class"))
      #expect(page.contains("By nested cross-validation") && record.text.contains("\n  nested accuracy "))
      #expect(try json.array("sources").allSatisfy { $0["nested"]?["count"] != nil })
    }
  }
}
