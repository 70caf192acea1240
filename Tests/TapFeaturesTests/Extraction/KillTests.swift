import FoundationEssentials
import Glibc
import TapFileSystem
import TestSupport
import Testing

/// The program is killed and restarted until it finishes.
@Suite struct KillTests {
  /// The program is killed fifty times (500 times with `Scripts/test --long`) at random moments, while it creates a
  /// store and while it adds columns. After each kill, a reader in NumPy and a reader in plain Swift find every
  /// committed row. At the end, the store has the same bytes as after undisturbed runs.
  @Test(.needs(.lite0, .numPy)) func killsLoseNothing() throws {
    let kills = TestData.runsLongTests ? 500 : 50
    try withTemporaryFolder { folder in
      let undisturbed = folder + "/undisturbed"
      for layers in Self.stages { #expect(try Tool.run(Self.extract(layers, into: undisturbed)).status == 0) }
      let expected = try #require(try Self.store(in: undisturbed))

      var killed = 0
      var attempt = 0
      while killed < kills {
        attempt += 1
        let parent = "\(folder)/killed-\(attempt)"
        for layers in Self.stages {
          var isDone = false
          while !isDone {
            let outcome = try Tool.start(Self.extract(layers, into: parent)) { running in
              guard killed < kills else { return }
              usleep(.random(in: 100_000...2_000_000))
              running.signal(SIGKILL)
            }
            isDone = outcome.status == 0
            #expect(isDone || outcome.status == 128 + SIGKILL, "\(outcome.errors)")
            if isDone { continue }
            killed += 1
            guard let store = try Self.store(in: parent) else { continue }
            try Self.expectIntact(store, expected)
          }
        }
        let store = try #require(try Self.store(in: parent))
        for name in try Self.files(expected) {
          #expect(
            try FileSystem.read("\(store)/\(name)") == FileSystem.read("\(expected)/\(name)"), "\(name)")
        }
        #expect(try Self.files(store) == Self.files(expected))
      }
    }
  }

  /// The runs first extract two columns, then also a third.
  private static let stages = ["stem,blocks.2", "stem,blocks.2,blocks.5"]

  private static func extract(_ layers: String, into parent: String) -> [String] {
    ["extract", Repository.path("data/surfaces"), "--layers", layers, "--store", parent]
  }

  /// The only store below `parent`, or nil before it exists.
  private static func store(in parent: String) throws -> String? {
    guard FileSystem.isDirectory(parent) else { return nil }
    let stores = try FileSystem.list(parent).map { "\(parent)/\($0)" }.filter {
      FileSystem.exists($0 + "/rows.bin")
    }
    return stores.first
  }

  /// The files whose bytes must be the same.
  private static func files(_ store: String) throws -> [String] {
    try ["items.csv", "rows.bin", "store.json"]
      + FileSystem.list(store + "/features").map { "features/\($0)" }
  }

  private static func expectIntact(_ store: String, _ expected: String) throws {
    let reader = try PlainReader(store)
    for name in try FileSystem.list(store + "/features") where name.hasSuffix(".npy") {
      let column = String(name.dropLast(4))
      #expect(try reader.isIntact(column), "\(column)")
    }
    let outcome = try Python.run(comparison, [store, expected])
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// Every committed row of every column is there and has the values of the undisturbed run.
  private static let comparison = """
    import os, sys
    import numpy as np
    store, expected = sys.argv[1:]
    def keys(folder):
        data = open(os.path.join(folder, "rows.bin"), "rb").read()
        rows = [data[i:i + 32] for i in range(0, len(data) // 32 * 32, 32)]
        while rows and rows[-1] == bytes(32):
            rows.pop()
        return rows
    found, truth = keys(store), {key: row for row, key in enumerate(keys(expected))}
    for name in sorted(os.listdir(os.path.join(store, "features"))):
        if not name.endswith(".npy"):
            continue
        path = os.path.join(store, "features", name)
        counted = np.load(path, mmap_mode="r")
        assert len(counted) <= len(found), (name, len(counted), len(found))
        rows = np.memmap(path, "<f4", "r", 128, (len(found), counted.shape[1])) if found else counted
        right = np.load(os.path.join(expected, "features", name))
        assert np.array_equal(rows, right[[truth[key] for key in found]]), name
    """
}
