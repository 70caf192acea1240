// `predict --reject-below`: an image whose largest probability is too small gets no class.

import LayerTap
import TestSupport
import Testing

@Suite struct RejectionTests {
  /// A file of features, and models trained on it: `logistic`, `svm` and `calibrated`.
  private func withModels(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      var numbers = XorShift(seed: 3)
      var table = "label,a,b\n"
      for row in 0..<60 {
        table += "\(row % 2 == 0 ? "x" : "y"),\(Double(row % 2) + numbers.normal()),\(numbers.normal())\n"
      }
      try BadInputTests.write(table, to: folder + "/X.csv")
      let models = [
        "logistic": [], "svm": ["--classifier", "svm"], "calibrated": ["--classifier", "svm", "--calibrate", "platt"],
      ]
      for (name, options) in models {
        let trained = try Tool.run(["train", "X.csv", "--c", "1", "-o", name] + options, in: folder)
        #expect(trained.status == 0, "\(trained.errors)")
      }
      try body(folder)
    }
  }

  @Test(arguments: ["logistic", "calibrated"]) func unsureRowsGetNoClass(model: String) throws {
    try withModels { folder in
      func run(_ options: String...) throws -> String {
        let run = try Tool.run(["predict", model, "X.csv"] + options, in: folder)
        #expect(run.status == 0, "\(run.errors)")
        return run.output
      }
      let plain = try #require(try JSONValue.parse(run("--format", "json")).arrayValue)
      func probability(_ row: JSONValue) throws -> Double {
        try #require(row["predictions"]?.arrayValue?.first?["probability"]?.doubleValue)
      }
      let probabilities = try plain.map(probability).sorted()
      #expect(probabilities.count == 60 && probabilities[0] < probabilities[59])
      // The number itself is not below itself.
      let least = probabilities[30]
      let rejected = try #require(
        try JSONValue.parse(run("--format", "json", "--reject-below", "\(least)")).arrayValue)
      for (row, before) in zip(rejected, plain) {
        #expect(row["rejected"] == .bool(try probability(before) < least))
        #expect(row["predictions"] == before["predictions"] && before["rejected"] == nil)
      }
      let count = probabilities.count { $0 < least }
      #expect(count > 0 && count <= 30)
      let lines = try run("--reject-below", "\(least)").split(separator: "\n")
      #expect(lines.count == 60 && lines.count { $0.contains(": no class (") && $0.hasSuffix(" %)") } == count)
      let table = try run("--format", "csv", "--top", "2", "--reject-below", "\(least)").split(separator: "\n")
      #expect(table[0] == "path,rank,class,probability,rejected" && table.count == 121)
      #expect(table.count { $0.hasSuffix(",true") } == 2 * count)
      #expect(try run("--reject-below", "0") == run())
    }
  }

  @Test func marginsAndOtherNumbersAreRefused() throws {
    try withModels { folder in
      let svm = try Tool.run(["predict", "svm", "X.csv", "--reject-below", "0.5"], in: folder)
      #expect(svm.status == 64 && svm.errors.contains("train it with --calibrate"))
      for number in ["1.5", "-0.1", "nan", "x"] {
        let run = try Tool.run(["predict", "logistic", "X.csv", "--reject-below=\(number)"], in: folder)
        #expect(run.status == 64 && run.errors.contains("a number from 0 to 1"), "\(number)")
      }
    }
  }

  @Test func aStreamHasNoClassForAnUnsureImage() throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      try writeGeneratedClasses(0..<12, to: folder + "/photos")
      let trained = try Tool.run(
        [
          "train", "photos", "--backbone", "net.safetensors", "--mean", "0,0,0", "--std", "1,1,1", "--embed-backbone",
          "--c", "0.001", "--layers", "layer1", "-o", "m",
        ], in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      func line(_ least: String) throws -> JSONValue {
        let run = try Tool.run(
          ["predict", "m", "-", "--reject-below", least], in: folder, input: "photos/even/0.png\n")
        #expect(run.status == 0, "\(run.errors)")
        return try JSONValue.parse(run.output)
      }
      let (all, none) = (try line("0"), try line("1"))
      #expect(all["rejected"] == .bool(false) && all["class"]?.stringValue != nil)
      #expect(none["rejected"] == .bool(true) && none["class"] == .null)
      #expect(none["probabilities"] == all["probabilities"])
    }
  }
}
