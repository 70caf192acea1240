import TapTensors
import TestSupport
import Testing

/// L1 and elastic net on many more columns than rows, and on columns that are nearly equal.
@Suite struct WidePenaltyTests {
  private static func table(rows: Int, columns: Int, _ value: (Int, Int, inout SeededGenerator) -> Double)
    -> String
  {
    var generator = SeededGenerator(seed: 3)
    var text = "label," + (0..<columns).map { "c\($0)" }.joined(separator: ",") + "\n"
    for row in 0..<rows {
      text += "\(row % 2)"
      for column in 0..<columns { text += ",\(value(row, column, &generator))" }
      text += "\n"
    }
    return text
  }

  private static func noise(_ generator: inout SeededGenerator) -> Double {
    (0..<12).reduce(-6.0) { sum, _ in sum + Double(generator.next() >> 40) / 16_777_216 }
  }

  /// The table has 20 rows of 30,000 columns. The memory used is far below the square of 30,000.
  @Test(arguments: [["l1"], ["elastic-net"], ["elastic-net", "--classifier", "svm"]])
  func manyColumnsFit(penalty: [String]) throws {
    try withTemporaryFolder { folder in
      let text = Self.table(rows: 20, columns: 30_000) { row, column, generator in
        (Double(generator.next() >> 40) / 16_777_216 * 6).rounded() + (column < 20 ? Double(row % 2 * 3) : 0)
      }
      try BadInputTests.write(text, to: folder + "/wide.csv")
      let outcome = try Tool.run(
        ["train", "wide.csv", "--c", "0.5", "--folds", "2", "--output", "m.layertap", "--penalty"] + penalty,
        in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      #expect(!outcome.errors.contains("stopped early"), "\(outcome.errors)")
    }
  }

  /// The 27 columns differ by a thousandth, and the penalty is very weak. The fit stops far from its optimum, and the
  /// output says so.
  @Test func aFitFarFromItsOptimumSaysSo() throws {
    try withTemporaryFolder { folder in
      var latent: [Double] = []
      let text = Self.table(rows: 24, columns: 27) { row, column, generator in
        if column == 0 { latent.append(Self.noise(&generator) + Double(row % 2)) }
        return latent[row] + 1e-3 * Self.noise(&generator)
      }
      try BadInputTests.write(text, to: folder + "/near.csv")
      let outcome = try Tool.run(
        [
          "train", "near.csv", "--penalty", "l1", "--c", "1e6", "--maximum-iterations", "3", "--output",
          "m.layertap",
        ],
        in: folder)
      #expect(outcome.status == 0)
      let words = outcome.errors.split(whereSeparator: \.isWhitespace).joined(separator: " ")
      #expect(
        words.contains("The fit stopped early (") && words.contains("may be far from those of the optimum.")
          || words.contains("nothing says how far from the minimum"), "\(outcome.errors)")
      #expect(!words.contains("certified to within"))
    }
  }
}
