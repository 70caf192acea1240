import TapFileSystem
import TapFormats
import TestSupport
import Testing

struct SVMLightTests {
  private func read(
    _ text: String, columns: Int? = nil, base: Int? = nil, valueLimit: Int = 1000
  ) throws -> SVMLight.Rows {
    let bytes = Array(text.utf8)
    return try SVMLight.read(bytes.span, columns: columns, base: base, valueLimit: valueLimit)
  }

  @Test func rowsBecomeDense() throws {
    let rows = try read("+1 qid:7 cost:0.25 1:0.5 3:-2 # a comment\r\n\n-1.0\nname 2:1e-3")
    #expect(rows.labels == ["1", "-1", "name"] && rows.groups == ["7", nil, nil])
    #expect(rows.weights == [0.25, nil, nil])
    #expect(rows.columns == 3 && rows.elements == [0.5, 0, -2, 0, 0, 0, 0, 1e-3, 0])
    #expect(try read("1 0:1 2:2").elements == [1, 0, 2])
    #expect(try read("1 1:1 2:2", columns: 4, base: 1).elements == [1, 2, 0, 0])
    #expect(try read("1 1:1 2:2", columns: 4, base: 0).elements == [0, 1, 2, 0])
  }

  @Test func theBaseIsGivenCertainOrGuessed() throws {
    #expect(try !read("1 0:1 2:2").isBaseGuessed && read("1 1:1 2:2").isBaseGuessed)
    #expect(try !read("1 1:1", base: 1).isBaseGuessed && !read("1\n2").isBaseGuessed)
    // The index of the last column shows the base, as does the index of the first column.
    #expect(try read("1 1:1 4:2", columns: 4).indexBase == 1)
    #expect(try read("1\n2", columns: 4).elements.count == 8)
    #expect(throws: SVMLightError.uncertainBase(columns: 4)) { try read("1 1:1 3:2", columns: 4) }
    #expect(throws: SVMLightError.indexBelowBase(line: 2)) { try read("1 1:1\n2 0:1", base: 1) }
    #expect(throws: SVMLightError.moreColumns(line: 1, index: 4, columns: 4, base: 0)) {
      try read("1 4:1", columns: 4, base: 0)
    }
  }

  @Test func sizesAreCheckedBeforeMemoryIsTaken() throws {
    #expect(throws: SVMLightError.tooManyValues(rows: 2, columns: 600, limit: 1000)) {
      try read("1 600:1\n2 1:1")
    }
    #expect(throws: SVMLightError.tooManyValues(rows: 1, columns: 1 << 39, limit: 1000)) {
      try read("1 \(1 << 39):1")
    }
    #expect(throws: SVMLightError.notAPair(line: 1, text: "99999999999999999999:1")) {
      try read("1 99999999999999999999:1")
    }
    #expect(throws: SVMLightError.zeroByte(line: 2)) { try read("1 1:1\n\0\0") }
    #expect(throws: SVMLightError.tooLong(line: 1, limit: 1 << 16)) {
      try read("1 " + String(repeating: "a", count: 70_000))
    }
    #expect(throws: SVMLightError.notAPair(line: 1, text: "-1:1")) { try read("1 -1:1") }
    #expect(throws: SVMLightError.notAPair(line: 1, text: "cost:1")) { try read("1 1:1 cost:1") }
    #expect(throws: SVMLightError.weight(line: 1, text: "cost:-1")) { try read("1 cost:-1 1:1") }
  }

  /// Every prefix of a file gives rows or an error, never a crash.
  @Test func everyCutIsReadOrRefused() throws {
    let bytes = try FileSystem.read(Repository.path("Tests/Reference/formats/features/one.svm"))
    for count in stride(from: 0, to: bytes.count, by: 7) {
      let part = Array(bytes.prefix(count))
      _ = try? SVMLight.read(part.span)
    }
  }

  @Test func numbersAreReadAsTheLibraryReadsThem() {
    func number(_ text: String) -> Double? { DecimalText.double(Array(text.utf8)[...]) }
    for text in [
      "0", "-0", "1", "+2.5", ".5", "5.", "0.1", "123456789012345", "1234567890123456789",
      "0.30000000000000004",
      "1e22", "-1.5E-3", "4.9e-324", "1.7976931348623157e308", "2.2250738585072011e-308",
      "0.000000000000000000001",
      "9007199254740993", "1e400", "inf", "-Infinity",
    ] {
      #expect(number(text) == Double(text), "\(text)")
    }
    #expect(number("nan")?.isNaN == true)
    for text in ["", "-", ".", "1.2.3", "1 ", "0x10", "1e", "one", "1,5", "--1"] {
      #expect(number(text) == nil, "\(text)")
    }
  }

  /// Missing values count as 0. In float32, a column of times loses differences between its values, but a column with
  /// one value that is not 0 does not.
  @Test func columnsThatFloat32MergesAreNamed() throws {
    var text = ""
    for row in 0..<40 {
      text += "\(row % 2) 1:\(Double(row) / 7) 2:\(1_700_000_000 + Double(row % 2) * 60 + Double(row) / 40)"
      text +=
        (row == 5 ? " 3:1700000000.5" : "") + (row.isMultiple(of: 2) ? " 4:\(1e9 + Double(row))" : "") + "\n"
    }
    let rows = try SVMLight.read(Array(text.utf8).span, base: 1)
    #expect(rows.roundedColumns == [1])
    // A column whose values are all equal loses no differences in float32.
    let constant = String(repeating: "1 1:1700000001.5\n", count: 20)
    #expect(try SVMLight.read(Array(constant.utf8).span, base: 1).roundedColumns == [])
  }
}
