import TapFormats
import TestSupport
import Testing

/// `evaluate --against`: two classifiers on the same rows.
@Suite struct EvaluationComparisonTests {
  /// A model of two classes on 40 rows of one column, trained to predict the column's sign.
  func withModel(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      var values: [Float] = []
      var table = "path,label\n"
      for index in 0..<40 {
        let isFirst = index % 2 == 0
        values += [Float(1 + index / 2) * (isFirst ? -1 : 1), 1]
        table += CSV.line(["p\(index)", isFirst ? "a" : "b"])
      }
      try Checkpoints.writeMatrix(values, columns: 2, to: folder + "/X.npy")
      try BadInputTests.write(table, to: folder + "/X.csv")
      let trained = try Tool.run(["train", "X.npy", "--c", "1", "--output", "m.layertap"], in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      try body(folder)
    }
  }

  func write(_ rows: [(path: String, label: String, predicted: String)], in folder: String) throws {
    try BadInputTests.write(
      CSV.line(["path", "label", "predicted", "probability"])
        + rows.map { CSV.line([$0.path, $0.label, $0.predicted, "1"]) }.joined(), to: folder + "/other.csv")
  }

  @Test func anotherClassifierIsPairedByPath() throws {
    try withModel { folder in
      // The other predictions are wrong on the first five rows, and stand in another order.
      let rows = (0..<40).reversed().map { index in
        let label = index % 2 == 0 ? "a" : "b"
        return (path: "p\(index)", label: label, predicted: index < 5 ? "c" : label)
      }
      try write(rows, in: folder)
      let text = try Tool.run(["evaluate", "m.layertap", "X.npy", "--against", "other.csv"], in: folder)
      #expect(
        text.output.hasSuffix(
          "\nagainst other.csv: 5 images only this classifier has right, 0 only that one; if neither were better, "
            + "that or more would happen with probability 0.0625 (McNemar's exact test)\n"), "\(text)")
      let json = try JSONValue.parse(
        Tool.run(
          ["evaluate", "m.layertap", "X.npy", "--against", "other.csv", "--format", "json"], in: folder
        ).output)
      #expect(json["against"]?["onlyThis"] == .integer(5) && json["against"]?["onlyThat"] == .integer(0))
      #expect(json["against"]?["pValue"] == .number(0.0625))
      #expect(json["bootstrap"]?["resamples"] == .integer(1000) && json["rocAUC"] == .number(1))
      let csv = try Tool.run(
        [
          "evaluate", "m.layertap", "X.npy", "--against", "other.csv", "--format", "csv", "--bootstrap", "0",
        ], in: folder
      ).output
      #expect(csv.hasSuffix("only_this_right,,,5,,\nonly_that_right,,,0,,\nmcnemar_p,,,0.0625,,\n"))
      #expect(!csv.contains("accuracy_bootstrap"))
    }
  }

  /// `--predictions` writes what `--against` reads.
  @Test func aClassifierPartsNowhereFromItself() throws {
    try withModel { folder in
      let first = try Tool.run(["evaluate", "m.layertap", "X.npy", "--predictions", "own.csv"], in: folder)
      #expect(first.status == 0)
      let again = try Tool.run(["evaluate", "m.layertap", "X.npy", "--against", "own.csv"], in: folder)
      #expect(
        again.output.contains("against own.csv: 0 images only this classifier has right, 0 only that one"))
    }
  }

  @Test func predictionsOfOtherImagesAreRefused() throws {
    try withModel { folder in
      func message() throws -> String {
        let outcome = try Tool.run(["evaluate", "m.layertap", "X.npy", "--against", "other.csv"], in: folder)
        #expect(outcome.status == 65 && outcome.output.isEmpty)
        return outcome.errors
      }
      let end = "; expected what 'layertap evaluate --predictions' writes, for the same images\n"
      try write([("p0", "a", "a")], in: folder)
      #expect(try message() == "Error: other.csv: it has no prediction of p1" + end)
      try write([("p0", "b", "a")], in: folder)
      #expect(try message() == "Error: other.csv: p0 is labeled 'b' there and 'a' here" + end)
      try write([("p0", "a", "a"), ("p0", "a", "a")], in: folder)
      #expect(try message() == "Error: other.csv: line 3: p0 occurs twice" + end)
      try BadInputTests.write("path,predicted\n", to: folder + "/other.csv")
      #expect(
        try message() == "Error: other.csv: the first line must name the columns path, label and predicted"
          + end)
    }
  }
}
