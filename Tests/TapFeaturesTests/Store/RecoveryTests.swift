// A writer that stops after any of its operations leaves a readable store. The next writer completes the store to
// exactly the bytes of an undisturbed one.

import TapFeatures
import TapFileSystem
import TapFormats
import TapProvenance
import TestSupport
import Testing

@Suite struct RecoveryTests {
  static let identity = StandInRows().identity
  static let columns = [2, 5].map { StoredColumn(column: StandInRows.column($0), dimensions: $0) }
  static let rows = 7

  static func key(_ row: Int) -> Digest { SHA256.hash([UInt8(row)]) }

  static func values(_ row: Int) -> [Float] { (0..<7).map { Float(row * 10 + $0) } }

  static var items: [StoredItem] {
    (0..<rows).map { row in
      StoredItem(item: ImageItem(path: "\(row).png"), status: .ok(key: key(row).hex, row: row))
    }
  }

  /// One run, which continues from the committed rows, commits two rows at a time, and finishes.
  static func write(_ parent: String, _ faults: WriteFaults? = nil, upTo end: Int = rows) throws {
    let writer = try FeatureStoreWriter(parent: parent, identity: identity, faults: faults)
    if writer.columns.isEmpty { try writer.addToEmptyStore(columns) }
    #expect(writer.columns == columns)
    for row in writer.committedRows..<end {
      #expect(writer.append(key: key(row), values: values(row).span) == row)
      if row % 2 == 1 { try writer.commit() }
    }
    try writer.finish(items: items)
  }

  static func store(_ parent: String) -> String { parent + "/" + identity.storeName }

  /// Reads the committed rows with a separate reader.
  static func check(_ parent: String) throws {
    guard FileSystem.exists(store(parent) + "/store.json") else { return }
    let opened = try FeatureStore(path: store(parent))
    #expect(opened.verify().problems == [])
    let reader = try PlainReader(store(parent))
    #expect(reader.keys == (0..<opened.rowCount).map { key($0).hex })
    if opened.columns.isEmpty { return }
    #expect(try reader.matrix("c2") == (0..<opened.rowCount).map { Array(values($0)[..<2]) })
    #expect(try reader.matrix("c5") == (0..<opened.rowCount).map { Array(values($0)[2...]) })
    #expect(try reader.isIntact("c2") && reader.isIntact("c5"))
  }

  static func undisturbed(_ folder: String) throws -> (bytes: [String: [UInt8]], operations: Int) {
    let counter = WriteFaults()
    try write(folder + "/plain", counter)
    return (try Fixture.bytes(of: store(folder + "/plain")), counter.operations)
  }

  @Test(arguments: [0, 0.5, 0.97])
  func everyPrefixOfTheOperationsIsAStore(partialShare: Double) throws {
    try withTemporaryFolder { folder in
      let (expected, operations) = try Self.undisturbed(folder)
      #expect(operations > 50)
      for first in 0..<operations {
        let parent = folder + "/\(first)"
        let error = #expect(throws: FeatureError.self, "operation \(first)") {
          try Self.write(parent, WriteFaults(failingFrom: first, partialShare: partialShare))
        }
        guard case .file(let file) = error, file.isDiskFull else {
          Issue.record("operation \(first): \(String(describing: error))")
          continue
        }
        try Self.check(parent)
        try Self.write(parent)
        try Self.check(parent)
        #expect(try Fixture.bytes(of: Self.store(parent)) == expected, "operation \(first)")
      }
    }
  }

  @Test func recoveryItselfMayBeStopped() throws {
    try withTemporaryFolder { folder in
      let (expected, operations) = try Self.undisturbed(folder)
      for first in stride(from: 20, to: operations, by: 3) {
        for second in 0..<12 {
          let parent = folder + "/\(first)-\(second)"
          for stop in [first, second] {
            try? Self.write(parent, WriteFaults(failingFrom: stop, partialShare: 0.5))
            try Self.check(parent)
          }
          try Self.write(parent)
          #expect(try Fixture.bytes(of: Self.store(parent)) == expected, "operations \(first), \(second)")
        }
      }
    }
  }

  /// Bytes beyond the last commit are cut off, in any number and in any file.
  @Test(arguments: [1, 3, 31, 32, 33, 100])
  func tailsAreCutOff(length: Int) throws {
    try withTemporaryFolder { folder in
      let (expected, _) = try Self.undisturbed(folder)
      let parent = folder + "/torn"
      try Self.write(parent, upTo: 4)
      let tail = [UInt8](repeating: 0xAB, count: length)
      for name in ["features/c2.npy", "features/c2.crc", "features/c5.npy", "features/c5.crc"] {
        try append(tail, to: Self.store(parent) + "/" + name)
      }
      // A whole key would be a committed row without values. Only a part of a key can be a torn write.
      try append(Array(tail.prefix(31)), to: Self.store(parent) + "/rows.bin")
      try Self.check(parent)
      try Self.write(parent)
      #expect(try Fixture.bytes(of: Self.store(parent)) == expected)
    }
  }

  /// After a power failure, a file can end with zeros in place of the bytes that were written.
  @Test func keysThatNeverCameDoNotCount() throws {
    try withTemporaryFolder { folder in
      let (expected, _) = try Self.undisturbed(folder)
      let parent = folder + "/torn"
      try Self.write(parent, upTo: 4)
      try append([UInt8](repeating: 0, count: 70), to: Self.store(parent) + "/rows.bin")
      try Self.check(parent)
      try Self.write(parent)
      #expect(try Fixture.bytes(of: Self.store(parent)) == expected)
    }
  }

  /// After a power failure, keys can be there without their values. Rows above the header's count are checked, and
  /// dropped.
  @Test func rowsWhoseValuesNeverCameAreDropped() throws {
    try withTemporaryFolder { folder in
      let (expected, _) = try Self.undisturbed(folder)
      let parent = folder + "/torn"
      try Self.write(parent)
      let values = Self.store(parent) + "/features/c5.npy"
      var bytes = try FileSystem.read(values)
      let header = NPYHeader(elementType: .float32, shape: [3, 5]).encoded()
      bytes.replaceSubrange(0..<128, with: header)
      bytes.replaceSubrange((128 + 4 * 20)..<(128 + 5 * 20), with: [UInt8](repeating: 0, count: 20))
      try AtomicWriter.replace(values, with: bytes)
      let writer = try FeatureStoreWriter(parent: parent, identity: Self.identity)
      #expect(writer.committedRows == 4)
      _ = consume writer
      try Self.write(parent)
      #expect(try Fixture.bytes(of: Self.store(parent)) == expected)
    }
  }

  @Test(arguments: [0, 9, 60, 127])
  func aTornHeaderIsWrittenAgain(from start: Int) throws {
    try withTemporaryFolder { folder in
      let (expected, _) = try Self.undisturbed(folder)
      let parent = folder + "/torn"
      try Self.write(parent, upTo: 5)
      let values = Self.store(parent) + "/features/c2.npy"
      var bytes = try FileSystem.read(values)
      for index in start..<128 { bytes[index] = 0 }
      try AtomicWriter.replace(values, with: bytes)
      try Self.write(parent)
      #expect(try Fixture.bytes(of: Self.store(parent)) == expected)
    }
  }

  /// Missing committed rows are damage. The writer changes nothing, and the error names the place.
  @Test func lostBytesAreDamage() throws {
    try withTemporaryFolder { folder in
      let parent = folder + "/damaged"
      let store = Self.store(parent)
      try Self.write(parent)
      let intact = try Fixture.bytes(of: store)
      for (name, count) in [
        ("features/c2.npy", 150), ("features/c5.npy", 0), ("features/c5.crc", 27), ("rows.bin", 100),
        ("rows.bin", 0), ("store.json", 40), ("store.json", 0),
      ] {
        try AtomicWriter.replace(store + "/" + name, with: Array(intact[name]!.prefix(count)))
        let before = try Fixture.bytes(of: store)
        let error = #expect(throws: FeatureError.self, "\(name)") { try Self.write(parent) }
        guard case .damaged = error else {
          Issue.record("\(name): \(String(describing: error))")
          continue
        }
        #expect("\(error!)".contains(store))
        #expect(try Fixture.bytes(of: store) == before)
        if name.hasSuffix(".npy") {
          let read = #expect(throws: FeatureError.self) {
            let opened = try FeatureStore(path: store)
            for stored in opened.columns { _ = try opened.matrix(stored.column) }
          }
          guard case .damaged = read else {
            Issue.record("\(name): \(String(describing: read))")
            continue
          }
        }
        try AtomicWriter.replace(store + "/" + name, with: intact[name]!)
      }
      try FileSystem.remove(store + "/features/c2.crc")
      #expect(
        throws: FeatureError.file(.systemCall(call: "write", path: store + "/features/c2.crc", errno: 2))
      ) {
        try Self.write(parent)
      }
    }
  }

  @Test func verificationFindsEveryChangedBit() throws {
    try withTemporaryFolder { folder in
      try Self.write(folder)
      let store = Self.store(folder)
      for (name, offset) in [
        ("features/c2.npy", 128), ("features/c5.npy", 128 + 139), ("features/c5.crc", 5),
        ("features/c2.npy", 70),
      ] {
        let intact = try FileSystem.read(store + "/" + name)
        var bytes = intact
        bytes[offset] ^= 4
        try AtomicWriter.replace(store + "/" + name, with: bytes)
        let problems = try FeatureStore(path: store).verify().problems
        #expect(problems.count == 1 && problems[0].contains(name.prefix { $0 != "." }), "\(name) \(problems)")
        try AtomicWriter.replace(store + "/" + name, with: intact)
      }
      #expect(try FeatureStore(path: store).verify().problems == [])
    }
  }

  @Test func oneWriterAtATime() throws {
    try withTemporaryFolder { folder in
      let writer = try FeatureStoreWriter(parent: folder, identity: Self.identity)
      #expect(
        throws: FeatureError.file(.inUse(path: Self.store(folder), holder: Environment.processIdentifier))
      ) {
        try FeatureStoreWriter(parent: folder, identity: Self.identity)
      }
      _ = try FeatureStore(path: Self.store(folder))
      #expect(writer.committedRows == 0)
    }
  }

  @Test func refusesLaterFormatsAndOtherFolders() throws {
    try withTemporaryFolder { folder in
      try Self.write(folder)
      let path = Self.store(folder) + "/store.json"
      let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
      try AtomicWriter.replace(path, with: text.replacing("\"format\": 1", with: "\"format\": 2"))
      #expect(throws: FeatureError.laterFormat(path: Self.store(folder), format: 2, known: 1)) {
        try FeatureStore(path: folder)
      }
      try AtomicWriter.replace(path, with: text.replacing("stand-in", with: "other"))
      #expect(throws: FeatureError.self) { try FeatureStore(path: folder) }
      try FileSystem.createDirectories(folder + "/empty")
      #expect(throws: FeatureError.notAStore(path: folder + "/empty")) {
        try FeatureStore(path: folder + "/empty")
      }
      #expect(throws: FeatureError.notAStore(path: path)) { try FeatureStore(path: path) }
      #expect(throws: FeatureError.file(.systemCall(call: "read", path: "/no/store", errno: 2))) {
        try FeatureStore(path: "/no/store")
      }
    }
  }

  /// The number of bytes of a column must not overflow.
  @Test(arguments: ["0", "2147483649", "1099511627776", "9223372036854775807"])
  func refusesImpossibleDimensions(_ number: String) throws {
    try withTemporaryFolder { folder in
      try Self.write(folder)
      let path = Self.store(folder) + "/store.json"
      let text = String(decoding: try FileSystem.read(path), as: UTF8.self)
      try AtomicWriter.replace(path, with: text.replacing("\"dimensions\": 5", with: "\"dimensions\": \(number)"))
      #expect(throws: FeatureError.damaged(path: path, problem: "a column has \(number) dimensions")) {
        try FeatureStore(path: folder)
      }
    }
  }

  private func append(_ bytes: [UInt8], to path: String) throws {
    let file = try File(updating: path)
    try file.write(bytes, at: file.size())
  }
}
