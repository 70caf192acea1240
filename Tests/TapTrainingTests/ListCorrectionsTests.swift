// Corrections from tables change exactly the images that the tables name.

import FoundationEssentials
import TapFeatures
import TapTraining
import TestSupport
import Testing
import TrainingSupport

@Suite struct ListCorrectionsTests {
  private static let findings = """
    kind,path,other,label,suggested,group,score
    label,2.jpg,,c,a,,-0.5
    label,5.jpg,,c,b,,-0.4
    duplicate,7.jpg,1.jpg,b,,1,1.0
    imbalance,,,c,,,12.0
    label,x.jpg,,c,b,,-0.3

    """

  private static func withTable(_ text: String, _ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try Data(text.utf8).write(to: URL(filePath: folder + "/t.csv"))
      try body(folder + "/t.csv")
    }
  }

  @Test func imagesAreDroppedAndRelabeled() throws {
    try Self.withTable(Self.findings) { table in
      let data = try TrainingFixtures.data(9)
      let relabeled = try ListCorrections(drop: nil, relabel: table)
      #expect(
        relabeled.applied(to: data).images.map(\.label) == ["a", "b", "a", "a", "b", "b", "a", "b", "c"])
      #expect(relabeled.summary(of: data.images).line == "corrections  0 images left out, 2 labels changed")
      #expect(relabeled.summary(of: data.images).unknown == ["x.jpg"])

      let dropped = try ListCorrections(drop: table, relabel: table)
      let rest = dropped.applied(to: data)
      #expect(rest.images.map(\.path) == [0, 1, 3, 4, 6, 8].map { "\($0).jpg" })
      #expect(rest.items.map(\.row) == [0, 1, 3, 4, 6, 8] && rest.candidates[0].features.rows == 9)
      #expect(dropped.summary(of: data.images).line == "corrections  3 images left out, 0 labels changed")

      let list = ImageList(items: data.images)
      #expect(dropped.applied(to: list).items == rest.images)
      #expect(relabeled.applied(to: list).items == relabeled.applied(to: data).images)
      #expect(try ListCorrections(drop: nil, relabel: nil).applied(to: list) == list)
    }
  }

  @Test(arguments: [
    ("", "the first line must name the column 'path'"),
    ("name,suggested\na,b\n", "the first line must name the column 'path'"),
    ("path,label\na,b\n", "the first line must name the column 'suggested'"),
    ("path,suggested\na,b,c\n", "line 2: expected 2 fields, found 3"),
    ("path,suggested\na,b\na,c\n", "line 3: a gets the label 'c' here and 'b' above"),
    ("path,suggested\n\"a,b\n", "line 2: a quoted field has no closing quote"),
  ])
  func badTablesAreRefused(text: String, message: String) throws {
    try Self.withTable(text) { table in
      #expect {
        try ListCorrections(drop: nil, relabel: table)
      } throws: { error in
        "\(error)".contains(message)
      }
    }
    #expect(throws: TrainingError.self) { try ListCorrections(drop: "/nowhere/t.csv", relabel: nil) }
  }
}
