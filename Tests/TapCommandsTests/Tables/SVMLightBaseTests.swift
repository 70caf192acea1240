import TapFileSystem
import TestSupport
import Testing

/// The index base of SVMlight's columns is 0 or 1. The training determines it once, and the model keeps it.
@Suite struct SVMLightBaseTests {
  /// Rows of six columns. The third column separates the classes. The first column is present in a twentieth of the
  /// rows, or in none.
  static func rows(_ count: Int, hasFirst: Bool, seed: UInt64) -> [(label: Int, values: [Int])] {
    var numbers = Congruential(state: seed)
    func next(_ bound: Int) -> Int { numbers.next(below: bound) }
    return (0..<count).map { row in
      let label = next(2)
      let values = (1..<6).map { next(200) - 100 + ($0 == 2 && label == 1 ? 150 : 0) }
      return (label, [hasFirst && row % 20 == 3 ? 1 : 0] + values)
    }
  }

  /// Writes the same rows as sparse text, whose columns are counted from `base`, and as a table.
  static func write(_ rows: [(label: Int, values: [Int])], base: Int, to stem: String) throws {
    var (sparse, dense) = ("", "label,a,b,c,d,e,f\n")
    for (label, values) in rows {
      sparse += "\(label)"
      for (column, value) in values.enumerated() where value != 0 { sparse += " \(column + base):\(value)" }
      sparse += "\n"
      dense += "\(label)," + values.map { "\($0)" }.joined(separator: ",") + "\n"
    }
    try BadInputTests.write(sparse, to: stem + ".svm")
    try BadInputTests.write(dense, to: stem + ".csv")
  }

  private func run(_ arguments: [String], in folder: String) throws -> Tool.Outcome {
    try Tool.run(arguments, in: folder)
  }

  @Test func theModelsBaseReadsOtherFiles() throws {
    try withTemporaryFolder { folder in
      try Self.write(Self.rows(200, hasFirst: true, seed: 1), base: 0, to: folder + "/train")
      try Self.write(Self.rows(100, hasFirst: false, seed: 2), base: 0, to: folder + "/test")
      let train = try run(["train", "train.svm", "--c", "1", "--output", "m.layertap"], in: folder)
      #expect(train.status == 0 && !train.errors.contains("counted"), "\(train.errors)")
      for command in [["evaluate", "m.layertap"], ["predict", "m.layertap", "--top", "2"]] {
        let sparse = try run(command + ["test.svm"], in: folder)
        let dense = try run(command + ["test.csv"], in: folder)
        #expect(sparse.status == 0 && sparse.output == dense.output, "\(command): \(sparse)")
        #expect(sparse.errors.isEmpty)
      }
      // A warm start also uses the model's base. The text has no index of 0, and still gives the features of the table.
      let warm = ["--warm-start", "m.layertap", "--c", "1", "--output"]
      let sparse = try run(["train", "test.svm"] + warm + ["s.layertap"], in: folder)
      let dense = try run(["train", "test.csv"] + warm + ["d.layertap"], in: folder)
      #expect(sparse.status == 0 && dense.status == 0 && !sparse.errors.contains("counted"))
      #expect(try ModelContents(folder + "/s.layertap") == ModelContents(folder + "/d.layertap"))
    }
  }

  @Test func aGuessIsSaidAndCanBeChanged() throws {
    try withTemporaryFolder { folder in
      try Self.write(Self.rows(80, hasFirst: false, seed: 3), base: 0, to: folder + "/none")
      let note = "none.svm: no index is 0, so columns are counted from 1; if from 0, say --index-base 0\n"
      for command in [["train", "none.svm", "--output", "g.layertap"], ["compare", "none.svm"]] {
        let guessed = try run(command + ["--c", "1"], in: folder)
        #expect(guessed.status == 0 && guessed.errors.contains(note), "\(guessed.errors)")
        let said = try run(command + ["--c", "1", "--index-base", "0"], in: folder)
        #expect(said.status == 0 && !said.errors.contains("counted"), "\(said.errors)")
      }
      // With base 0, the model has six columns like the table, and the first column is all zeros.
      let rows = try run(["predict", "g.layertap", "none.csv"], in: folder)
      #expect(rows.status == 0, "\(rows.errors)")
      // A model that counts from 1 refuses an index of 0, except if an option gives the base of the file.
      try Self.write(Self.rows(80, hasFirst: false, seed: 3), base: 1, to: folder + "/one")
      let one = try run(
        ["train", "one.svm", "--c", "1", "--index-base", "1", "--output", "o.layertap"], in: folder)
      #expect(one.status == 0 && !one.errors.contains("counted"), "\(one.errors)")
      try BadInputTests.write("0 1:1\n1 0:1 2:1\n", to: folder + "/zero.svm")
      let refused = try run(["evaluate", "o.layertap", "zero.svm"], in: folder)
      #expect(
        refused.errors
          == "Error: zero.svm: line 2: the index is 0, and columns are counted from 1: if this file counts them from 0, "
          + "say --index-base 0\n")
      #expect(try run(["predict", "o.layertap", "zero.svm", "--index-base", "0"], in: folder).status == 0)
    }
  }

  /// A model that was trained on a table has no index base. If a sparse file does not show its base either, the error
  /// asks for it.
  @Test func aModelWithoutABaseAsks() throws {
    try withTemporaryFolder { folder in
      try Self.write(Self.rows(80, hasFirst: true, seed: 4), base: 1, to: folder + "/one")
      #expect(try run(["train", "one.csv", "--c", "1", "--output", "m.layertap"], in: folder).status == 0)
      // An index as large as the number of features shows the base.
      #expect(try run(["evaluate", "m.layertap", "one.svm"], in: folder).status == 0)
      try BadInputTests.write("0 1:1 3:2\n1 2:1\n", to: folder + "/few.svm")
      for command in ["evaluate", "predict"] {
        let asked = try run([command, "m.layertap", "few.svm"], in: folder)
        #expect(asked.status == 65)
        #expect(
          asked.errors
            == "Error: few.svm: no index is 0 and none is 6, so its columns may be counted from 0 or from 1, and the model "
            + "does not say from which: say --index-base 0 or --index-base 1\n")
        #expect(try run([command, "m.layertap", "few.svm", "--index-base", "0"], in: folder).status == 0)
      }
      let matrix = try run(["predict", "m.layertap", "one.csv", "--index-base", "0"], in: folder)
      #expect(
        matrix.errors == "Error: one.csv: --index-base says how SVMlight's text (.svm) counts columns\n")
      let images = try run(["train", ".", "--index-base", "0"], in: folder)
      #expect(images.errors.hasPrefix("Error: '--index-base' is for files of features, and . is none\n"))
    }
  }
}
