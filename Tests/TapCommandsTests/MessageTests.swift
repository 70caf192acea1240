import TapFileSystem
import TapFormats
import TestSupport
import Testing

/// Messages that were untrue in earlier versions.
@Suite struct MessageTests {
  private static let network = ["--backbone", "net.safetensors", "--mean", "0,0,0", "--std", "1,1,1"]

  private func withImages(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try TuneTests.writeNetwork(folder + "/net.safetensors")
      try writeGeneratedClasses(0..<12, to: folder + "/photos")
      try body(folder)
    }
  }

  private static func table(_ rows: Range<Int>) -> String {
    "label,a,b\n" + rows.map { "\($0 % 2),\($0 % 2 * 3 + $0 % 5),\($0 * 7 % 11)\n" }.joined()
  }

  @Test func aListOfLayersLeavesTheFolder() throws {
    try withImages { folder in
      for command in ["extract", "doctor"] {
        let outcome = try Tool.run(
          [command] + Self.network + ["--layers", "layer1", "layer2", "photos"], in: folder)
        #expect(outcome.status == 0, "\(command): \(outcome.errors)")
      }
      try BadInputTests.write("path\nphotos/even/0.png\n", to: folder + "/list.csv")
      let listed = try Tool.run(
        ["extract", "--labels", "list.csv"] + Self.network + ["--layers", "layer1", "layer2"], in: folder)
      #expect(listed.status == 0, "\(listed.errors)")
    }
  }

  /// Only the bytes of a file show whether the store has its row. A new path does not show it.
  @Test func whatMayBeThereIsNotCountedAsWork() throws {
    try withImages { folder in
      func plan(_ photos: String) throws -> String {
        try Tool.run(["extract", photos, "--dry-run"] + Self.network, in: folder).output
      }
      #expect(try plan("photos").hasPrefix("12 of 12 images to compute"))
      #expect(try Tool.run(["extract", "photos"] + Self.network, in: folder).status == 0)
      #expect(try plan("photos").hasPrefix("0 of 12 images to compute"))
      try FileSystem.createDirectories(folder + "/other")
      try FileSystem.rename(folder + "/photos", to: folder + "/other/moved")
      #expect(try plan("other/moved/even").hasPrefix("at most 6 of 6 images to compute"))
    }
  }

  /// The paths of results are checked before anything is computed, and missing folders are created.
  @Test func resultsAreTriedFirst() throws {
    try withImages { folder in
      try BadInputTests.write(Self.table(0..<40), to: folder + "/X.csv")
      try BadInputTests.write("a file", to: folder + "/file")
      let extract = try Tool.run(["extract", "photos", "-o", "new/deep/x.npy"] + Self.network, in: folder)
      #expect(extract.status == 0 && FileSystem.exists(folder + "/new/deep/x.csv"), "\(extract.errors)")
      let written: [([String], String)] = [
        (["store", "export", "layertap-store", "-o", "new/store/x.npy"], "new/store/x.npy"),
        (["train", "X.csv", "--c", "1", "-o", "new/model/m.layertap"], "new/model/m.layertap"),
        (["compare", "X.csv", "--c", "1", "-o", "new/table/t.csv"], "new/table/t.csv"),
        (
          ["evaluate", "new/model/m.layertap", "X.csv", "--predictions", "new/predictions/p.csv"],
          "new/predictions/p.csv"
        ),
        (
          [
            "train", "X.csv", "--warm-start", "new/model/m.layertap", "-o", "n.layertap", "--flips",
            "new/flips/f.csv",
          ],
          "new/flips/f.csv"
        ),
      ]
      for (arguments, path) in written {
        let outcome = try Tool.run(arguments, in: folder)
        #expect(
          outcome.status == 0 && FileSystem.exists("\(folder)/\(path)"), "\(arguments): \(outcome.errors)")
        let last = try #require(arguments.last { $0.hasPrefix("new/") })
        let blocked = arguments.map { $0 == last ? "file/x." + FileSystem.fileExtension(of: last) : $0 }
        let refused = try Tool.run(blocked, in: folder)
        #expect(refused.status == 73 && refused.output.isEmpty, "\(blocked): \(refused)")
      }
      let refused = try Tool.run(
        ["extract", "photos", "-o", "file/x.npy", "--store", "unused"] + Self.network, in: folder)
      #expect(refused.status == 73 && !FileSystem.exists(folder + "/unused"), "\(refused)")
    }
  }

  @Test func anEndingSaysWhatIsWritten() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table(0..<40), to: folder + "/X.csv")
      for name in ["best.layertap", "best.npy", "best.html"] {
        let outcome = try Tool.run(["compare", "X.csv", "--c", "1", "--output", name], in: folder)
        #expect(outcome.status == 64 && !FileSystem.exists("\(folder)/\(name)"), "\(outcome)")
        #expect(outcome.errors.contains("a table is written"), "\(outcome.errors)")
      }
      for name in ["m.csv", "m.html", "m.npy"] {
        let outcome = try Tool.run(["train", "X.csv", "--c", "1", "--output", name], in: folder)
        #expect(outcome.status == 64 && outcome.errors.contains("a model is written"), "\(outcome)")
      }
      #expect(
        try Tool.run(["compare", "X.csv", "--c", "1", "-o", "t.csv", "--format", "json"], in: folder).status
          == 64)
      #expect(try Tool.run(["compare", "X.csv", "--c", "1", "-o", "t.csv"], in: folder).status == 0)
      #expect(
        try String(decoding: FileSystem.read(folder + "/t.csv"), as: UTF8.self).hasPrefix("layer,pooling,"))
      #expect(try Tool.run(["compare", "X.csv", "--c", "1", "-o", "t.json"], in: folder).status == 0)
      #expect(try JSONValue.parse(FileSystem.read(folder + "/t.json")).array("entries").count == 1)
      #expect(try Tool.run(["compare", "X.csv", "--c", "1", "-o", "t.md"], in: folder).status == 0)
      #expect(try String(decoding: FileSystem.read(folder + "/t.md"), as: UTF8.self).hasPrefix("2 classes,"))
    }
  }

  /// A larger C is suggested only if the search could not have gone further.
  @Test func aLargerCIsSuggestedAtTheEndOnly() throws {
    try withTemporaryFolder { folder in
      // A wide margin separates the classes. Every C is right, and the search stops by itself.
      let apart = (0..<60).map { "\($0 % 2),\($0 % 2 * 100 + $0 % 5),\($0 * 7 % 11)\n" }.joined()
      try BadInputTests.write("label,a,b\n" + apart, to: folder + "/apart.csv")
      let stopped = try Tool.run(["train", "apart.csv", "-o", "a.layertap"], in: folder)
      #expect(
        stopped.status == 0 && !stopped.errors.contains("a larger one may do better"), "\(stopped.errors)")
      // The first feature separates the classes, but a model uses it only if its weight can be large.
      let faint = (0..<60).map { "\($0 % 2),\($0 % 2),\(($0 * 7919) % 61)\n" }.joined()
      try BadInputTests.write("label,a,b\n" + faint, to: folder + "/faint.csv")
      let ended = try Tool.run(
        ["train", "faint.csv", "--standardize", "none", "--c", "1e-9,1e-8,1e-3", "-o", "f.layertap"],
        in: folder)
      #expect(ended.status == 0, "\(ended.errors)")
      #expect(
        ended.errors.contains("a larger one may do better") == ended.output.contains("C            0.001,"),
        "\(ended.output)\(ended.errors)")
      #expect(ended.output.contains("C            0.001,"))
    }
  }

  @Test func relativeBoundsAreCalledSo() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table(0..<40), to: folder + "/X.csv")
      let usual = try Tool.run(["train", "X.csv", "--c", "1", "-o", "m.layertap"], in: folder)
      #expect(usual.output.contains("; the objective is within a relative "), "\(usual.output)")
      let cut = try Tool.run(
        ["train", "X.csv", "--c", "1e9", "--maximum-iterations", "1", "-o", "n.layertap"], in: folder)
      #expect(cut.status == 0, "\(cut.errors)")
      #expect(
        cut.output.contains("; the certificate does not say how near its minimum the objective is\n"),
        "\(cut.output)")
    }
  }

  /// However early a command ends, its JSON array is complete.
  @Test func anArrayIsClosed() throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.table(0..<40), to: folder + "/X.csv")
      #expect(try Tool.run(["train", "X.csv", "--c", "1", "-o", "m.layertap"], in: folder).status == 0)
      for bad in 0..<3 {
        let rows = (0..<3).map { "\($0),\($0 == bad ? "nan" : "1"),2\n" }.joined()
        try BadInputTests.write("id,a,b\n" + rows, to: folder + "/T.csv")
        let outcome = try Tool.run(["predict", "m.layertap", "T.csv", "--format", "json"], in: folder)
        #expect(outcome.status == 65)
        #expect(try JSONValue.parse(outcome.output).arrayValue?.count == bad)
      }
    }
  }
}
