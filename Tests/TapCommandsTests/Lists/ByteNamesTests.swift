import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// Classes and groups whose names are equal in Unicode but have different bytes stay separate in every command.
@Suite struct ByteNamesOfClassesTests {
  private static let names = ["\u{E9}", "e\u{301}"]

  @Test func classesStayApart() throws {
    try withTemporaryFolder { folder in
      let rows = (0..<24).map { row in
        "\(row % 2 == 0 ? 1 : -1),\(row * row % 7),\(Self.names[row % 2]),id\(row)\n"
      }
      let text = "f,g,label,id\n" + rows.joined()
      try BadInputTests.write(text, to: folder + "/x.csv")
      let trained = try Tool.run(["train", "x.csv", "--c", "1", "--output", "m"], in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.output.contains("classes      2: "), "\(trained.output)")

      let evaluated = try Tool.run(
        ["evaluate", "m", "x.csv", "--format", "json", "--predictions", "p.csv"], in: folder)
      let json = try JSONValue.parse(evaluated.output)
      #expect(
        json.objectValue?["confusion"]
          == .array([[12, 0], [0, 12]].map { .array($0.map(JSONValue.integer)) }))
      let against = try Tool.run(["evaluate", "m", "x.csv", "--against", "p.csv"], in: folder)
      #expect(against.status == 0, "\(against.errors)")

      // A warm start finds both classes by name, and no prediction changes.
      let again = try Tool.run(
        ["train", "x.csv", "--warm-start", "m", "--output", "m2", "--flips", "f.csv"], in: folder)
      #expect(again.status == 0, "\(again.errors)")
      #expect(!again.output.contains("new classes"), "\(again.output)")
    }
  }

  @Test func setsAndPlacesAreOfBytes() {
    #expect(ByteKey(Self.names[0]) != ByteKey(Self.names[1]))
    #expect(Self.names.sortedByBytes.map { Array($0.utf8) } == [[0x65, 0xCC, 0x81], [0xC3, 0xA9]])
    #expect(Self.names.placesByBytes.count == 2)
    #expect(!["\u{E9}"].containsBytes(of: "e\u{301}"))
  }
}
