import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// `extract --shard` and `store merge` on the command line.
@Suite(.needs(.lite0)) struct ShardCommandTests {
  private static let taps = ["--layers", "stem", "--size", "32"]

  @discardableResult
  private func run(_ arguments: [String], in folder: String) throws -> Tool.Outcome {
    let outcome = try Tool.run(arguments, in: folder)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  private func store(below folder: String) throws -> String {
    let names = try FileSystem.list(folder).filter { !$0.hasPrefix(".") }
    return folder + "/" + (try #require(names.first))
  }

  private func bytes(of store: String) throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try DirectoryWalk(store).files where !name.hasPrefix("runs/") && !name.hasPrefix(".") {
      files[name] = try FileSystem.read(store + "/" + name)
    }
    return files
  }

  @Test func shardsBecomeTheStoreOfOneRun() throws {
    try Weights.lite0Path()
    try withTemporaryFolder { folder in
      try writeGeneratedClasses(0..<10, to: folder + "/photos")
      try run(["extract", "photos", "--store", "whole"] + Self.taps, in: folder)
      for number in 1...3 {
        try run(["extract", "photos", "--store", "shards", "--shard", "\(number)/3"] + Self.taps, in: folder)
      }
      let again = try run(
        ["extract", "photos", "--store", "shards", "--shard", "2/3"] + Self.taps, in: folder)
      #expect(again.output.contains("nothing to compute"))
      let merged = try run(["store", "merge", "shards", "--into", "merged", "--format", "json"], in: folder)
      let json = try JSONValue.parse(merged.output)
      #expect(json["shards"] == .integer(3) && json["items"] == .integer(10) && json["rows"] == .integer(10))
      let expected = try bytes(of: store(below: folder + "/whole"))
      #expect(expected["features/stem-avg.npy"] != nil || expected["features/stem.npy"] != nil)
      #expect(try bytes(of: store(below: folder + "/merged")) == expected)
      // A shard is a part of its list, and commands that use it say so.
      let part = try store(below: folder + "/shards")
      #expect(try run(["store", "info", part], in: folder).output.contains("shard 1/3"))
      let export = try run(["store", "export", part, "--output", "x.npy"], in: folder)
      #expect(export.errors.contains("is shard 1/3 and has only a part of its list"))
    }
  }

  @Test func wrongShardsAreRefused() throws {
    try Weights.lite0Path()
    try withTemporaryFolder { folder in
      try writeGeneratedClasses(0..<4, to: folder + "/photos")
      for (arguments, status, text) in [
        (["extract", "photos", "--shard", "0/3"], 64, "a shard such as 2/7"),
        (["extract", "photos", "--shard", "2/3", "--output", "x.npy"], 64, "export from the merged store"),
        (["store", "merge", "photos"], 65, "holds no shard"), (["store", "merge", "none"], 66, "does not exist"),
      ] as [([String], Int32, String)] {
        let outcome = try Tool.run(arguments, in: folder)
        #expect(outcome.status == status, "\(arguments): \(outcome.errors)")
        #expect(outcome.errors.contains(text), "\(arguments): \(outcome.errors)")
      }
      let extract = ["extract", "photos", "--store", "s", "--shard", "1/2"] + Self.taps
      try run(extract, in: folder)
      let missing = try Tool.run(["store", "merge", "s"], in: folder)
      #expect(missing.status == 65 && missing.errors.contains("1 of the 2 shards are missing: 2"))
      try writeGeneratedClasses(4..<6, to: folder + "/photos")
      let other = try Tool.run(extract, in: folder)
      #expect(other.status == 73 && other.errors.contains("it is a shard of another list"))
    }
  }
}
