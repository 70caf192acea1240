// Names of column files are safe for any layer names of a network, and still differ if case is ignored.

import TapFeatures
import TapFileSystem
import TapProvenance
import TestSupport
import Testing

@Suite struct StoredColumnTests {
  static func name(_ tap: String, _ pooling: Pooling = .avg) -> String {
    StoredColumn(column: Column(tap: tap, pooling: pooling), dimensions: 1).fileName
  }

  @Test func ordinaryNamesStayAsTheyAre() {
    #expect(Self.name("blocks.4") == "blocks.4-avg")
    #expect(Self.name("avgpool", .none) == "avgpool")
    #expect(Self.name("layer4.2.relu_2", .gem) == "layer4.2.relu_2-gem")
    #expect(Self.name("a/b") == "a%2Fb-avg")
    #expect(Self.name(".hidden") == "%2Ehidden-avg")
    #expect(Self.name("50%~") == "50%25%7E-avg")
    #expect(Self.name("größe") == "gr%C3%B6%C3%9Fe-avg")
  }

  @Test func namesAreSafeAndDifferent() throws {
    let taps = [
      "", ".", "..", "../../etc/passwd", "/abs", "a\0b", "a\nb", "con", "Conv", "conv", "CONV", "a b", "a\\b",
      "a:b",
      String(repeating: "x", count: 5000), String(repeating: "x", count: 5001),
      String(repeating: "é", count: 100),
      "conv-avg", "x.partial", "x.npy", "x",
    ]
    let poolings = Pooling.selectable + [.none, .gem(p: 4, epsilon: 1e-6), .gem(p: 3, epsilon: 1e-5)]
    var seen: [String: Column] = [:]
    for tap in taps {
      for pooling in poolings {
        let name = Self.name(tap, pooling)
        #expect(!name.isEmpty && name.utf8.count <= 150 && !name.hasPrefix("."))
        #expect(
          name.utf8.allSatisfy {
            "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_.-%~".utf8.contains($0)
          })
        let column = Column(tap: tap, pooling: pooling)
        #expect(seen.updateValue(column, forKey: name.lowercased()) == nil, "\(column) and \(name)")
      }
    }
  }

  @Test func hostileNamesRoundTripThroughAStore() throws {
    try withTemporaryFolder { folder in
      let taps = ["../../up", "/conv1/Conv_output_0", "CON", String(repeating: "長", count: 300)]
      let columns = taps.map { StoredColumn(column: Column(tap: $0, pooling: .avg), dimensions: 1) }
      let parent = folder + "/a/b/c"
      do {
        let writer = try FeatureStoreWriter(parent: parent, identity: RecoveryTests.identity)
        try writer.addToEmptyStore(columns)
        _ = writer.append(key: RecoveryTests.key(1), values: [Float]([1, 2, 3, 4]).span)
        try writer.finish(items: [])
      }
      let store = try FeatureStore(path: parent)
      #expect(store.columns == columns)
      for (index, stored) in columns.enumerated() {
        #expect(try store.matrix(stored.column).withRow(0) { $0[0] } == Float(index + 1))
      }
      #expect(try DirectoryWalk(folder).files.allSatisfy { $0.hasPrefix("a/b/c/stand-in-") })
    }
  }
}
