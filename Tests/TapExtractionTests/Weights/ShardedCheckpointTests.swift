// Checkpoints in several files with Hugging Face's index.

import TapArchitectures
import TapBackbone
import TapExtraction
import TapFileSystem
import TestSupport
import Testing

@Suite struct ShardedCheckpointTests {
  private static let name = "resnet20_cifar10"

  private static func parameters() throws -> WeightFiles.Parameters {
    try Architectures.parameters(of: name).map { ($0.name, $0.shape.extents) }
  }

  /// Writes a network into three shards and an index. Every third tensor is in the same shard.
  private static func write(
    into folder: String, _ kind: String = "safetensors",
    changing change: (inout [String: String]) -> Void = { _ in }
  ) throws {
    var map: [String: String] = [:]
    for shard in 1...3 {
      let file = "model-0000\(shard)-of-00003.\(kind)"
      let part = try parameters().enumerated().filter { $0.offset % 3 == shard - 1 }.map(\.element)
      try AtomicWriter.replace(
        folder + "/" + file,
        with: kind == "bin" ? WeightFiles.zippedPickle(part) : WeightFiles.safetensors(part))
      for (name, _) in part { map[name] = file }
    }
    change(&map)
    let entries = map.sorted { $0.key < $1.key }.map { "\"\($0.key)\": \"\($0.value)\"" }
    try AtomicWriter.replace(
      folder + "/model.\(kind).index.json",
      with: "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {\(entries.joined(separator: ", "))}}")
  }

  /// The same tensors in one file give the same features, so the identity is the same. The network is found by the name
  /// of the folder, of the index and of a shard.
  @Test(arguments: ["safetensors", "bin"])
  func shardsAreOneNetwork(kind: String) throws {
    try withTemporaryFolder { folder in
      try AtomicWriter.replace(
        folder + "/one.safetensors", with: WeightFiles.safetensors(try Self.parameters()))
      let one = try Backbone.loadWithOrigin(folder + "/one.safetensors")
      let shards = folder + "/shards"
      try FileSystem.createDirectories(shards)
      try Self.write(into: shards, kind)
      for name in ["/model.\(kind).index.json", "/model-00002-of-00003.\(kind)", "", "/"] {
        let found = try Backbone.loadWithOrigin(shards + name)
        #expect(found.backbone.weightsHash == one.backbone.weightsHash, "\(name)")
        #expect(found.backbone.graphHash == one.backbone.graphHash && found.backbone.name == Self.name)
        let warning = found.warnings.first { $0.contains("3 files") }
        #expect((warning != nil) == name.hasSuffix(kind), "\(found.warnings)")
      }
    }
  }

  private static func error(_ path: String) -> String {
    do throws(BackboneLoadingError) {
      _ = try Backbone.loadWithOrigin(path)
      return ""
    } catch { return error.description }
  }

  /// A shard without its index is refused, and so are missing files and tensors that are not where the index says.
  @Test func otherShardsAreRefused() throws {
    try withTemporaryFolder { folder in
      try Self.write(into: folder)
      let index = folder + "/model.safetensors.index.json"
      try FileSystem.remove(index)
      let alone = Self.error(folder + "/model-00002-of-00003.safetensors")
      #expect(alone.contains("model.safetensors.index.json") && alone.contains("one of 3 files"), "\(alone)")

      try Self.write(into: folder) { $0["conv1.weight"] = "model-00002-of-00003.safetensors" }
      #expect(Self.error(index).contains("conv1.weight"))
      try Self.write(into: folder) { $0["conv1.weight"] = nil }
      #expect(Self.error(index).contains("conv1.weight"))
      for name in ["../model-00001-of-00003.safetensors", "/etc/passwd", "", "a/b", "x.index.json"] {
        try Self.write(into: folder) { $0["conv1.weight"] = name }
        #expect(Self.error(index).contains("conv1.weight"), "\(name)")
      }
      try Self.write(into: folder)
      try FileSystem.remove(folder + "/model-00003-of-00003.safetensors")
      #expect(Self.error(index).contains("model-00003-of-00003.safetensors"))
      for text in ["", "{}", "[]", "{\"weight_map\": []}", "{\"weight_map\": {}}"] {
        try AtomicWriter.replace(index, with: text)
        #expect(Self.error(index).contains("weight_map"), "\(text)")
      }
    }
  }

  /// If a path is a folder, the error names the weights that the folder contains.
  @Test func foldersSayWhatTheyHold() throws {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories(folder + "/some")
      #expect(Self.error(folder + "/some").contains("a folder without weights"))
      try AtomicWriter.replace(
        folder + "/some/model.safetensors", with: WeightFiles.safetensors(try Self.parameters()))
      #expect(Self.error(folder + "/some").contains("model.safetensors"))
    }
  }
}
