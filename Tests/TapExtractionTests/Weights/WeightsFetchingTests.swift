import TapArchitectures
import TapExtraction
import TapFileSystem
import TestSupport
import Testing

@Suite struct WeightsFetchingTests {
  private static let name = "resnet20-12fca82f.th"

  /// If a write fails after the last byte has arrived, no file has the final name, and the next run needs no transfer.
  @Test(.needs(.data("weights/resnet20-12fca82f.th"))) func aCompletePartIsKeptUntilItHasItsName() throws {
    let bytes = try FileSystem.read(try TestData.path("weights/" + Self.name))
    let weights = try #require(KnownWeights.named(Self.name))
    try withTemporaryFolder { folder in
      let locator = WeightsLocator(folders: [folder])
      let (part, target) = ("\(folder)/\(Self.name).part", "\(folder)/\(Self.name)")
      try AtomicWriter.replace(part, with: bytes)
      // Nothing listens at this address.
      let address = "http://127.0.0.1:9/\(Self.name)"
      for failing in 0..<2 {
        let faults = WriteFaults(failingFrom: failing)
        #expect(throws: WeightsFetchError.self) { try locator.fetch(weights, from: address, faults: faults) }
        #expect(faults.operations > failing)
        #expect(!FileSystem.exists(target))
        #expect(try FileSystem.read(part) == bytes)
      }
      let result = try locator.fetch(weights, from: address)
      #expect(result.found.path == target && !result.wasThere)
      #expect(try FileSystem.list(folder) == [Self.name])
      #expect(try FileSystem.read(target) == bytes)
    }
  }

  @Test func twoTransfersOfOneFileAreRefused() throws {
    try withTemporaryFolder { folder in
      let weights = try #require(KnownWeights.means("resnet18"))
      let part = "\(folder)/\(weights.checkpoint.name).part"
      let lock = try FileLock(path: part + ".lock", resource: part)
      let error = #expect(throws: WeightsFetchError.self) {
        try WeightsLocator(folders: [folder]).fetch(weights, from: "http://127.0.0.1:9/x")
      }
      #expect(error?.description.contains("in use") == true)
      withExtendedLifetime(lock) {}
    }
  }

  /// A name of a backbone means the first file in the list.
  @Test(arguments: zip(["resnet50", "resnet50-0676ba61.pth"], ["resnet50-11ad3fa6.pth", "resnet50-0676ba61.pth"]))
  func namesMeanFiles(name: String, file: String) {
    let weights = KnownWeights.means(name)
    #expect(weights?.checkpoint.name == file)
    #expect(weights?.checkpointAddress == "https://download.pytorch.org/models/" + file)
  }
}
