import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// `train --predictions` writes the predicted class of every held-out image.
@Suite struct TrainPredictionsTests {
  /// Rows of three classes that overlap. If `isDivided`, every fourth row is a test row.
  static func table(isDivided: Bool) -> String {
    var text = "label,split,a,b\n"
    for row in 0..<72 {
      let label = row % 3
      let (a, b) = (
        Double(row * 37 % 11) / 3 + Double(label), Double(row * 17 % 13) / 4 + (label == 1 ? 2 : 0)
      )
      text +=
        "\(["one", "\"two,2\"", "three"][label]),\(isDivided ? row % 4 == 1 ? "test" : "train" : ""),\(a),\(b)\n"
    }
    return text
  }

  private func records(_ path: String) throws -> [[String]] { try CSV.parse(try FileSystem.read(path)) }

  @Test(arguments: [
    ([], "probability"), (["--classifier", "svm"], "margin"),
    (["--classifier", "nearest-mean"], "similarity"),
    (["--classifier", "svm", "--calibrate", "platt"], "probability"),
    (["--repeats", "2", "--calibrate", "temperature"], "probability"),
  ])
  func everyImageHeldOutIsThereOnce(options: [String], name: String) throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table(isDivided: true), to: folder + "/t.csv")
      let outcome = try Tool.run(
        ["train", "t.csv", "--output", "m.layertap", "--predictions", "p.csv"] + options, in: folder)
      #expect(outcome.status == 0 && outcome.output.contains("\npredictions  p.csv\n"), "\(outcome.errors)")
      let all = try records(folder + "/p.csv")
      // The classes are sorted by the bytes of their names, as everywhere.
      let classes = ["one", "three", "two,2"]
      #expect(all[0] == ["path", "label", "split", "fold", "predicted"] + classes.map { "\(name)_\($0)" })
      let rows = Array(all.dropFirst())
      #expect(rows.count == 72 && rows.map { $0[0] } == (0..<72).map { "row \($0)" }, "\(rows[0])")
      var (right, tested) = (0, 0)
      for (index, row) in rows.enumerated() {
        let isTest = index % 4 == 1
        #expect(row[2] == (isTest ? "test" : "train") && (Int(row[3]) == nil) == isTest)
        #expect(row[1] == ["one", "two,2", "three"][index % 3])
        let values = row[5...].compactMap(Double.init)
        #expect(values.count == 3)
        if name == "probability" { #expect(abs(values.reduce(0, +) - 1) <= 1e-12) }
        let largest = values.firstIndex(of: values.max() ?? 0) ?? -1
        #expect(row[4] == classes[largest])
        if row[4] == row[1] { if isTest { tested += 1 } else { right += 1 } }
      }
      #expect(Set(rows.compactMap { Int($0[3]) }) == [1, 2, 3, 4, 5])
      // The file's predictions give the printed accuracy. Two cases are left out: sigmoids can change a prediction, and
      // with repeats the printed accuracy is a mean.
      if options.count < 3 {
        #expect(
          outcome.output.contains("cross-validated accuracy \(Self.percent(right, 54)) % ("),
          "\(outcome.output)")
      }
      #expect(outcome.output.contains("\naccuracy \(Self.percent(tested, 18)) % ("), "\(outcome.output)")
    }
  }

  private static func percent(_ part: Int, _ whole: Int) -> String {
    let tenths = (1000 * Double(part) / Double(whole)).rounded()
    return "\(tenths / 10)"
  }

  @Test func validationImagesAreThereInTheirPlace() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table(isDivided: false), to: folder + "/t.csv")
      let outcome = try Tool.run(
        [
          "train", "t.csv", "--output", "m.layertap", "--validation-fraction", "0.25", "--predictions",
          "p.csv",
        ],
        in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let rows = try records(folder + "/p.csv").dropFirst()
      #expect(rows.count == 18 && rows.allSatisfy { $0[2] == "val" && $0[3].isEmpty })
    }
  }

  @Test(.needs(.numPy)) func anArchiveHoldsTheSame() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table(isDivided: true), to: folder + "/t.csv")
      for file in ["p.csv", "p.npz"] {
        let outcome = try Tool.run(
          ["train", "t.csv", "--output", "m.layertap", "--predictions", file], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
      }
      let bytes = try FileSystem.read(folder + "/p.npz")
      let archive = try ZipArchive(bytes.span)
      #expect(
        archive.entries.map(\.name) == [
          "path.npy", "label.npy", "split.npy", "fold.npy", "predicted.npy", "classes.npy",
          "probabilities.npy",
        ])
      let script = """
        import csv, numpy as np
        a = np.load('p.npz')
        rows = list(csv.reader(open('p.csv')))
        head, rows = rows[0], rows[1:]
        assert [r[0] for r in rows] == a['path'].tolist() and [r[1] for r in rows] == a['label'].tolist()
        assert [r[2] for r in rows] == a['split'].tolist() and [r[4] for r in rows] == a['predicted'].tolist()
        assert [int(r[3] or 0) for r in rows] == a['fold'].tolist()
        assert [h[len('probability_'):] for h in head[5:]] == a['classes'].tolist()
        assert (np.array([r[5:] for r in rows], float) == a['probabilities']).all() and a['probabilities'].dtype == 'f8'
        """
      let outcome = try Python.run(script, in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }

  @Test func otherNamesAndInputsAreRefused() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table(isDivided: false), to: folder + "/t.csv")
      let other = try Tool.run(["train", "t.csv", "--predictions", "p.txt"], in: folder)
      #expect(
        other.status == 64 && other.errors.contains("'--predictions' writes F.csv or F.npz"),
        "\(other.errors)")
      let input = try Tool.run(["train", "t.csv", "--predictions", "t.csv"], in: folder)
      #expect(
        input.status == 64 && input.errors.contains("'--predictions' would replace t.csv"), "\(input.errors)")
    }
  }
}
