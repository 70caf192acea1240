// A pipeline keeps nearly equal images together, in the same way for all sources.

import Synchronization
import TapArchitectures
import TapFileSystem
import TapImages
import TapRun
import TestSupport
import Testing

@Suite struct DuplicateRunTests {
  /// 24 images, and the same pixels in other files for twelve of them.
  private static func writeImages(to folder: String) throws {
    try writeGeneratedClasses(0..<24, to: folder)
    for index in 0..<12 {
      let name = "\(folder)/\(index % 2 == 0 ? "even" : "odd")/\(index)"
      let image = try ImageDecoder.decode(FileSystem.read(name + ".png"))
      try AtomicWriter.replace(name + "-copy.png", with: PNGEncoder.encode(image))
    }
  }

  /// The number of copies that a source's test images part from their originals.
  private static func divided(_ result: RunRecord.SourceResult) -> Int {
    let test = Set(result.test.items.map(\.image.path))
    return (0..<12).count { index in
      let name = "\(index % 2 == 0 ? "even" : "odd")/\(index)"
      return test.contains(name + ".png") != test.contains(name + "-copy.png")
    }
  }

  @Test func everySourceHasTheSameGroups() throws {
    try withTemporaryFolder { folder in
      try Self.writeImages(to: folder + "/images")
      func run(_ more: String) throws -> (record: RunRecord, said: [String]) {
        let text = """
          { images: "images", size: 32, resize: "squash", layers: ["layer2", "layer1"], folds: 2, c: 1, testFraction: 0.4,
            store: "store", baselines: { pixels: { size: 4 }, random: { seed: 2 } }\(more) }
          """
        try AtomicWriter.replace("\(folder)/it.json5", with: Array(text.utf8))
        let runner = PipelineRunner(try RunConfiguration(contentsOf: "\(folder)/it.json5"))
        let said = Mutex([String]())
        let record = try runner.run(backbone: Architectures.seeded("resnet20_cifar10", seed: 1)) { progress in
          if case .grouped(let text) = progress { said.withLock { $0.append(text) } }
        }
        return (record, said.withLock { $0 })
      }
      let grouped = try run(", groupDuplicates: true, near: 0.99999999")
      #expect(grouped.record.sources.map(Self.divided) == [0, 0, 0])
      #expect(grouped.said.count == 1 && grouped.record.computedRows == 3 * 36)
      #expect(
        grouped.said.first?.hasPrefix("24 equal or nearly equal images stay together in 12 groups (") == true
          && grouped.said.first?.contains("in the features of layer2") == true, "\(grouped.said)")
      let plain = try run("")
      #expect(plain.said.isEmpty && plain.record.sources.allSatisfy { Self.divided($0) > 0 })
    }
  }

  @Test func theFieldsAreRead() throws {
    try withTemporaryFolder { folder in
      func read(_ more: String) throws -> RunConfiguration {
        try AtomicWriter.replace("\(folder)/it.json5", with: Array("{ images: 'i', layers: 'l'\(more) }".utf8))
        return try RunConfiguration(contentsOf: "\(folder)/it.json5")
      }
      let (grouped, plain) = (try read(", groupDuplicates: true, near: 0.9").duplicates, try read("").duplicates)
      #expect(grouped.areGrouped && grouped.threshold == 0.9 && !plain.areGrouped)
      let error = #expect(throws: RunError.self) { try read(", near: 0.9") }
      #expect(error?.description.contains("field \"near\": it is for \"groupDuplicates\"") == true)
    }
  }
}
