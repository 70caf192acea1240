// Tests of `layertap audit` on generated images, on rows of features, and on digits with planted wrong labels.

import LayerTap
import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite struct AuditTests {
  private static let options = [
    "--backbone", "net.safetensors", "--mean", "0,0,0", "--std", "1,1,1", "--store", "store",
  ]

  /// Two classes of generated images in two splits. A training image has a copy in the test split.
  private func withImages(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      try writeGeneratedClasses(0..<16, to: folder + "/photos/train")
      try writeGeneratedClasses(16..<20, to: folder + "/photos/test")
      try AtomicWriter.replace(
        folder + "/photos/test/even/copy.png", with: FileSystem.read(folder + "/photos/train/even/4.png"))
      try AtomicWriter.replace(
        folder + "/photos/train/odd/long.png", with: generatedPNG(width: 40, height: 8, seed: 77))
      try body(folder)
    }
  }

  @Test func imagesAreAudited() throws {
    try withImages { folder in
      let audit = ["audit", "photos", "--near", "1", "--fail-on", "leak,image"] + Self.options
      let run = try Tool.run(audit + ["--format", "json", "--output", "findings.csv"], in: folder)
      #expect(
        run.status == 65
          && run.errors.contains("findings that '--fail-on' refuses: 1 of leak, 1 of image\n"), "\(run.errors)")
      let json = try JSONValue.parse(run.output)
      #expect(json["images"]?.intValue == 22 && json["classes"]?.intValue == 2)
      #expect(json["splits"]?["train"]?.intValue == 17 && json["splits"]?["test"]?.intValue == 5)
      let findings = try #require(json["findings"]?.arrayValue)
      func paths(_ kind: String) -> [String?] {
        findings.filter { $0["kind"]?.stringValue == kind }.map { $0["path"]?.stringValue }
      }
      #expect(paths("leak") == ["test/even/copy.png"] && paths("odd-size") == ["train/odd/long.png"])
      #expect(json["worth"]?["near"]?["count"]?.intValue == 1 && json["worth"]?["all"]?["count"]?.intValue == 5)
      let records = try CSV.parse(String(decoding: FileSystem.read(folder + "/findings.csv"), as: UTF8.self))
      #expect(records[0] == ["kind", "path", "other", "label", "suggested", "group", "found", "score"])
      #expect(records.contains(["leak", "test/even/copy.png", "train/even/4.png", "even", "", "1", "", "1.0"]))
      #expect(records.count == findings.count + 1)
      // The store now has the features, which can be audited without the images.
      let again = try Tool.run(audit, in: folder)
      #expect(again.status == 65 && again.output.hasPrefix("22 images in 2 classes (17 train, 5 test)\n"))
      #expect(again.output.contains("\nleak:\n  test/even/copy.png = train/even/4.png\n"))
      #expect(try Tool.run(audit.map { $0 == "leak,image" ? "imbalance" : $0 }, in: folder).status == 0)
      let some = try Tool.run(
        ["audit", "photos", "--near", "1", "--only", "duplicate,image"] + Self.options + ["--format", "csv"], in: folder
      )
      let kinds = Set(try CSV.parse(some.output).map { $0[0] })
      #expect(some.status == 0 && kinds == ["kind", "odd-size"], "\(some)")
    }
  }

  @Test func rowsOfFeaturesAreAudited() throws {
    try withTemporaryFolder { folder in
      var (elements, table): ([Float], String) = ([], "path,label,split\n")
      let wrong: Set = [9, 30, 60, 71, 82, 100]
      var numbers = Congruential(seed: 3)
      for row in 0..<120 {
        for j in 0..<4 { elements.append(numbers.signedFloat() + (j == row % 3 ? 4 : 0)) }
        table +=
          "p\(row),\(["a", "b", "c"][wrong.contains(row) ? (row + 1) % 3 : row % 3]),\(row % 4 == 3 ? "test" : "train")\n"
      }
      try Checkpoints.writeMatrix(elements, columns: 4, to: folder + "/X.npy")
      try BadInputTests.write(table, to: folder + "/X.csv")
      let audit = ["audit", "X.npy", "--near", "0.9999999", "--format", "csv"]
      let run = try Tool.run(
        audit + ["--scores", "scores.csv", "--predictions", "p.npz", "--fail-on", "label"], in: folder)
      #expect(run.status == 65 && run.output.contains("\nlabel,p9,,b,a,,,-0.9"), "\(run)")
      let scores = try CSV.parse(String(decoding: FileSystem.read(folder + "/scores.csv"), as: UTF8.self))
      #expect(scores.count == 121 && Set(scores[1...6].map { $0[0] }) == Set(wrong.map { "p\($0)" }))
      #expect(Double(scores[1][4]) ?? 0 > 0.9 && Double(scores[120][4]) ?? 1 < 0.01)
      let predictions = try FeatureFile(
        folder + "/p.npz", names: FeatureFile.Names(array: "pred_probs", label: "labels")
      ).features
      #expect(predictions.rows == 120 && predictions.columns == 3)
      for row in 0..<120 {
        let values = (0..<3).map { predictions[row, $0] }
        // The class of the row is the most probable one, whatever its label is.
        #expect(abs(values.reduce(0, +) - 1) < 1e-6 && values.firstIndex(of: values.max() ?? 0) == row % 3)
      }
      #expect(try Tool.run(audit + ["--predictions", "p.csv"], in: folder).status == 0)
      let lines = try CSV.parse(String(decoding: FileSystem.read(folder + "/p.csv"), as: UTF8.self))
      #expect(lines[0] == ["path", "label", "probability_a", "probability_b", "probability_c"] && lines.count == 121)
      #expect(lines[10].prefix(2) == ["p9", "b"] && Float(lines[10][2]) == predictions[9, 0])
      for (words, message) in [
        (["--layers", "all"], "'--layers' has no meaning for the matrix X.npy"),
        (["--size", "64"], "'--size' is for images; X.npy holds features that are computed already"),
        (["--near", "1.5"], "expected a number above 0 and at most 1"),
        (["--near", "nan"], "expected a number above 0 and at most 1"),
        (["--near-hash", "65"], "expected an integer from 0 to 64"),
        (["--fail-on", "lable"], "Did you mean 'label'?"),
        (["--only", "leak", "--fail-on", "leak,label"], "'--fail-on' names label, and '--only' leaves it out"),
        (["--only", "leak", "--scores", "s.csv"], "'--only' leaves label out"),
        (["--only", "leak", "--predictions", "s.csv"], "'--only' leaves label out"),
        (["--predictions", "s.txt"], "'--predictions' writes F.csv or F.npz, and s.txt is neither"),
        (["--output", "X.csv"], "would replace"),
        (["--output", "o.csv", "--scores", "o.csv"], "both write"),
      ] {
        let outcome = try Tool.run(audit + words, in: folder)
        #expect(outcome.status == 64 && outcome.errors.contains(message), "\(words): \(outcome.errors)")
      }
    }
  }

  /// The findings of an audit, edited, correct the data of a training.
  @Test func findingsCorrectATraining() throws {
    try withImages { folder in
      let audit = ["audit", "photos", "--near", "1", "--output", "findings.csv"] + Self.options
      #expect(try Tool.run(audit, in: folder).status == 0)
      let records = try CSV.parse(String(decoding: FileSystem.read(folder + "/findings.csv"), as: UTF8.self))
      let kept = records.filter { $0[0] == "kind" || $0[0] == "leak" }.map(CSV.line).joined()
      try BadInputTests.write(kept, to: folder + "/drop.csv")
      try BadInputTests.write(
        "path,suggested\ntrain/even/2.png,odd\nnone.png,odd\n", to: folder + "/labels.csv")
      let train = ["train", "photos", "--c", "1", "-o", "m.layertap"] + Self.options
      let run = try Tool.run(train + ["--drop", "drop.csv", "--relabel", "labels.csv"], in: folder)
      #expect(run.status == 0 && run.output.contains(", 4 test images;"), "\(run)")
      #expect(run.errors.contains("corrections  1 images left out, 1 labels changed\n"), "\(run.errors)")
      #expect(run.errors.contains("1 paths of --drop and --relabel are not among the images:\n  none.png\n"))
      let lost = try Tool.run(train + ["--drop", "labels.csv", "--output", "labels.csv"], in: folder)
      #expect(lost.status == 64, "\(lost)")
    }
  }

  /// In the digits, 5 % of the labels are made wrong. Most of them are found, and few others.
  @Test(.needs(.lite0)) func plantedDigitsAreFound() throws {
    try withTemporaryFolder { folder in
      var table = "path,label\n"
      var planted: Set<String> = []
      for digit in 0..<10 {
        let place = Repository.path("data/digits/train/\(digit)")
        for (index, name) in try FileSystem.list(place).sorted().enumerated() {
          let isWrong = index % 20 == 7
          if isWrong { planted.insert("\(place)/\(name)") }
          table += "\(place)/\(name),\(isWrong ? (digit + 3) % 10 : digit)\n"
        }
      }
      try BadInputTests.write(table, to: folder + "/digits.csv")
      let run = try Tool.run(
        ["audit", "digits.csv", "--store", "store", "--format", "json", "--layers", "blocks.10"], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let json = try JSONValue.parse(run.output)
      let estimate = try #require(json["labels"]?["estimate"]?.doubleValue)
      #expect(abs(estimate / Double(planted.count) - 1) < 0.3, "\(estimate) of \(planted.count)")
      let found = try #require(json["findings"]?.arrayValue).filter { $0["kind"]?.stringValue == "label" }
      let right = found.compactMap { $0["path"]?.stringValue }.count { planted.contains($0) }
      #expect(Double(right) > 0.9 * Double(planted.count), "\(right) of \(planted.count)")
    }
  }
}
