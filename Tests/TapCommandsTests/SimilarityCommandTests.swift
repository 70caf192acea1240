import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// `similarity` and `similar` on the command line.
@Suite(.needs(.lite0)) struct SimilarityCommandTests {
  private static let taps = ["--layers", "stem", "blocks.1", "blocks.3", "--size", "32"]

  @discardableResult
  private func run(_ arguments: [String], in folder: String) throws -> Tool.Outcome {
    let outcome = try Tool.run(arguments, in: folder)
    #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
    return outcome
  }

  private func withPhotos(_ body: (String) throws -> Void) throws {
    try Weights.lite0Path()
    try withTemporaryFolder { folder in
      try writeGeneratedClasses(0..<12, to: folder + "/photos")
      try body(folder)
    }
  }

  @Test func imagesAndTheirStoreGiveTheSameResult() throws {
    try withPhotos { folder in
      let options = ["--matrices", "out", "--spearman", "--format", "json"]
      let images = try run(["similarity", "photos"] + Self.taps + options, in: folder)
      try run(["extract", "photos"] + Self.taps, in: folder)
      let store = try run(["similarity", "layertap-store"] + options, in: folder)
      #expect(images.output == store.output)
      let json = try JSONValue.parse(store.output)
      #expect(json["images"] == .integer(12) && json["classes"] == .integer(2))
      let names = try json.array("columns").map { try $0.string("name") }
      #expect(names == ["stem", "blocks.1", "blocks.3"] || names == ["stem-avg", "blocks.1-avg", "blocks.3-avg"])
      for table in ["cka", "spearman"] {
        let rows = try json.array(table).map { row in row.arrayValue?.compactMap(\.doubleValue) ?? [] }
        #expect(rows.count == 3 && rows.allSatisfy { $0.count == 3 })
        for place in 0..<3 { #expect(abs(rows[place][place] - 1) < 1e-12, "\(table)") }
        #expect(rows[0][2] == rows[2][0])
      }
      for path in try json.array("outputs").compactMap(\.stringValue) {
        #expect(FileSystem.exists(folder + "/" + path), "\(path)")
      }
      let text = try run(["similarity", "layertap-store"], in: folder).output
      #expect(text.contains("12 images, 3 columns, 2 classes") && text.contains("effective rank"))
      let given = try run(
        ["similarity", "layertap-store", "--with", "out/\(names[0]).npy", "--format", "json"], in: folder)
      let own = try JSONValue.parse(given.output).array("spearmanWithGiven").map(\.doubleValue)
      #expect(abs((own[0] ?? 0) - 1) < 1e-12)
    }
  }

  @Test func wrongInputIsRefused() throws {
    try withPhotos { folder in
      try run(["extract", "photos"] + Self.taps, in: folder)
      try run(["extract", "photos", "--limit", "3", "--store", "few"] + Self.taps, in: folder)
      for (arguments, status, text) in [
        (["similarity"], 64, "images"),
        (["similarity", "layertap-store", "photos"], 64, "name only stores, or only images"),
        (["similarity", "layertap-store", "--backbone", "resnet50"], 64, "'--backbone' is for images"),
        (["similarity", "layertap-store", "--with", "none.npy"], 66, "none.npy"),
        (["similarity", "layertap-store", "--with", "photos"], 66, "photos"),
        (["similarity", "few"], 65, "expected at least 4"),
        (["similar", "layertap-store", "none.jpg", "--layers", "stem"], 66, "none.jpg"),
        (["similar", "layertap-store", "none.jpg"], 64, "name one with --layers and --pool"),
        (["similar", "photos", "none.jpg"], 65, "not a feature store"),
      ] as [([String], Int32, String)] {
        let outcome = try Tool.run(arguments, in: folder)
        #expect(outcome.status == status, "\(arguments): \(outcome.status) \(outcome.errors)")
        #expect(outcome.errors.contains(text), "\(arguments): \(outcome.errors)")
      }
    }
  }

  @Test func anImageIsMostSimilarToItself() throws {
    try withPhotos { folder in
      try run(["extract", "photos"] + Self.taps, in: folder)
      let path = try #require(try DirectoryWalk(folder + "/photos").files.sorted().last)
      let outcome = try run(
        ["similar", "layertap-store", "photos/" + path, "--layers", "blocks.3", "-n", "3", "--format", "json"],
        in: folder)
      let found = try JSONValue.parse(outcome.output).array("images")[0].array("similar")
      #expect(found.count == 3)
      #expect(try found[0].string("path") == path && abs(found[0].double("cosine") - 1) < 1e-12)
      let cosines = try found.map { try $0.double("cosine") }
      #expect(cosines == cosines.sorted(by: >) && cosines[1] < 1)
    }
  }
}
