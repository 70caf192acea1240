import TapFeatures
import TapFileSystem
import TestSupport
import Testing

/// An image has a row and a key if its features are in the store.
struct StoredItemTests {
  private static let key = String(repeating: "0a", count: 32)

  private func items(_ lines: [String], in store: FeatureStore) throws -> [StoredItem] {
    let header = "path,label,split,group,key,row,status,weight\n"
    try AtomicWriter.replace(store.path + "/items.csv", with: header + lines.map { $0 + "\n" }.joined())
    return try #require(try store.items())
  }

  @Test func statusesGiveKeyAndRow() throws {
    try withTemporaryFolder { folder in
      try RecoveryTests.write(folder)
      let store = try FeatureStore(path: RecoveryTests.store(folder))
      let key = Self.key
      let items = try items(
        [
          "a.png,x,train,g,\(key),1,ok,0.5", "b.png,,,,,,unreadable: the file is missing,",
          "c.png,,,,\(key),,unreadable: not an image,", "d.png,x,,,,,pending,", "e.png,x,,,\(key),7,ok,",
        ], in: store)
      #expect(
        items.map(\.status) == [
          .ok(key: key, row: 1), .unreadable(reason: "the file is missing", key: nil),
          .unreadable(reason: "not an image", key: key), .pending, .pending,
        ])
      #expect(items.map(\.key) == [key, nil, key, nil, nil])
      #expect(items.map(\.row) == [1, nil, nil, nil, nil])
      #expect(
        items[0].item == ImageItem(path: "a.png", label: "x", split: .train, group: "g", weight: 0.5))
    }
  }

  @Test(arguments: ["ok", "ok with a row", "ok with a key", "pending with a row"])
  func incompleteItemsAreRefused(name: String) throws {
    try withTemporaryFolder { folder in
      try RecoveryTests.write(folder)
      let store = try FeatureStore(path: RecoveryTests.store(folder))
      let line =
        switch name {
        case "ok": "a.png,,,,,,ok,"
        case "ok with a row": "a.png,,,,,0,ok,"
        case "ok with a key": "a.png,,,,\(Self.key),,ok,"
        default: "a.png,,,,,0,pending,"
        }
      #expect(
        throws: FeatureError.damaged(path: store.path + "/items.csv", problem: "line 2 is not an item")
      ) {
        try items([line], in: store)
      }
    }
  }
}
