import FoundationEssentials
import TapArchitectures
import TapExtraction
import TestSupport
import Testing

@Suite struct WeightsLocatorTests {
  static let lite0 = KnownWeights.all[0]

  private var lite0Wheel: KnownWeights.File { Self.lite0.files[1] }

  func write(_ text: String, to path: String) throws {
    try Data(text.utf8).write(to: URL(filePath: path))
  }

  @Test func theFirstFolderAndTheCheckpointWin() throws {
    try withTemporaryFolder { folder in
      let first = folder + "/first"
      let second = folder + "/second"
      for path in [first, second] {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
      }
      let locator = WeightsLocator(folders: [folder + "/none", first, second])
      #expect(locator.find(Self.lite0) == nil)
      try write("", to: second + "/" + Self.lite0.checkpoint.name)
      #expect(locator.find(Self.lite0)?.path == second + "/" + Self.lite0.checkpoint.name)
      try write("", to: first + "/" + lite0Wheel.name)
      #expect(locator.find(Self.lite0)?.file == lite0Wheel)
      try write("", to: first + "/" + Self.lite0.checkpoint.name)
      #expect(locator.find(Self.lite0)?.file == Self.lite0.checkpoint)
    }
  }

  @Test func missingWeightsSayWhatToDo() {
    let locator = WeightsLocator(folders: ["/nowhere/a", "/nowhere/b"])
    let error = #expect(throws: WeightsError.self) { try locator.locate(Self.lite0) }
    let text = error?.description ?? ""
    for part in [
      Self.lite0.checkpoint.name, Self.lite0.address, "/nowhere/a", "/nowhere/b", "Scripts/weights",
      Self.lite0.fetchCommand ?? "-", "layertap weights add",
    ] {
      #expect(text.contains(part))
    }
  }

  @Test func damageIsFoundByTheHash() throws {
    try withTemporaryFolder { folder in
      try write("not weights", to: folder + "/" + Self.lite0.checkpoint.name)
      let locator = WeightsLocator(folders: [folder])
      let found = try locator.locate(Self.lite0)
      #expect(throws: WeightsError.self) { try locator.check(found) }
    }
  }

  @Test func onlyKnownFilesAreAdded() throws {
    try withTemporaryFolder { folder in
      try write("not weights", to: folder + "/some.pth")
      let locator = WeightsLocator(folders: [folder + "/weights"])
      #expect(throws: WeightsError.self) { try locator.add(folder + "/some.pth") }
      #expect(throws: WeightsError.self) { try locator.add(folder + "/none.pth") }
      #expect(!FileManager.default.fileExists(atPath: folder + "/weights"))
    }
  }

  @Test(.needs(.lite0)) func aKnownFileIsAddedUnderItsName() throws {
    let path = try Weights.lite0Path()
    try withTemporaryFolder { folder in
      let copy = folder + "/renamed.bin"
      try FileManager.default.copyItem(atPath: path, toPath: copy)
      let locator = WeightsLocator(folders: [folder + "/new/weights"])
      let added = try locator.add(copy)
      #expect(added.path == folder + "/new/weights/" + Self.lite0.checkpoint.name)
      #expect(locator.find(Self.lite0) == added)
      try locator.check(added)
    }
  }
}
