import TapText
import Testing

@Suite struct TextTableTests {
  static let table: TextTable = {
    var table = TextTable([("layer", .left), ("images", .right), ("note", .left)])
    table.add(["stem", "12", ""])
    table.add(["blocks.10", "3", "a, b"])
    return table
  }()

  @Test func columnsAreAligned() {
    #expect(
      Self.table.text == """
        layer      images  note
        stem           12
        blocks.10       3  a, b
        """)
  }

  @Test func csvIsQuotedWhereNeeded() {
    #expect(Self.table.csv == "layer,images,note\nstem,12,\nblocks.10,3,\"a, b\"\n")
  }
}
