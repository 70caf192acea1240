import Glibc
import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// `store compact` on the command line.
@Suite(.needs(.lite0)) struct CompactCommandTests {
  private static let taps = ["--layers", "stem", "--size", "32"]

  @discardableResult
  private func run(_ arguments: [String], in folder: String) throws -> Tool.Outcome {
    let outcome = try Tool.run(arguments, in: folder)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  /// The bytes of the only store in a folder. Files that readers ignore, and records of runs, are left out.
  private func bytes(below folder: String) throws -> [String: [UInt8]] {
    let names = try FileSystem.list(folder)
    let store = folder + "/" + (try #require(names.first { !$0.hasPrefix(".") }))
    var files: [String: [UInt8]] = [:]
    for name in try DirectoryWalk(store).files where !name.hasPrefix("runs/") && name != "lock" {
      files[name] = try FileSystem.read(store + "/" + name)
    }
    return files
  }

  /// Calls `body` with a folder that has the store `s` of photographs, some of which are gone.
  private func withStore(_ count: Int, _ body: (String) throws -> Void) throws {
    try Weights.lite0Path()
    try withTemporaryFolder { folder in
      try writeGeneratedClasses(0..<count, to: folder + "/photos")
      try run(["extract", "photos", "--store", "s"] + Self.taps, in: folder)
      for index in stride(from: 0, to: count, by: 3) {
        try FileSystem.remove("\(folder)/photos/\(index % 2 == 0 ? "even" : "odd")/\(index).png")
      }
      try body(folder)
    }
  }

  @Test func aStoreLosesTheRowsOfImagesThatAreGone() throws {
    try withStore(12) { folder in
      let before = try bytes(below: folder + "/s")
      let dry = try run(["store", "compact", "s", "--dry-run"], in: folder)
      #expect(dry.output.contains("would drop 4 of 12 images (even/0.png, even/6.png, odd/3.png, …) and 4 of 12 rows"))
      #expect(try bytes(below: folder + "/s") == before)
      try run(["extract", "photos", "--store", "fresh"] + Self.taps, in: folder)
      let expected = try bytes(below: folder + "/fresh")
      let copied = try run(["store", "compact", "s", "--into", "copy", "--format", "json"], in: folder)
      let json = try JSONValue.parse(copied.output)
      #expect(json["droppedItems"] == .integer(4) && json["droppedRows"] == .integer(4) && json["rows"] == .integer(12))
      #expect(try bytes(below: folder + "/copy") == expected && bytes(below: folder + "/s") == before)
      let done = try run(["store", "compact", "s"], in: folder)
      #expect(done.output.contains("dropped 4 of 12 images"))
      #expect(try bytes(below: folder + "/s") == expected)
      #expect(try FileSystem.list(folder + "/s").count == 1)
      // The store is complete and its list has the folder and the command of the extraction.
      let again = try run(["extract", "photos", "--store", "s"] + Self.taps, in: folder)
      #expect(again.output.contains("nothing to compute"))
      let info = try run(["store", "info", "s"], in: folder).output
      #expect(info.contains("8 in its list, 8 readable") && info.contains("from 'layertap extract photos"))
      #expect(try run(["store", "compact", "s"], in: folder).output.contains("dropped 0 of 8 images and 0 of 8 rows"))
    }
  }

  @Test func aListSaysWhichImagesStay() throws {
    try withStore(6) { folder in
      try BadInputTests.write("path\neven/2.png\nodd/1.png\nodd/7.png\n", to: folder + "/keep.csv")
      try writeGeneratedClasses(7..<8, to: folder + "/photos")
      let compact = ["store", "compact", "s", "--keep", "keep.csv"]
      let before = try bytes(below: folder + "/s")
      let strict = try Tool.run(compact + ["--strict"], in: folder)
      #expect(strict.status == 65 && strict.errors.contains("images of keep.csv outside the store's list: 1"))
      #expect(try bytes(below: folder + "/s") == before)
      #expect(try run(compact, in: folder).output.contains("dropped 4 of 6 images"))
      let items = try #require(bytes(below: folder + "/s")["items.csv"])
      #expect(try CSV.parse(items).dropFirst().map { $0[0] } == ["even/2.png", "odd/1.png"])
    }
  }

  @Test func wrongStoresAreRefused() throws {
    try withStore(6) { folder in
      try run(["extract", "photos", "--store", "shards", "--shard", "1/2"] + Self.taps, in: folder)
      try run(["store", "compact", "s", "--into", "new"], in: folder)
      for (arguments, status, text) in [
        (["shards"], 65, "it is shard 1/2 of a list"), (["photos"], 65, "is not a feature store"),
        (["none"], 66, "does not exist"), (["s", "--into", "new"], 73, "is there already"),
        (["s", "--images", "elsewhere"], 65, "none of the 6 images of its list is there"),
        (["s", "--keep", "k.csv", "--drop-unlisted"], 64, "drops all rows of other images"),
        (["s", "--keep", "k.csv"], 66, "k.csv does not exist"),
      ] as [([String], Int32, String)] {
        let outcome = try Tool.run(["store", "compact"] + arguments, in: folder)
        #expect(outcome.status == status && outcome.errors.contains(text), "\(arguments): \(outcome)")
      }
      let store = folder + "/s/" + (try FileSystem.list(folder + "/s")[0])
      let lock = try FileLock(path: store + "/lock", resource: store)
      let busy = try Tool.run(["store", "compact", "s"], in: folder)
      #expect(busy.status == 75 && busy.errors.contains("is in use by process"), "\(busy)")
      withExtendedLifetime(lock) {}
    }
  }

  /// The program is killed at random moments. The store is then the old or the new one, and the next compaction leaves
  /// nothing else.
  @Test func killsLeaveTheOldOrTheNewStore() throws {
    try withStore(300) { folder in
      let old = try bytes(below: folder + "/s")
      try run(["store", "compact", "s", "--into", "expected"], in: folder)
      let new = try bytes(below: folder + "/expected")
      var killed = 0
      for attempt in 0..<(TestData.runsLongTests ? 500 : 20) {
        let parent = "killed-\(attempt)"
        #expect(try Tool.run("/bin/cp", ["-r", "s", parent], in: folder).status == 0)
        let outcome = try Tool.start(["store", "compact", parent], in: folder) { running in
          usleep(.random(in: 0...80_000))
          running.signal(SIGKILL)
        }
        if outcome.status == 128 + SIGKILL { killed += 1 }
        let found = try bytes(below: "\(folder)/\(parent)")
        #expect(found == old || found == new, "attempt \(attempt)")
        try run(["store", "compact", parent], in: folder)
        #expect(try bytes(below: "\(folder)/\(parent)") == new, "attempt \(attempt)")
        #expect(try FileSystem.list("\(folder)/\(parent)").count == 1)
      }
      #expect(killed > 0)
    }
  }
}
