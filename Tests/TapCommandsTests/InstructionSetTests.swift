import TapFileSystem
import TapFormats
import TapKernels
import TestSupport
import Testing

/// `extract --instruction-set` changes the run's record and no other file.
@Suite struct InstructionSetTests {
  @Test func changesTheRecordAndNoByte() throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      // The images do not have the network's size, so they are resized.
      try writeGeneratedClasses(0..<6, to: folder + "/photos", width: 100, height: 80)
      func extract(_ arguments: String..., into store: String) throws -> String {
        let outcome = try Tool.run(
          [
            "extract", "photos", "--backbone", "net.safetensors", "--layers", "all", "--store", store,
            "--format", "json",
          ] + arguments, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let path = try #require(try JSONValue.parse(outcome.output)["store"]?.stringValue)
        return "\(folder)/\(path)"
      }
      func contents(_ store: String) throws -> [String: [UInt8]] {
        let features = try FileSystem.list(store + "/features").map { "features/" + $0 }
        let names = ["store.json", "rows.bin", "items.csv"] + features
        return try Dictionary(
          uniqueKeysWithValues: names.map { ($0, try FileSystem.read("\(store)/\($0)")) })
      }
      func recorded(_ store: String) throws -> String? {
        try JSONValue.parse(FileSystem.read(store + "/runs/000001.json"))["instructionSet"]?.stringValue
      }
      let usual = try extract(into: "usual")
      let expected = try contents(usual)
      #expect(expected.count > 10)
      #expect(try recorded(usual) == InstructionSet.best.rawValue)
      for set in InstructionSet.available {
        let store = try extract("--instruction-set", set.rawValue, into: set.rawValue)
        #expect(try recorded(store) == set.rawValue)
        #expect(try contents(store) == expected, "\(set)")
      }
    }
  }
}
