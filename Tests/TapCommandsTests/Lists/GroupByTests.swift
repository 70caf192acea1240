import TapFormats
import TestSupport
import Testing

/// A group stays on one side of every split, and intervals take groups into account.
@Suite struct GroupByTests {
  /// The table has twelve parts with six images each. An image shows its part, and the class of a part is random. A
  /// model that recognizes a known part is always right. On unknown parts, a model can only guess.
  private static func table(_ group: (Int) -> String?) -> String {
    let header =
      "id,label," + (0..<8).map { "f\($0)" }.joined(separator: ",") + (group(0) == nil ? "" : ",group")
    var numbers = Congruential(state: 7)
    func next() -> Int { Int(numbers.next() >> 40) % 1000 }
    let parts = (0..<12).map { _ in (0..<8).map { _ in next() } }
    let lines = (0..<72).map { row in
      let part = row / 6
      let values = parts[part].map { "\(Double($0) + Double(next()) / 100)" }.joined(separator: ",")
      return "part\(part + 100)_\(row % 6).jpg,\(part * 7 % 12 < 6 ? "ok" : "bad"),\(values)"
        + (group(part).map { ",\($0)" } ?? "")
    }
    return ([header] + lines).joined(separator: "\n") + "\n"
  }

  private func line(_ text: String, _ beginning: String) -> String {
    text.split(separator: "\n").first { $0.hasPrefix(beginning) }.map(String.init) ?? ""
  }

  @Test func namesThatLookLikePartsAreSaidAndGrouped() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table { _ in nil }, to: folder + "/x.csv")
      try BadInputTests.write(Self.table { "g\($0)" }, to: folder + "/grouped.csv")
      func train(_ file: String, _ options: String...) throws -> Tool.Outcome {
        let outcome = try Tool.run(
          ["train", file, "--c", "1", "--output", "m", "--folds", "4"] + options, in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome
      }
      let warning =
        "72 of 72 names share one of 12 stems and differ by a running number, as part100_0.jpg: if such are parts of one thing, "
        + "--group-by stem keeps them on one side of every split; if not, say --group-by none"
      let plain = try train("x.csv")
      #expect(plain.errors.contains(warning), "\(plain.errors)")
      #expect(
        line(plain.output, "estimate").contains(" 93.1 % (84.8-97.0, 95 %, 72 training"), "\(plain.output)")

      let silent = try train("x.csv", "--group-by", "none")
      #expect(!silent.errors.contains("running number") && silent.output == plain.output)

      // The same groups are given in three ways: by the table's own column, by a rule, and by a regular expression.
      let column = try train("grouped.csv")
      let estimate = line(column.output, "estimate")
      #expect(estimate.contains("95 % by resampling 12 groups, 72 training images"), "\(estimate)")
      #expect(!column.errors.contains("running number"))
      for rule in ["stem", "^(part\\d+)_"] {
        let grouped = try train("x.csv", "--group-by", rule)
        #expect(line(grouped.output, "estimate") == estimate && !grouped.errors.contains("running number"))
      }
      // On unknown parts the model is no better than chance.
      let share = estimate.split(separator: " ").compactMap { Double($0) }.first ?? 100
      #expect(share < 75, "\(estimate)")

      let compared = try Tool.run(["compare", "x.csv", "--group-by", "stem", "--c", "1"], in: folder)
      #expect(compared.output.contains("; intervals by resampling 12 groups"), "\(compared.output)")
      let evaluated = try Tool.run(["evaluate", "m", "grouped.csv"], in: folder)
      #expect(evaluated.output.contains("95 % by resampling 12 groups"), "\(evaluated.output)")
      let json = try Tool.run(
        ["evaluate", "m", "x.csv", "--group-by", "stem", "--format", "json"], in: folder)
      let value = try JSONValue.parse(json.output)
      #expect(
        value["accuracy"]?["groups"] == .integer(12) && value["bootstrap"]?["groups"] == .integer(12),
        "\(json.output)")
    }
  }

  @Test func rulesThatFitNothingAreRefused() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table { _ in nil }, to: folder + "/x.csv")
      try BadInputTests.write(Self.table { "g\($0)" }, to: folder + "/grouped.csv")
      for (file, rule, status, message) in [
        ("x.csv", "(", 64, "'--group-by': '(' is neither parent nor stem nor a regular expression"),
        (
          "x.csv", "clip\\d+", 1,
          "--group-by clip\\d+ gives no image a group: no path matches, such as part100_0.jpg"
        ),
        ("grouped.csv", "stem", 1, "the images are in groups already, so --group-by stem has no meaning"),
      ] as [(String, String, Int32, String)] {
        let outcome = try Tool.run(["train", file, "--group-by", rule, "--output", "m"], in: folder)
        #expect(outcome.status == status || outcome.status == 65, "\(outcome.errors)")
        #expect(outcome.errors.contains(message), "\(outcome.errors)")
      }
      let part = try Tool.run(
        ["train", "x.csv", "--group-by", "(part10\\d)_", "--c", "1", "--output", "m"], in: folder)
      #expect(
        part.errors.contains(
          "12 of 72 images get no group by --group-by (part10\\d)_ and stay alone, as part110_0.jpg"))
    }
  }
}
