// A store keeps the layers of its network in layers.json. A store without layers.json is complete too.

import TapArchitectures
import TapBackbone
import TapFeatures
import TapFileSystem
import TapFormats
import TapProvenance
import TestSupport
import Testing

@Suite struct StoreLayersTests {
  static func backbone(size: Int = 32) throws -> Backbone {
    var backbone = try Architectures.seeded("resnet20_cifar10", seed: 1)
    backbone.preprocessing.size = size
    return backbone
  }

  static func extract(
    _ backbone: Backbone, _ layers: [String], _ list: ImageList, into folder: String
  ) throws -> FeatureStore {
    let columns = try backbone.columns(layers: layers, poolings: [.avg])
    return try FeatureExtractor(backbone: backbone, columns: columns, threads: 1)
      .extract(list, into: folder).store
  }

  @Test func aStoreKeepsTheLayersForItsImages() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(3, in: folder + "/images")
      for size in [32, 48] {
        let backbone = try Self.backbone(size: size)
        let store = try Self.extract(backbone, ["conv1"], list, into: folder + "/store")
        let table = try #require(store.layerTable())
        #expect(table == backbone.layerTable && table.inputSize == size)
        #expect(table.layers.map(\.name) == backbone.layers.map(\.name) && table.aliases == backbone.aliases)
        #expect(store.verify().problems == [])
      }
    }
  }

  /// A store of an earlier version opens. Reading leaves it as it is, and a new column adds the table.
  @Test func aStoreWithoutOneIsWhole() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(3, in: folder + "/images")
      let backbone = try Self.backbone()
      let parent = folder + "/store"
      let path = try Self.extract(backbone, ["conv1"], list, into: parent).path
      let whole = try Fixture.bytes(of: path)
      try FileSystem.remove(path + "/layers.json")
      let again = try Self.extract(backbone, ["conv1"], list, into: parent)
      #expect(again.layerTable() == nil && again.verify().problems == [])
      var old = whole
      old["layers.json"] = nil
      #expect(try Fixture.bytes(of: path) == old)
      let grown = try Self.extract(backbone, ["avgpool"], list, into: parent)
      #expect(grown.layerTable() == backbone.layerTable && grown.columns.count == 2)
      #expect(try Fixture.bytes(of: path)["layers.json"] == whole["layers.json"])
    }
  }

  @Test func whatIsWrongWithTheTableIsSaidAndHarmsNothing() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(2, in: folder + "/images")
      let store = try Self.extract(Self.backbone(), ["conv1"], list, into: folder + "/store")
      let path = store.path + "/layers.json"
      let sound = try JSONValue.parse(FileSystem.read(path)).objectValue ?? [:]
      func expect(_ words: String, _ text: String) throws {
        try AtomicWriter.replace(path, with: text)
        let problems = store.verify().problems
        #expect(problems.count == 1 && problems[0].contains(words), "\(problems)")
        #expect(problems.allSatisfy { $0.hasSuffix("delete the file)") })
        #expect(store.layerTable() == nil)
        #expect(try FeatureStore(path: store.path).rowCount == 2)
      }
      try expect("line 1", "{")
      try expect(
        "\"format\" should be at most 1",
        JSONValue.object(sound.merging(["format": .integer(2)]) { $1 }).pretty)
      try expect(
        "identityHash", JSONValue.object(sound.merging(["identityHash": .string("0")]) { $1 }).pretty)
      try expect("\"layers\"", JSONValue.object(sound.merging(["layers": .string("many")]) { $1 }).pretty)
      try expect(
        "\"shape\"", JSONValue.object(sound.merging(["layers": .array([.object([:])])]) { $1 }).pretty)
    }
  }

  /// A part of a network, as a model contains it, lacks layers of the whole network, so it writes no table.
  @Test func aPartOfANetworkLeavesNone() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(2, in: folder + "/images")
      let whole = try Self.backbone()
      let (structure, tensors) = try whole.cut(at: ["conv1"])
      let part = try Backbone(
        name: whole.name, preprocessing: whole.preprocessing, weightsHash: whole.weightsHash,
        graphHash: whole.graphHash, taps: ["conv1"], document: structure,
        tensors: Dictionary(uniqueKeysWithValues: tensors.map { ($0.name, $0.tensor) }))
      let store = try Self.extract(part, ["conv1"], list, into: folder)
      #expect(store.layerTable() == nil && !FileSystem.exists(store.path + "/layers.json"))
      // The whole network then adds the table, with its next column.
      #expect(try Self.extract(whole, ["avgpool"], list, into: folder).layerTable() == whole.layerTable)
    }
  }

  @Test func droppedRowsLeaveTheTable() throws {
    try withTemporaryFolder { folder in
      let list = try Fixture.images(4, in: folder + "/images")
      let backbone = try Self.backbone()
      _ = try Self.extract(backbone, ["conv1"], list, into: folder + "/store")
      try FileSystem.removeTree(folder + "/images")
      let rest = try Fixture.images(2, in: folder + "/images")
      let columns = try backbone.columns(layers: ["avgpool"], poolings: [.avg])
      var extractor = FeatureExtractor(backbone: backbone, columns: columns, threads: 1)
      extractor.dropsMissingRows = true
      let store = try extractor.extract(rest, into: folder + "/store").store
      #expect(store.rowCount == 2 && store.layerTable() == backbone.layerTable)
    }
  }
}
