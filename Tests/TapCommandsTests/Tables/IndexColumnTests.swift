import TestSupport
import Testing

/// The index that pandas writes into a table is no feature.
@Suite struct IndexColumnTests {
  /// Rows sorted by class, with features that carry no information. If `first` is not nil, it names an index column,
  /// whose values `value` gives.
  private func table(_ first: String?, _ rows: Range<Int> = 0..<60, _ value: (Int) -> String = { "\($0)" })
    -> String
  {
    var text = (first.map { $0 + "," } ?? "") + "f0,f1,f2,label\n"
    for row in rows {
      let noise = [7, 11, 13].map { "\((row * row * $0 + row * 5) % 17)" }
      text +=
        (first == nil ? "" : value(row) + ",")
        + (noise + ["abc".map(String.init)[row / 20 % 3]])
        .joined(separator: ",")
      text += "\n"
    }
    return text
  }

  @Test(arguments: [
    ("", 0, "column 1, which has no name of its own, is left out; give it one to keep it"),
    (" ", 5, "column 1, which has no name of its own, is left out; give it one to keep it"),
    ("Unnamed: 0", 9, "column 1, which has no name of its own, is left out; give it one to keep it"),
    ("row", 0, "the first column, 'row', counts the rows and is left out; put it behind another to keep it"),
    ("row", 1, "the first column, 'row', counts the rows and is left out; put it behind another to keep it"),
  ])
  func anIndexIsLeftOut(name: String, start: Int, note: String) throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(table(nil), to: folder + "/plain.csv")
      try BadInputTests.write(table(name) { "\($0 + start)" }, to: folder + "/index.csv")
      let plain = try Tool.run(["train", "plain.csv", "--output", "p.layertap"], in: folder)
      let index = try Tool.run(["train", "index.csv", "--output", "i.layertap"], in: folder)
      #expect(index.status == 0 && index.errors.contains("index.csv: \(note)\n"), "\(index.errors)")
      #expect(!plain.errors.contains("left out"))
      #expect(try ModelContents(folder + "/i.layertap") == ModelContents(folder + "/p.layertap"))
      // `predict` and `evaluate` read some of the rows in the same way, with the index column or without it.
      try BadInputTests.write(table(nil, 20..<30), to: folder + "/some.csv")
      try BadInputTests.write(table(name, 20..<30) { "\($0 + start)" }, to: folder + "/part.csv")
      for command in ["predict", "evaluate"] {
        let some = try Tool.run([command, "i.layertap", "some.csv"], in: folder)
        let part = try Tool.run([command, "i.layertap", "part.csv"], in: folder)
        #expect(part.status == 0 && part.output == some.output, "\(part.errors)")
        #expect(part.errors.contains("left out") && some.errors.isEmpty)
      }
    }
  }

  /// Only the first column can be an index, only if the file has a line of names, and only if the values count up.
  @Test func otherColumnsStay() throws {
    try withTemporaryFolder { folder in
      let numbers = (0..<60).map { "\($0),\($0 % 7),\($0 % 5),\($0 % 11),\($0 / 30)" }
      let later = ["f,row,label"] + (0..<60).map { "\($0 % 7),\($0),\($0 / 30)" }
      let uneven = table("row") { "\($0 == 59 ? 60 : $0)" }
      for (name, text, options) in [
        ("bare", numbers.joined(separator: "\n"), ["--label-name", "5"]),
        ("later", later.joined(separator: "\n"), []), ("uneven", uneven, []),
      ] {
        try BadInputTests.write(text + "\n", to: "\(folder)/\(name).csv")
        let outcome = try Tool.run(["train", "\(name).csv", "--c", "1"] + options, in: folder)
        #expect(outcome.status == 0 && !outcome.errors.contains("left out"), "\(name): \(outcome.errors)")
      }
      // If the model has a feature for each column of a file with one row, the first column is no index, although its
      // value is 1.
      try BadInputTests.write("row,f0,f1,f2\n1,2,3,4\n", to: folder + "/one.csv")
      let one = try Tool.run(["predict", "uneven.layertap", "one.csv"], in: folder)
      #expect(one.status == 0 && one.errors.isEmpty, "\(one.errors)")
      let only = ["x,label"] + (0..<20).map { "\($0),\($0 / 10)" }
      try BadInputTests.write(only.joined(separator: "\n"), to: folder + "/only.csv")
      let refused = try Tool.run(["train", "only.csv"], in: folder)
      #expect(
        refused.errors
          == "Error: only.csv: 'x', its only column of features, counts the rows: expected columns of features beside it\n"
      )
    }
  }

  /// A comma at the end of every line makes a column with an empty name. Two such columns do not count as a repeated
  /// name.
  @Test func emptyColumnsAreLeftOut() throws {
    try withTemporaryFolder { folder in
      let text = table(nil).split(separator: "\n").map { $0 + ",,\n" }.joined()
      try BadInputTests.write(text, to: folder + "/commas.csv")
      let outcome = try Tool.run(["train", "commas.csv", "--c", "1"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(
        outcome.errors.contains(
          "commas.csv: 2 columns without a name of their own are left out; give them one to keep them\n"))
    }
  }
}
