// `train --precision`, `--coverage` and `--error-cost`, and the threshold that `predict` and `evaluate` apply.

import LayerTap
import TapFileSystem
import TestSupport
import Testing

@Suite struct ThresholdTests {
  /// Two overlapping classes in files of features, `X.csv` and `new.csv`.
  private func withTables(_ body: (_ folder: String, _ run: ([String]) throws -> Tool.Outcome) throws -> Void)
    throws
  {
    try withTemporaryFolder { folder in
      var numbers = XorShift(seed: 12)
      for (name, count) in [("X", 240), ("new", 120)] {
        var table = "label,a,b\n"
        for row in 0..<count {
          let center = 1.4 * Double(row % 2)
          table += "\(row % 2 == 0 ? "x" : "y"),\(center + numbers.normal()),\(numbers.normal())\n"
        }
        try BadInputTests.write(table, to: "\(folder)/\(name).csv")
      }
      try body(folder) { try Tool.run($0, in: folder) }
    }
  }

  @Test(arguments: [["--precision", "0.9"], ["--coverage", "0.75"], ["--error-cost", "5"]])
  func predictAppliesTheThreshold(options: [String]) throws {
    try withTables { folder, run in
      let trained = try run(["train", "X.csv", "--c", "1", "-o", "m", "--report", "page.html"] + options)
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(trained.output.contains("\nthreshold    0."), "\(trained.output)")
      #expect(trained.output.contains("% of 240 images held out get a class, "))
      #expect(trained.output.contains("% right of the surest 90 %, "))
      let page = String(decoding: try FileSystem.read(folder + "/page.html"), as: UTF8.self)
      #expect(page.contains("Images that get no class"))
      let threshold = try #require(try Classifier(contentsOf: folder + "/m").threshold)
      let least = threshold.leastProbability
      #expect(least > 0.5 && least < 1 && threshold.images == 240)
      if options[0] == "--coverage" { #expect(threshold.chosen.count == 180) }
      if options[0] == "--precision" { #expect(threshold.chosen.accuracy.value >= 0.9) }
      // The model's threshold does what the option does.
      let applied = try run(["predict", "m", "new.csv"])
      let given = try run(["predict", "m", "new.csv", "--reject-below", "\(least)"])
      #expect(applied.status == 0 && applied.output == given.output && applied.output.contains(": no class ("))
      #expect(applied.errors.contains("--reject-below changes it") && !given.errors.contains("--reject-below"))
      let every = try run(["predict", "m", "new.csv", "--reject-below", "0"])
      #expect(!every.output.contains("no class"))
      let rejected = applied.output.split(separator: "\n").count { $0.contains(": no class (") }
      let json = try run(["evaluate", "m", "new.csv", "--format", "json"])
      let part = try #require(try JSONValue.parse(json.output)["threshold"])
      #expect(part["leastProbability"]?.doubleValue == least)
      #expect(part["accuracy"]?["count"]?.intValue == 120 - rejected)
      let text = try run(["evaluate", "m", "new.csv"])
      #expect(text.output.contains("\nwith the threshold "), "\(text.output)")
    }
  }

  @Test func calibratedMarginsHaveThresholds() throws {
    try withTables { folder, run in
      let svm = ["train", "X.csv", "--c", "1", "--classifier", "svm", "--coverage", "0.8", "-o", "m"]
      let refused = try run(svm)
      #expect(refused.status == 64 && refused.errors.contains("'--coverage' needs probabilities"))
      let trained = try run(svm + ["--calibrate", "platt"])
      #expect(trained.status == 0, "\(trained.errors)")
      #expect(try Classifier(contentsOf: folder + "/m").threshold?.chosen.count == 192)
    }
  }

  @Test func goalsAreChecked() throws {
    try withTables { folder, run in
      let train = ["train", "X.csv", "--c", "1", "-o", "m"]
      let both = try run(train + ["--precision", "0.9", "--error-cost", "2"])
      #expect(both.status == 64 && both.errors.contains("'--precision' and '--error-cost' both choose"))
      for wrong in [["--precision", "1.5"], ["--coverage", "-1"], ["--error-cost", "0.5"], ["--error-cost", "inf"]] {
        #expect(try run(train + [wrong.joined(separator: "=")]).status == 64, "\(wrong)")
      }
      // Classes that no feature tells apart.
      var table = "label,a\n"
      for row in 0..<40 { table += "\(row / 2 % 2 == 0 ? "x" : "y"),\(row % 2)\n" }
      try BadInputTests.write(table, to: folder + "/noise.csv")
      let noise = ["train", "noise.csv", "--c", "1", "--precision", "1", "-o", "n"]
      let trained = try run(noise)
      #expect(
        trained.status == 0 && trained.errors.contains("The model gets no threshold: not even the surest images"),
        "\(trained.errors)")
      #expect(try Classifier(contentsOf: folder + "/n").threshold == nil)
      #expect(try run(noise + ["--strict"]).status == 65)
    }
  }
}
