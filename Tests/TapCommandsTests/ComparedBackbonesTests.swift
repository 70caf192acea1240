import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// `compare` with `--backbone` several times compares the columns of all backbones.
@Suite struct ComparedBackbonesTests {
  private static let options = [
    "--size", "32", "--mean", "0,0,0", "--std", "1,1,1", "--layers", "penultimate", "--folds", "3", "--c",
    "0.01,1", "--format", "json",
  ]

  private func entries(_ arguments: [String], in folder: String) throws -> [JSONValue] {
    let outcome = try Tool.run(["compare", "photos"] + arguments + Self.options, in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try #require(JSONValue.parse(outcome.output)["entries"]?.arrayValue)
  }

  /// Every entry is that of a comparison with its backbone alone.
  @Test(.needs(.lite0)) func backbonesAreComparedTogether() throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      try writeGeneratedClasses(0..<24, to: folder + "/photos", width: 12)
      let names = ["efficientnet_lite0", "net.safetensors"]
      let both = try entries(
        names.flatMap { ["--backbone", $0] } + ["--save-best", "best.layertap"], in: folder)
      #expect(both.map { $0["backbone"]?.stringValue } == ["efficientnet_lite0", "resnet20_cifar10"])
      for (name, entry) in zip(names, both) {
        let alone = try entries(["--backbone", name], in: folder)
        #expect(alone.count == 1)
        for field in ["column", "dimensions", "c", "accuracy", "path", "multiplyAdds"] {
          #expect(entry[field] != nil && entry[field] == alone[0][field], "\(name): \(field)")
        }
        #expect(entry["name"] == .string("\(try alone[0].string("name")), \(try entry.string("backbone"))"))
      }
      #expect(FileSystem.exists(folder + "/best.layertap"))
    }
  }

  @Test func aBackboneIsNamedOnce() throws {
    try withTemporaryFolder { folder in
      try writeGeneratedClasses(0..<4, to: folder + "/photos")
      let outcome = try Tool.run(
        ["compare", "photos", "--backbone", "resnet50", "--backbone", "resnet50"], in: folder)
      #expect(outcome.status == 64 && outcome.errors.contains("'--backbone' names resnet50 twice"))
    }
  }
}
