// The audit in short that `train` and `evaluate` print before their results.

import LayerTap
import TapFileSystem
import TestSupport
import Testing

@Suite struct BriefAuditTests {
  /// Rows of three classes that are apart. The labels of the rows `wrong` are those of the next class. The first rows
  /// follow once more as copies.
  private static func table(_ count: Int, wrong: Set<Int> = [], copies: Int = 0) -> String {
    var numbers = XorShift(seed: 11)
    var lines: [String] = []
    for row in 0..<count {
      let label = ["x", "y", "z"][(row + (wrong.contains(row) ? 1 : 0)) % 3]
      let values = (0..<3).map { String((row % 3 == $0 ? 9 : 5) + 0.3 * numbers.normal()) }
      lines.append("\(label),\(values.joined(separator: ","))\n")
    }
    return "label,a,b,c\n" + (lines + lines.prefix(copies)).joined()
  }

  private static func run(_ words: [String], in folder: String) throws -> String {
    let run = try Tool.run(words, in: folder)
    #expect(run.status == 0, "\(words): \(run.errors)")
    return run.output
  }

  @Test func trainAndEvaluateNameWrongLabels() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table(150, wrong: [20, 21, 70, 71, 72, 140]), to: folder + "/X.csv")
      let line = "about 6 of 150 labels are wrong ('layertap audit' names them)"
      let report = ["--report", "page.html"]
      let trained = try Self.run(["train", "X.csv", "--c", "1", "-o", "m"] + report, in: folder)
      #expect(trained.hasPrefix("audit        \(line)\nclasses      3: x, y, z\n"), "\(trained)")
      func page() throws -> String {
        String(decoding: try FileSystem.read(folder + "/page.html"), as: UTF8.self)
      }
      #expect(try page().contains("Audit: about 6 of 150 labels are wrong"))
      let evaluated = try Self.run(["evaluate", "m", "X.csv"], in: folder)
      #expect(evaluated.hasPrefix("audit        \(line)\naccuracy "), "\(evaluated)")
      // Files for programs stay as they are, and the page has the line.
      let json = try JSONValue.parse(
        Self.run(["evaluate", "m", "X.csv", "--format", "json"] + report, in: folder))
      #expect(json["images"] == .integer(150))
      #expect(try page().contains("Audit: about 6 of 150 labels are wrong"))
      #expect(try Self.run(["evaluate", "m", "X.csv", "--format", "csv"], in: folder).hasPrefix("metric,"))
    }
  }

  @Test func nothingIsSaidWithoutFindings() throws {
    try withTemporaryFolder { folder in
      // Few images are not audited, whatever their labels are.
      for (name, table) in [("clean", Self.table(150)), ("few", Self.table(90, wrong: [20, 40]))] {
        try BadInputTests.write(table, to: folder + "/\(name).csv")
        let trained = try Self.run(["train", "\(name).csv", "--c", "1", "-o", name], in: folder)
        #expect(trained.hasPrefix("classes      3: x, y, z\n"), "\(trained)")
        #expect(try !Self.run(["evaluate", name, "\(name).csv"], in: folder).contains("audit"))
      }
    }
  }

  /// A test part that is drawn is another split.
  @Test func copiesAcrossADrawnSplitAreCounted() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table(150, copies: 60), to: folder + "/X.csv")
      let words = ["train", "X.csv", "--c", "1", "-o", "m"]
      let undivided = try Self.run(words, in: folder)
      #expect(
        undivided.hasPrefix("audit        60 images are equal or nearly equal to images of the same split ("),
        "\(undivided)")
      let divided = try Self.run(words + ["--test-fraction", "0.3", "--seed", "1"], in: folder)
      #expect(divided.contains(" equal or nearly equal to images of another split (100.0 % of"), "\(divided)")
    }
  }
}
