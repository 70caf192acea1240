import Glibc
import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// The images in a store's list, the runs that change the list, and the texts about it. Some stores cannot be written
/// to.
@Suite(.needs(.lite0)) struct StoreListTests {
  private static let taps = ["--layers", "stem", "--size", "32"]

  /// Twelve small images of two classes with splits, in `photos`, and four more in `more`.
  private func withPhotos(_ body: (String) throws -> Void) throws {
    try Weights.lite0Path()
    try withTemporaryFolder { folder in
      try writeGeneratedClasses(0..<8, to: folder + "/photos/train")
      try writeGeneratedClasses(8..<12, to: folder + "/photos/test")
      try writeGeneratedClasses(12..<16, to: folder + "/more")
      try body(folder)
    }
  }

  @discardableResult
  private func run(
    _ arguments: [String], in folder: String, environment: [String: String?] = [:]
  ) throws -> Tool.Outcome {
    let outcome = try Tool.run(arguments, in: folder, environment: environment)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  private func list(_ folder: String, _ store: String = "layertap-store") throws -> JSONValue? {
    try JSONValue.parse(run(["store", "info", store, "--format", "json"], in: folder).output)["list"]
  }

  @Test func evaluationLeavesTheListAlone() throws {
    try withPhotos { folder in
      let train = ["train", "photos", "--c", "1", "--output", "m.layertap"] + Self.taps
      try run(train, in: folder)
      let quiet = try run(["train", "layertap-store", "--c", "1", "--output", "s.layertap"], in: folder)
      #expect(!quiet.errors.contains("left out"))
      try run(["evaluate", "m.layertap", "more"], in: folder)
      let list = try #require(try list(folder))
      #expect(list["images"] == .integer(12) && list["rowsBeside"] == .integer(4))
      #expect(list["command"]?.arrayValue?.dropFirst().compactMap(\.stringValue) == train)
      #expect(list["folder"]?.stringValue?.hasSuffix("/photos") == true)
      let info = try run(["store", "info", "layertap-store"], in: folder).output
      #expect(info.contains("12 in its list, 12 readable, 2 classes"))
      #expect(
        info.contains("from 'layertap train photos --c 1") && info.contains("4 rows belong to none of them"))
      for command in [
        ["train", "layertap-store", "--c", "1", "--output", "s.layertap"],
        ["compare", "layertap-store", "--c", "1"],
        ["store", "export", "layertap-store", "--output", "x.npy"],
        ["evaluate", "m.layertap", "layertap-store"],
      ] {
        let outcome = try run(command, in: folder)
        let lines = outcome.errors.split(separator: "\n").filter { $0.contains("4 more rows belong to none") }
        #expect(
          lines.count == 1 && lines[0].contains("its list has 12 images of "), "\(command): \(outcome.errors)"
        )
      }
    }
  }

  @Test func theEnvironmentNamesTheStore() throws {
    try withPhotos { folder in
      let extract = ["extract", "photos"] + Self.taps
      try run(extract, in: folder, environment: ["LAYERTAP_STORE": "elsewhere"])
      #expect(FileSystem.isDirectory(folder + "/elsewhere") && !FileSystem.exists(folder + "/layertap-store"))
      // An option has precedence, and an empty variable counts as unset.
      try run(extract + ["--store", "named"], in: folder, environment: ["LAYERTAP_STORE": "elsewhere"])
      #expect(FileSystem.isDirectory(folder + "/named"))
      try run(extract, in: folder, environment: ["LAYERTAP_STORE": ""])
      #expect(FileSystem.isDirectory(folder + "/layertap-store"))
      let pipeline = #"{ images: "../photos", layers: "stem", size: 32, c: 1 }"#
      try BadInputTests.write(pipeline, to: folder + "/p/run.json5")
      let plan = try Tool.run(
        ["run", "p/run.json5", "--dry-run"], in: folder, environment: ["LAYERTAP_STORE": "elsewhere"])
      #expect(plan.status == 0 && !FileSystem.exists(folder + "/p/layertap-store"), "\(plan)")
      #expect(plan.output.contains("elsewhere") && !plan.output.contains("layertap-store"), "\(plan)")
    }
  }

  @Test func aStoreAboveIsPointedOut() throws {
    try withPhotos { folder in
      let extract = ["extract", "photos"] + Self.taps
      let first = try run(extract, in: folder)
      #expect(!first.errors.contains("--store"))
      try FileSystem.createDirectories(folder + "/a/b")
      let below = try run(["extract", "../../photos"] + Self.taps, in: folder + "/a/b")
      #expect(
        below.errors.contains(
          "../../layertap-store holds features of 12 of the 12 images already: --store ../../layertap-store uses them."
        ),
        "\(below.errors)")
      // There is no note if a store is named, if there is nothing to compute, or if the images are different.
      for arguments in [
        ["extract", "../../photos", "--store", "own"], ["extract", "../../photos"],
        ["extract", "../../more"],
      ] {
        #expect(try !run(arguments + Self.taps, in: folder + "/a/b").errors.contains("already: --store"))
      }
    }
  }

  @Test func evaluationLooksAtTheClassesFirst() throws {
    try withPhotos { folder in
      try run(["train", "photos", "--c", "1", "--output", "m.layertap"] + Self.taps, in: folder)
      try FileSystem.createDirectories(folder + "/other")
      _ = try Tool.run(
        "/bin/bash", ["-ec", "cp -r more/even other/neither; cp -r more/odd other/odd"], in: folder)
      let outcome = try Tool.run(["evaluate", "m.layertap", "other", "--store", "new"], in: folder)
      #expect(outcome.status == 65 && outcome.errors.contains("neither"), "\(outcome.errors)")
      #expect(!FileSystem.exists(folder + "/new"))
    }
  }

  /// Two trainings can use one complete store at the same time.
  @Test func trainingsGoSideBySide() throws {
    try withPhotos { folder in
      try run(["extract", "photos"] + Self.taps, in: folder)
      func train(_ name: String) -> [String] { ["train", "photos", "--output", name] + Self.taps }
      for _ in 0..<3 {
        let outcome = try Tool.start(train("a.layertap"), in: folder) { _ in
          try run(train("b.layertap"), in: folder)
        }
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
    }
  }

  /// This test mounts a disk. If that is impossible, only the store's own tests cover a read-only disk.
  @Test(.enabled(if: geteuid() == 0, "only root mounts a disk"))
  func aCompleteStoreOnAReadOnlyDiskServes() throws {
    try withPhotos { folder in
      let disk = folder + "/disk"
      try FileSystem.createDirectories(disk)
      func mount(_ arguments: String...) throws -> Bool {
        try Tool.run("/usr/bin/env", ["mount"] + arguments).status == 0
      }
      guard try mount("-t", "tmpfs", "-o", "size=8m", "tmpfs", disk) else {
        try Test.cancel("nobody may mount a disk here")
      }
      defer { _ = try? Tool.run("/usr/bin/env", ["umount", disk]) }
      let store = ["--store", disk + "/store"]
      try run(["extract", "photos"] + Self.taps + store, in: folder)
      #expect(try mount("-o", "remount,ro", disk))
      let train = ["train", "photos", "--output", "m.layertap"] + Self.taps + store
      let trained = try run(train, in: folder)
      #expect(!trained.errors.contains("read-only"))
      for command in [
        ["extract", "photos", "--output", "x.npy"] + Self.taps + store,
        ["compare", "photos"] + Self.taps + store, ["evaluate", "m.layertap", "photos"] + store,
        ["train", disk + "/store", "--output", "s.layertap"], ["compare", disk + "/store"],
        ["evaluate", "m.layertap", disk + "/store"], ["store", "info", disk + "/store"],
        ["store", "verify", disk + "/store"], ["store", "export", disk + "/store", "--output", "y.npy"],
      ] { try run(command, in: folder) }
      // Another list of the same images is used but not recorded. A new image cannot be added.
      let part = try run(train + ["--limit", "6", "--c", "1"], in: folder)
      #expect(part.errors.contains("stays as it was") && part.errors.contains("the disk is read-only"))
      let more = try Tool.run(["evaluate", "m.layertap", "more"] + store, in: folder)
      #expect(more.status == 73 && more.errors.contains("the disk is read-only"), "\(more.errors)")
    }
  }

  /// `--limit` keeps images of every class and split. The seed determines the images.
  @Test func aLimitDrawsOverClassesAndSplits() throws {
    try withPhotos { folder in
      func drawn(_ seed: String, _ limit: String = "6") throws -> [String] {
        let store = "s\(seed)-\(limit)"
        try run(
          ["extract", "photos", "--limit", limit, "--seed", seed, "--store", store] + Self.taps, in: folder)
        let place = "\(folder)/\(store)/\(try FileSystem.list(folder + "/" + store)[0])/items.csv"
        return try CSV.parse(FileSystem.read(place)).dropFirst().map { $0[0] }
      }
      let first = try drawn("0")
      #expect(first.count == 6)
      // The classes of the two splits have 4, 4, 2 and 2 images. Each class gives one image, then the larger classes
      // give more.
      for (place, count) in [("train/even", 2), ("train/odd", 2), ("test/even", 1), ("test/odd", 1)] {
        #expect(first.count { $0.hasPrefix(place) } == count, "\(first)")
      }
      let others = try ["1", "2", "3"].map { try drawn($0) }
      #expect(others.contains { $0 != first })
      #expect(try drawn("0", "12").count == 12)
      let dry = try run(
        ["train", "photos", "--limit", "6", "--dry-run"] + Self.taps, in: folder)
      #expect(dry.output.contains("4 training images, 2 test images"), "\(dry.output)")
    }
  }
}
