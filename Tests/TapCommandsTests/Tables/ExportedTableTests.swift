import LayerTap
import TapFileSystem
import TestSupport
import Testing

/// The table beside an exported matrix has the fields of the list, so groups and weights also count after an export.
@Suite struct ExportedTableTests {
  private func table(_ items: [ImageItem]) throws -> String {
    try withTemporaryFolder { folder in
      let stored = items.enumerated().map { StoredItem(item: $1, status: .ok(key: "00", row: $0)) }
      try FeatureStore.exportTable(of: stored, to: folder + "/X.csv")
      return String(decoding: try FileSystem.read(folder + "/X.csv"), as: UTF8.self)
    }
  }

  @Test func groupsAndWeightsAreKept() throws {
    let plain = ImageItem(path: "a.png", label: "x", split: .train)
    #expect(try table([plain]) == "path,label,split\na.png,x,train\n")
    let weighted = ImageItem(path: "b.png", label: "y", weight: 0.5)
    #expect(try table([plain, weighted]) == "path,label,split,weight\na.png,x,train,\nb.png,y,,0.5\n")
    let grouped = ImageItem(path: "c.png", label: "y", group: "g,1")
    #expect(
      try table([plain, grouped]) == "path,label,split,group\na.png,x,train,\nc.png,y,,\"g,1\"\n")
    #expect(
      try table([weighted, grouped])
        == "path,label,split,group,weight\nb.png,y,,,0.5\nc.png,y,,\"g,1\",\n")
  }

  /// A training on the exported matrix has the same splits, weights and choices as a training on the store.
  @Test(.needs(.lite0)) func aMatrixTrainsLikeItsStore() throws {
    try withTemporaryFolder { folder in
      var manifest = "path,label,group,weight\n"
      for label in ["brick", "wood"] {
        for (index, name) in try FileSystem.list(Repository.path("data/surfaces/test/" + label)).prefix(6)
          .enumerated()
        {
          let path = Repository.path("data/surfaces/test/\(label)/\(name)")
          manifest += "\(path),\(label),\(label)\(index / 3),\(index + 1)\n"
        }
      }
      try BadInputTests.write(manifest, to: folder + "/m.csv")
      let extract = try Tool.run(
        ["extract", "--labels", "m.csv", "--layers", "stem", "--output", "X.npy"], in: folder)
      #expect(extract.status == 0, "\(extract.errors)")
      let header = try String(decoding: FileSystem.read(folder + "/X.csv"), as: UTF8.self).prefix {
        $0 != "\n"
      }
      #expect(header == "path,label,split,group,weight")
      func accuracy(_ data: String) throws -> Substring? {
        let outcome = try Tool.run(
          ["train", data, "--folds", "2", "--output", data + ".layertap"], in: folder)
        #expect(outcome.status == 0, "\(outcome.errors)")
        return outcome.output.split(separator: "\n").first { $0.contains("accuracy") }
      }
      #expect(try accuracy("X.npy") == accuracy("layertap-store"))
    }
  }
}
