import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// `compare --combine`, and the table of the best entries.
@Suite struct CombinedColumnsTests {
  private static let network = ["--backbone", "net.safetensors", "--mean", "0,0,0", "--std", "1,1,1"]

  @discardableResult
  private func run(_ arguments: [String], in folder: String) throws -> String {
    let outcome = try Tool.run(arguments, in: folder)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome.output
  }

  /// The saved model of a combination classifies images. Its answers are those of the comparison.
  @Test func theModelOfACombinationClassifies() throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      try writeGeneratedClasses(0..<32, to: folder + "/photos/train", width: 12)
      try writeGeneratedClasses(32..<48, to: folder + "/photos/test", width: 12)
      let plan = try run(
        [
          "compare", "photos", "--layers", "conv1", "layer1", "layer2", "--combine", "3", "--folds", "4", "--c", "0.1",
          "--dry-run",
        ] + Self.network, in: folder)
      #expect(
        plan.contains("\nsearch       3 columns × 4 folds; 3 combinations × 4 folds: 24 fits, roughly "), "\(plan)")
      var found = false
      for seed in 0..<10 where !found {
        let json = try JSONValue.parse(
          run(
            [
              "compare", "photos", "--layers", "conv1", "layer1", "layer2", "--combine", "2", "--folds", "4",
              "--c", "0.1", "--seed", "\(seed)", "--save-best", "best\(seed).layertap", "--format", "json",
            ] + Self.network, in: folder))
        let entries = try #require(json["entries"]?.arrayValue)
        #expect(entries.count == 4 && json["tried"]?.intValue == 5)
        #expect(entries.prefix(3).allSatisfy { $0["columns"] == nil && $0["column"] != nil })
        let names = try #require(entries[3]["columns"]?.arrayValue).compactMap { $0["tap"]?.stringValue }
        #expect(names.count == 2 && Set(names).count == 2)
        #expect(entries[3]["name"]?.stringValue == names.map { $0 + "-avg" }.joined(separator: " + "))
        guard json["best"]?.intValue == 3 else { continue }
        found = true
        #expect(json["corrected"]?["share"] != nil)
        let model = "best\(seed).layertap"
        let evaluated = try JSONValue.parse(
          run(["evaluate", model, "photos/test", "--backbone", "net.safetensors", "--format", "json"], in: folder))
        #expect(evaluated["accuracy"]?["correct"]?.intValue == json["test"]?["correct"]?.intValue)
        #expect(evaluated["accuracy"]?["count"]?.intValue == 16)
        let answer = try run(
          ["predict", model, "photos/test/even/32.png", "--backbone", "net.safetensors"], in: folder)
        #expect(answer.hasPrefix("photos/test/even/32.png: "))
      }
      #expect(found, "no combination was the best")
    }
  }

  /// The text shows the ten best entries, best first, and says how many it leaves out. The other formats have all.
  @Test func theTableHasTheTenBest() throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      try writeGeneratedClasses(0..<24, to: folder + "/photos", width: 12)
      let command =
        [
          "compare", "photos", "--layers", "conv1", "layer1", "layer2", "layer3", "--pool", "avg", "max", "avgmax",
          "--folds", "3", "--c", "0.1",
        ] + Self.network
      let json = try JSONValue.parse(run(command + ["--format", "json"], in: folder))
      let entries = try #require(json["entries"]?.arrayValue)
      #expect(entries.count == 12)
      let names = try entries.map { try $0.string("name") }
      let correct = entries.compactMap { $0["accuracy"]?["correct"]?.intValue }
      let best = try #require(json["best"]?.intValue)
      let sorted = entries.indices.sorted { first, second in
        first == best || second != best && (correct[first], second) > (correct[second], first)
      }
      let text = try run(command, in: folder)
      #expect(Self.names(text) == sorted.prefix(10).map { names[$0] })
      #expect(
        text.contains("\n\nThe best 10 of 12; 2 are left out. --all shows all, in the order of the layers.\n"),
        "\(text)")
      let whole = try run(command + ["--all"], in: folder)
      #expect(Self.names(whole) == names && !whole.contains("left out."))
      #expect(try CSV.parse(run(command + ["--format", "csv"], in: folder)).count == 13)
      let few = try run(
        ["compare", "photos", "--layers", "conv1", "--c", "0.1", "--folds", "3"] + Self.network, in: folder)
      #expect(Self.names(few) == ["conv1-avg"] && !few.contains("left out."))
    }
  }

  /// The names in the first table of a text.
  private static func names(_ text: String) -> [String] {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard let heading = lines.firstIndex(where: { $0.contains("95 % interval") }) else { return [] }
    return lines[(heading + 1)...].prefix { !$0.isEmpty }.compactMap { line in
      line.split(separator: " ").first { $0 != "*" && $0 != "~" }.map(String.init)
    }
  }

  @Test func otherNumbersAreRefused() throws {
    try withTemporaryFolder { folder in
      for number in ["1", "4", "two"] {
        let outcome = try Tool.run(["compare", "photos", "--combine", number], in: folder)
        #expect(outcome.status == 64 && outcome.errors.contains("--combine"), "\(outcome.errors)")
      }
    }
  }
}
