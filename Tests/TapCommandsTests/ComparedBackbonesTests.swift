import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// `compare` with `--backbone` several times compares the columns of all backbones.
@Suite struct ComparedBackbonesTests {
  private static let options = [
    "--size", "32", "--mean", "0,0,0", "--std", "1,1,1", "--layers", "penultimate", "--folds", "3", "--c",
    "0.01,1", "--format", "json",
  ]

  private func entries(_ arguments: [String], in folder: String) throws -> [JSONValue] {
    let outcome = try Tool.run(["compare", "photos"] + arguments + Self.options, in: folder)
    #expect(outcome.status == 0, "\(outcome.errors)")
    return try #require(JSONValue.parse(outcome.output)["entries"]?.arrayValue)
  }

  /// Every entry is that of a comparison with its backbone alone.
  @Test(.needs(.lite0)) func backbonesAreComparedTogether() throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      try writeGeneratedClasses(0..<24, to: folder + "/photos", width: 12)
      let names = ["efficientnet_lite0", "net.safetensors"]
      let both = try entries(
        names.flatMap { ["--backbone", $0] } + ["--save-best", "best.layertap"], in: folder)
      #expect(both.map { $0["backbone"]?.stringValue } == ["efficientnet_lite0", "resnet20_cifar10"])
      for (name, entry) in zip(names, both) {
        let alone = try entries(["--backbone", name], in: folder)
        #expect(alone.count == 1)
        for field in ["column", "dimensions", "c", "accuracy", "path", "multiplyAdds"] {
          #expect(entry[field] != nil && entry[field] == alone[0][field], "\(name): \(field)")
        }
        #expect(entry["name"] == .string("\(try alone[0].string("name")), \(try entry.string("backbone"))"))
      }
      #expect(FileSystem.exists(folder + "/best.layertap"))
    }
  }

  /// A pipeline gives the entries of the command, and the saved model is one of the compared backbones.
  @Test(.needs(.lite0)) func pipelinesCompareBackbones() throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      try writeGeneratedClasses(0..<24, to: folder + "/photos/train", width: 12)
      try writeGeneratedClasses(24..<32, to: folder + "/photos/test", width: 12)
      let text = """
        { images: "photos", backbone: ["efficientnet_lite0", "net.safetensors"], size: 32, mean: [0, 0, 0], std: [1, 1, 1],
          layers: "penultimate", folds: 3, c: [0.01, 1], classifier: ["logistic", "k-nn"], store: "s",
          model: "m.layertap", report: "r.html" }
        """
      try AtomicWriter.replace(folder + "/it.json5", with: Array(text.utf8))
      let planned = try Tool.run(["run", "it.json5", "--dry-run"], in: folder)
      #expect(planned.status == 0 && planned.output.contains("\npretrained, resnet20_cifar10:\n"), "\(planned.errors)")
      #expect(planned.output.split(separator: "\n").count { $0.hasPrefix("  search ") } == 1)
      let outcome = try Tool.run(["run", "it.json5", "--format", "json"], in: folder)
      #expect(outcome.status == 0, "\(outcome.errors)")
      let source = try #require(JSONValue.parse(outcome.output)["sources"]?.arrayValue?.first)
      let found = try #require(source["entries"]?.arrayValue)
      let expected = try entries(
        ["efficientnet_lite0", "net.safetensors"].flatMap { ["--backbone", $0] }, in: folder)
      #expect(found.count == 2 && expected.count == 2)
      for (entry, expected) in zip(found, expected) {
        for field in ["name", "backbone", "column", "dimensions", "c", "accuracy", "path", "multiplyAdds", "pValue"] {
          #expect(entry[field] != nil && entry[field] == expected[field], "\(field)")
        }
      }
      #expect(source["baselines"]?.arrayValue?.count == 2)
      let best = try found[#require(source["best"]?.intValue)].string("backbone")
      #expect(source["identity"]?["backbone"]?.stringValue == best)
      let evaluated = try Tool.run(
        ["evaluate", "m.layertap", "photos/test", "--format", "json"]
          + (best == "efficientnet_lite0" ? [] : ["--backbone", "net.safetensors"]), in: folder)
      #expect(evaluated.status == 0, "\(evaluated.errors)")
      #expect(
        try JSONValue.parse(evaluated.output)["accuracy"]?["correct"] == source["test"]?["accuracy"]?["correct"])
      let page = String(decoding: try FileSystem.read(folder + "/r.html"), as: UTF8.self)
      #expect(page.contains("efficientnet_lite0") && page.contains("resnet20_cifar10") && page.contains("k-nn"))
    }
  }

  @Test func aBackboneIsNamedOnce() throws {
    try withTemporaryFolder { folder in
      try writeGeneratedClasses(0..<4, to: folder + "/photos")
      let outcome = try Tool.run(
        ["compare", "photos", "--backbone", "resnet50", "--backbone", "resnet50"], in: folder)
      #expect(outcome.status == 64 && outcome.errors.contains("'--backbone' names resnet50 twice"))
    }
  }
}
