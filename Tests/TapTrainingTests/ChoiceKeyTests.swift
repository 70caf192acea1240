import TapArchitectures
import TapBackbone
import TapFeatures
import TapFileSystem
import TapFormats
import TapSettings
import TapTraining
import TestSupport
import Testing
import TrainingSupport

/// The key of a cached choice includes everything on which the choice can depend.
@Suite struct ChoiceKeyTests {
  /// A store of images of two classes. The table gives their paths, labels, groups and weights.
  private func withData(
    _ body: (_ folder: String, _ data: (String) throws -> LabeledFeatures) throws -> Void
  )
    throws
  {
    try withTemporaryFolder { folder in
      for index in 0..<12 {
        try AtomicWriter.replace("\(folder)/\(index).png", with: generatedPNG(seed: index))
      }
      var backbone = try Architectures.seeded("resnet20_cifar10", seed: 1)
      backbone.preprocessing.size = 32
      let columns = try backbone.columns(layers: ["layer1"], poolings: [.avg])
      let extractor = FeatureExtractor(backbone: backbone, columns: columns)
      try body(folder) { table in
        try AtomicWriter.replace(folder + "/list.csv", with: table)
        let extraction = try extractor.extract(
          ImageList(manifest: folder + "/list.csv", folder: folder), into: folder + "/store")
        return try LabeledFeatures(extraction.items, in: extraction.store, columns: columns)
      }
    }
  }

  private static func table(
    labels: (Int) -> String = { $0 % 2 == 0 ? "a" : "b" }, split: (Int) -> String = { _ in "" },
    group: (Int) -> String = { "\($0)" }, weight: (Int) -> String = { _ in "1" }, count: Int = 12
  ) -> String {
    "path,label,split,group,weight\n"
      + (0..<count).map { "\($0).png,\(labels($0)),\(split($0)),\(group($0)),\(weight($0))\n" }.joined()
  }

  private func key(_ settings: TrainingSettings, _ data: LabeledFeatures) throws -> String {
    try #require(try Trainer(settings).choiceKeys(data, Partition(data.images))[0])
  }

  /// Every declared setting changes the key, except the settings whose declaration says that no choice depends on them.
  @Test func everySettingOfAChoiceChangesTheKey() throws {
    try withData { _, read in
      let data = try read(Self.table())
      for setting in TrainingSettings.settings {
        let base = try #require(TrainingSettings.examples.first { setting.get($0) != nil })
        let usual = try key(base, data)
        for value in SettingSamples.accepted(setting.values) {
          guard let changed = try? base.taking([setting.name: value]), changed != base else { continue }
          #expect((try key(changed, data) != usual) == setting.isOfChoice, "\(setting.name): \(value)")
        }
      }
      let others = TrainingSettings.settings.filter { !$0.isOfChoice }.map(\.name)
      #expect(Set(others) == ["testFraction", "nested", "refit", "calibrate"])
    }
  }

  /// Four settings change no choice: the test fraction, the nested estimate, the refit and the calibration. If the
  /// parts of the items are the same, the stored choice is used. A new search makes the same choice.
  @Test func settingsAfterTheChoiceChangeNoChoice() throws {
    try withData { folder, read in
      let data = try read(Self.table(split: { $0 < 4 ? "val" : "train" }))
      let partition = try Partition(data.images)
      let usual = try Trainer(.with { $0.c = .chosen(of: [0.1, 1]) }).train(data, partition)
      #expect(usual.searchedColumns == 1)
      let changes: [(inout TrainingSettings) -> Void] = [
        { $0.testFraction = 0.25 }, { $0.isNested = true }, { $0.refits = false },
        { $0.calibration = .automatic },
      ]
      for change in changes {
        let settings = TrainingSettings.with {
          $0.c = .chosen(of: [0.1, 1])
          change(&$0)
        }
        let kept = try Trainer(settings).train(data, partition)
        #expect(kept.searchedColumns == 0 && kept.chosen.selection == usual.chosen.selection)
        try FileSystem.removeTree(store(in: folder) + "/selections")
        let anew = try Trainer(settings).train(data, partition)
        #expect(anew.searchedColumns == 1 && anew.chosen.selection == usual.chosen.selection)
      }
    }
  }

  /// A choice with a class or a row that the data do not have counts as absent.
  /// Without a value, the row is that of the test image.
  @Test(arguments: [("predictions", 2), ("heldOut", nil), ("heldOut", 12), ("predictions", -1)])
  func aChoiceThatDoesNotFitTheDataIsMadeAgain(_ field: String, _ value: Int?) throws {
    try withData { folder, read in
      let data = try read(Self.table(split: { $0 < 4 ? "val" : $0 < 11 ? "train" : "test" }))
      let tested = try #require(data.items.first { $0.image.split == .test })
      let partition = try Partition(data.images)
      let trainer = Trainer(.with { $0.c = .chosen(of: [0.1, 1]) })
      let usual = try trainer.train(data, partition)
      let choices = try store(in: folder) + "/selections"
      let file = try choices + "/" + #require(FileSystem.list(choices).first)
      var fields = try #require(JSONValue.parse(FileSystem.read(file)).objectValue)
      var values = try #require(fields[field]?.arrayValue)
      values[0] = .integer(value ?? tested.row)
      fields[field] = .array(values)
      try AtomicWriter.replace(file, with: JSONValue.object(fields).canonical)
      let anew = try trainer.train(data, partition)
      #expect(anew.searchedColumns == 1 && anew.chosen.selection == usual.chosen.selection)
      #expect(anew.heldOutConfusion(of: data).total == 4)
    }
  }

  private func store(in folder: String) throws -> String {
    folder + "/store/" + (try #require(FileSystem.list(folder + "/store").first))
  }

  @Test func labelsGroupsWeightsSplitsAndRowsChangeTheKey() throws {
    try withData { _, read in
      var keys: [String] = []
      for table in [
        Self.table(), Self.table(labels: { $0 < 6 ? "a" : "b" }),
        Self.table(labels: { $0 % 2 == 0 ? "a" : "c" }),
        Self.table(split: { $0 < 4 ? "val" : "train" }), Self.table(split: { $0 < 4 ? "test" : "train" }),
        Self.table(group: { "\($0 / 2)" }), Self.table(group: { _ in "" }),
        Self.table(weight: { $0 == 3 ? "2" : "1" }), Self.table(count: 10),
      ] {
        keys.append(try key(TrainingSettings(), read(table)))
      }
      #expect(Set(keys).count == keys.count, "\(keys)")
      // The same data give the same key again.
      #expect(try key(TrainingSettings(), read(Self.table())) == keys[0])
    }
  }
}
