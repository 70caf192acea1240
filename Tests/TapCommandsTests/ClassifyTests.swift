// `classify` predicts the backbone's own classes. The tests compare 200 photographs with PyTorch
// (Tests/Reference/classify/generate.py), and run the command.

import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite struct ClassifyTests {
  @Test(.needs(.data("images"), .lite0)) func twoHundredPhotographsGiveTheClassesOfPyTorch() throws {
    let images = try TestData.path("images")
    let reference = try JSONValue.parse(
      FileSystem.read(Repository.path("Tests/Reference/classify/classify.json")))
    let expected = try #require(reference.arrayValue)
    let paths = expected.compactMap { $0["path"]?.stringValue }.map { images + "/" + $0 }
    #expect(paths.count == 200)
    let run = try Tool.run(["classify", "--format", "json", "--top", "1"] + paths)
    #expect(run.status == 0, "\(run.errors)")
    let found = try #require(try JSONValue.parse(run.output).arrayValue)
    var byPath: [String: JSONValue] = [:]
    for entry in found { byPath[entry["path"]?.stringValue ?? ""] = entry["predictions"]?.arrayValue?.first }
    for (path, entry) in zip(paths, expected) {
      let prediction = try #require(byPath[path])
      #expect(prediction["index"]?.intValue == entry["index"]?.intValue, "\(path)")
      let difference =
        (prediction["probability"]?.doubleValue ?? 9) - (entry["probability"]?.doubleValue ?? 0)
      #expect(abs(difference) < 1e-4, "\(path): \(difference)")
    }
  }

  @Test func theProgramCarriesTheNamesOfTheData() throws {
    let file = try FileSystem.read(Repository.path("data/imagenet_classes.txt"))
    let run = try Tool.run(
      ["classify", Repository.path("data/photos/cat.jpg"), "--top", "1000", "--format", "json"])
    let entry = try #require(try JSONValue.parse(run.output).arrayValue?.first)
    let predictions = try #require(entry["predictions"]?.arrayValue)
    let names = predictions.sorted { ($0["index"]?.intValue ?? 0) < ($1["index"]?.intValue ?? 0) }
      .compactMap { $0["class"]?.stringValue }
    #expect(names == String(decoding: file, as: UTF8.self).split(separator: "\n").map(String.init))
    let sum = predictions.compactMap { $0["probability"]?.doubleValue }.reduce(0, +)
    #expect(abs(sum - 1) < 1e-12)
  }

  @Test func formatsAndMistakes() throws {
    let cat = Repository.path("data/photos/cat.jpg")
    let text = try Tool.run(["classify", cat, "--top", "2"])
    #expect(text.status == 0 && text.output.hasPrefix(cat + ": tiger cat 3"))
    let csv = try CSV.parse(try Tool.run(["classify", cat, "--format", "csv"]).output)
    #expect(csv.count == 6 && csv[0] == ["path", "rank", "class", "probability"] && csv[1][2] == "tiger cat")
    #expect(try Tool.run(["classify", cat, "--top", "0"]).status == 64)
    #expect(try Tool.run(["classify", "-", cat]).status == 64)
    #expect(try Tool.run(["classify", cat, "--null"]).status == 64)
    try withTemporaryFolder { folder in
      try AtomicWriter.replace(folder + "/a.jpg", with: "no image")
      try AtomicWriter.replace(folder + "/b.jpg", with: FileSystem.read(cat))
      let mixed = try Tool.run(["classify", folder])
      #expect(mixed.status == 65 && mixed.output.hasPrefix(folder + "/b.jpg: tiger cat"))
      #expect(mixed.errors.contains("a.jpg") && mixed.errors.contains("1 of 2 images"))
    }
  }

  /// The repository's pipeline gives the same result as the command, as CSV and as JSON. Its dry run computes nothing.
  @Test(.needs(.lite0)) func aPipelineClassifies() throws {
    try withTemporaryFolder { folder in
      let photos = Repository.path("data/photos")
      let pipeline = String(
        decoding: try FileSystem.read(Repository.path("pipelines/classify.json5")), as: UTF8.self)
      for format in ["csv", "json"] {
        let text = pipeline.replacing("../data/photos", with: photos)
          .replacing("../reports/photos.csv", with: "out/photos.\(format)")
        try AtomicWriter.replace(folder + "/it.json5", with: text)
        let plan = try Tool.run(["run", "it.json5", "--dry-run"], in: folder)
        #expect(plan.status == 0 && plan.output.contains("would classify 10 images"))
        #expect(!FileSystem.exists(folder + "/out/photos.\(format)"))
        let run = try Tool.run(["run", "it.json5"], in: folder)
        #expect(run.status == 0 && run.output == "", "\(run.errors)")
        let written = String(decoding: try FileSystem.read(folder + "/out/photos.\(format)"), as: UTF8.self)
        #expect(try Tool.run(["classify", photos, "--format", format]).output == written)
      }
    }
  }
}
