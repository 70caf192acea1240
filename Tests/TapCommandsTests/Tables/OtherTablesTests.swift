import LayerTap
import TapFileSystem
import TestSupport
import Testing

/// Tables of features and of labels as spreadsheets write them.
@Suite struct OtherTablesTests {
  private static let plain = "f,g,label\n" + (0..<12).map { "\($0 * $0 % 7),\($0 % 5),\($0 % 2)\n" }.joined()

  @Test func featuresAndLabelsAreReadAlike() throws {
    try withTemporaryFolder { folder in
      func train(_ arguments: [String]) throws -> ModelContents {
        let outcome = try Tool.run(["train"] + arguments + ["--c", "1", "--output", "m"], in: folder)
        #expect(outcome.status == 0, "\(arguments): \(outcome.errors)")
        return try ModelContents(folder + "/m")
      }
      try BadInputTests.write(Self.plain, to: folder + "/x.csv")
      let expected = try train(["x.csv"])
      let utf16 = Array("\u{FEFF}\(Self.plain)".utf16).flatMap {
        [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)]
      }
      let forms: [[UInt8]] = [
        Array(Self.plain.replacing(",", with: ";").utf8), Array(Self.plain.replacing(",", with: "\t").utf8),
        Array(Self.plain.replacing(",", with: ", ").utf8), utf16,
      ]
      let labels = "Label\n" + (0..<12).map { "\($0 % 2)\n" }.joined()
      try BadInputTests.write(labels.replacing("\n", with: ";\n"), to: folder + "/l.csv")
      for (index, bytes) in forms.enumerated() {
        try AtomicWriter.replace("\(folder)/form\(index).csv", with: bytes)
        #expect(try train(["form\(index).csv"]) == expected, "\(index)")
        #expect(try train(["form\(index).csv", "--labels", "l.csv"]) == expected, "\(index)")
      }
    }
  }

  @Test(
    arguments: [
      ("path,label\n1.png,0\n", nil), ("Path;class\n1.png;0\n", nil), (",file,Class\n0,1.png,0\n", nil),
      ("image, weight\n1.png, 2\n", nil), ("file,f0,class\na,1,0\n", .csv), (",f0,label\n0,1,a\n", .csv),
      ("f0;f1\n1;2\n", .csv),
    ] as [(String, FeatureFile.Kind?)])
  func listsAreToldFromFeatures(text: String, kind: FeatureFile.Kind?) throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(text, to: folder + "/x.csv")
      #expect(FeatureFile.kind(of: folder + "/x.csv") == kind)
    }
  }

  /// A byte order mark on standard input is not part of the first path.
  @Test(.needs(.lite0)) func aByteOrderMarkBelongsToNoPath() throws {
    let image = Repository.path("data/surfaces/test/brick")
    let path = try "\(image)/\(FileSystem.list(image)[0])"
    try withTemporaryFolder { folder in
      let trained = try Tool.run(
        ["train", Repository.path("data/surfaces/test"), "--layers", "stem", "--c", "1", "--output", "m"],
        in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      for options in [[], ["--null"]] as [[String]] {
        let end = options.isEmpty ? "\n" : "\0"
        let marked = try Tool.run(
          ["predict", "m", "-"] + options, in: folder, input: "\u{FEFF}\(path)\(end)")
        let plain = try Tool.run(["predict", "m", "-"] + options, in: folder, input: "\(path)\(end)")
        #expect(marked.status == 0 && marked.output == plain.output, "\(marked)")
      }
    }
  }
}
