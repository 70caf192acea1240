import TapCheckpoints
import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// Each file has one defect. Tests/Reference/checkpoints/make_reference.py made most of the files.
struct HostileCheckpointTests {
  private static let folder = Repository.path("Tests/Reference/checkpoints")

  private func reason(_ name: String) -> CheckpointError.Reason? {
    do throws(CheckpointError) {
      _ = try Checkpoint.load("\(HostileCheckpointTests.folder)/\(name)")
      return nil
    } catch {
      return error.reason
    }
  }

  @Test(arguments: ["hostile_legacy.pth", "hostile_zip.pth"])
  func nothingThatAPickleNamesIsRun(name: String) {
    #expect(reason(name) == .pickle(.refusedGlobal("posix.system")))
  }

  private static let defects: [(String, CheckpointError.Reason)] = [
    ("whole_model_legacy.pth", .pickle(.refusedGlobal("torch.nn.modules.linear.Linear"))),
    ("instance.pth", .pickle(.refusedOpcode(name: "INST", offset: 52))),
    ("protocol_4.pth", .pickle(.unsupportedProtocol(4))),
    ("unknown_memo.pth", .pickle(.unknownMemo(7))),
    ("empty_stack.pth", .pickle(.badStack(offset: 52))),
    ("no_mark.pth", .pickle(.badStack(offset: 52))),
    ("self_containing.pth", .notStateDictionary(found: "a list")),
    ("list_legacy.pth", .notStateDictionary(found: "a list")),
    ("text_value_legacy.pth", .notTensor(name: "b", found: "a text")),
    ("outside_offset.pth", outside(offset: 1, shape: [4], strides: [1])),
    ("outside_stride.pth", outside(offset: 0, shape: [4], strides: [2])),
    ("negative_stride.pth", outside(offset: 0, shape: [4], strides: [-1])),
    ("overflowing_shape.pth", outside(offset: 0, shape: [.max, 4], strides: [0, 0])),
    ("expansion_bomb.pth", .tooManyElements(name: "w", limit: 1 << 20)),
    ("short_storage.pth", .truncated(expected: 223, actual: 219)),
    ("wrong_count.pth", .storageSize(key: "0", expected: 4, actual: 3)),
    ("trailing.pth", .trailingBytes(1)),
    ("missing_storage.pth", .missingStorage(key: "0")),
    ("unknown_storage.pth", .unknownStorage),
    ("big_endian.pth", .bigEndian),
    ("wrong_magic.pth", .unknownFormat),
    ("text.pth", .otherFile(.html)),
    ("two.whl", .noSingleCheckpoint(found: ["a.pth", "b.pth"])),
    ("none.whl", .noSingleCheckpoint(found: [])),
    ("nested.whl", .nestedArchives),
  ]

  private static func outside(offset: Int, shape: [Int], strides: [Int]) -> CheckpointError.Reason {
    .tensorOutsideStorage(name: "w", offset: offset, shape: shape, strides: strides, storage: 4)
  }

  @Test(arguments: defects)
  func defectsHaveNames(name: String, expected: CheckpointError.Reason) {
    #expect(reason(name) == expected)
  }

  @Test func missingFilesAreNamed() throws {
    let error = try #require(throws: CheckpointError.self) { try Checkpoint.load("/nowhere/weights.pth") }
    #expect("\(error)".contains("/nowhere/weights.pth"))
  }

  @Test(arguments: ["model_legacy.pth", "model_zip.pth", "one.whl"])
  func cutFilesAreRefusedAtEveryLength(name: String) throws {
    let whole = try FileSystem.read("\(HostileCheckpointTests.folder)/\(name)")
    try withTemporaryFolder { folder in
      let path = folder + "/cut.pth"
      for count in stride(from: 0, to: whole.count, by: 29) {
        try AtomicWriter.replace(path, with: Array(whole[..<count]))
        #expect(throws: CheckpointError.self) { try Checkpoint.load(path) }
      }
    }
  }

  /// Any changed byte gives an error or other numbers, never a trap.
  @Test(arguments: ["model_legacy.pth", "views_legacy.pth", "model_zip.pth"])
  func damagedFilesNeverTrap(name: String) throws {
    let whole = try FileSystem.read("\(HostileCheckpointTests.folder)/\(name)")
    try withTemporaryFolder { folder in
      let path = folder + "/damaged.pth"
      for position in stride(from: 0, to: whole.count, by: 5) {
        var bytes = whole
        bytes[position] = bytes[position] &+ UInt8(position % 255 + 1)
        try AtomicWriter.replace(path, with: bytes)
        _ = try? Checkpoint.load(path)
      }
    }
  }

  /// The file has 300,000 nested tuples. Neither reading nor freeing them may recurse.
  @Test func deepNestingCostsNoStack() throws {
    let start = try FileSystem.read("\(HostileCheckpointTests.folder)/empty_stack.pth")
    let program = [UInt8](")".utf8) + [UInt8](repeating: 0x85, count: 300_000)
    let keys: [UInt8] = [0x2E, 0x80, 0x02, 0x5D, 0x2E]
    try withTemporaryFolder { folder in
      let path = folder + "/deep.pth"
      try AtomicWriter.replace(path, with: start.dropLast() + program + keys)
      let error = try #require(throws: CheckpointError.self) { try Checkpoint.load(path) }
      #expect(error.reason == .notStateDictionary(found: "a tuple"))
    }
  }
}
