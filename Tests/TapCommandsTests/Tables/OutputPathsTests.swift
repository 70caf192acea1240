import TapFileSystem
import TestSupport
import Testing

/// No result replaces an input of the same command, however its path is written, and none replaces another program's
/// file beside a matrix.
@Suite struct OutputPathsTests {
  private static let rows = "f,g,label\n" + (0..<12).map { "\($0 * $0 % 7),\($0 % 5),\($0 % 2)\n" }.joined()

  private func bytes(_ path: String) throws -> [UInt8] { try FileSystem.read(path) }

  @Test(arguments: [
    (["train", "x.csv", "--output", "./x.csv"], "'--output' would replace x.csv"),
    (["train", "x.csv", "--output", "m", "--report", "link.csv"], "'--report' would replace x.csv"),
    (["train", "x.csv", "--output", "m", "--report", "hard.csv"], "'--report' would replace x.csv"),
    (["train", "y.npz", "--labels", "x.csv", "--output", "x.csv"], "'--output' would replace x.csv"),
    (["train", "y.npy", "--output", "y.csv"], "'--output' would replace y.csv"),
    (["train", "x.csv", "--warm-start", "old", "--output", "old"], "'--output' would replace old"),
    (
      ["train", "x.csv", "--warm-start", "old", "--output", "m", "--flips", "x.csv"],
      "'--flips' would replace x.csv"
    ),
    (["train", "x.csv", "--output", "m", "--report", "./m"], "'--output' and '--report' both write ./m"),
    (["compare", "x.csv", "--output", "x.csv"], "'--output' would replace x.csv"),
    (["compare", "x.csv", "--report", "x.csv"], "'--report' would replace x.csv"),
    (["evaluate", "old", "x.csv", "--predictions", "x.csv"], "'--predictions' would replace x.csv"),
    (["evaluate", "old", "x.csv", "--predictions", "old"], "'--predictions' would replace old"),
    (
      ["evaluate", "old", "x.csv", "--against", "y.csv", "--report", "y.csv"],
      "'--report' would replace y.csv"
    ),
  ])
  func anOutputIsNoInput(arguments: [String], message: String) throws {
    try withTemporaryFolder { folder in
      try BadInputTests.write(Self.rows, to: folder + "/x.csv")
      for name in ["y.csv", "y.npz", "y.npy"] { try BadInputTests.write("label\n", to: "\(folder)/\(name)") }
      let trained = try Tool.run(["train", "x.csv", "--c", "1", "--output", "old"], in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      _ = try Tool.run("/bin/ln", ["-s", "x.csv", "link.csv"], in: folder)
      _ = try Tool.run("/bin/ln", ["x.csv", "hard.csv"], in: folder)
      let before = try FileSystem.list(folder).map { try bytes("\(folder)/\($0)") }
      let outcome = try Tool.run(arguments, in: folder)
      #expect(outcome.status == 64 && outcome.errors.hasPrefix("Error: \(message)"), "\(outcome.errors)")
      #expect(try FileSystem.list(folder).map { try bytes("\(folder)/\($0)") } == before)
    }
  }

  /// `extract` replaces no manifest, no image, no file of a store and no table of the user.
  @Test(.needs(.lite0)) func extractionsReplaceNothingOfTheUsers() throws {
    try withTemporaryFolder { folder in
      let source = Repository.path("data/surfaces/test/brick")
      try FileSystem.createDirectories(folder + "/photos/a")
      let names = try Array(FileSystem.list(source).prefix(2))
      for name in names {
        try AtomicWriter.replace("\(folder)/photos/a/\(name)", with: bytes("\(source)/\(name)"))
      }
      let manifest = "path,label\n" + names.map { "photos/a/\($0),x\n" }.joined()
      try BadInputTests.write(manifest, to: folder + "/photos.csv")
      func extract(_ arguments: String...) throws -> Tool.Outcome {
        try Tool.run(["extract"] + arguments + ["--layers", "stem"], in: folder)
      }
      let own = try extract("--labels", "photos.csv", "--output", "photos.npy")
      #expect(
        own.status == 64
          && own.errors.hasPrefix("Error: '--output' would replace photos.csv, which this command reads"),
        "\(own.errors)")
      let foreign = try extract("photos", "--output", "photos.npy")
      #expect(foreign.status == 73 && foreign.errors.hasPrefix("Error: photos.csv exists, and"), "\(foreign)")
      #expect(try String(decoding: bytes(folder + "/photos.csv"), as: UTF8.self) == manifest)
      #expect(!FileSystem.exists(folder + "/layertap-store"))

      // Files of an earlier export are replaced without a warning, also by an export of several columns.
      #expect(try extract("photos", "--output", "own.npy").status == 0)
      #expect(try extract("photos", "--output", "own.npy").status == 0)
      #expect(try extract("photos", "--pool", "avg", "max", "--output", "own.npy").status == 0)
      // An exported table without its matrix counts as foreign, and so does a matrix without its table.
      for name in ["own.csv", "lone.npy"] {
        let other = name == "own.csv" ? "table.csv" : name
        try AtomicWriter.replace(
          "\(folder)/\(other)", with: bytes(folder + (name == "own.csv" ? "/own.csv" : "/own.npy")))
        let output = other.hasSuffix("csv") ? "table.npy" : other
        let refused = try extract("photos", "--output", output)
        #expect(refused.status == 73 && refused.errors.hasPrefix("Error: \(other) exists, and"), "\(refused)")
        let forced = try extract("photos", "--output", output, "--force")
        #expect(forced.status == 0, "\(forced.errors)")
      }
      let store = try FileSystem.list(folder + "/layertap-store")[0]
      let inside = try Tool.run(
        [
          "store", "export", "layertap-store", "--pool", "avg", "--output",
          "layertap-store/\(store)/items.npy",
        ],
        in: folder)
      #expect(
        inside.status == 64 && inside.errors.contains("into the store layertap-store/\(store)"),
        "\(inside.errors)")
      #expect(
        try Tool.run(
          ["store", "export", "layertap-store", "--pool", "avg", "--output", "own.npy"], in: folder
        )
        .status
          == 0)
      let image = try Tool.run(
        ["train", "photos.csv", "--output", "photos/a/\(names[0])"], in: folder)
      #expect(image.status == 64 && image.errors.contains("would replace"), "\(image)")
      #expect(try bytes("\(folder)/photos/a/\(names[0])") == bytes("\(source)/\(names[0])"))
    }
  }

  /// A pipeline's results replace neither its file, nor its labels, nor its images.
  @Test func aRunReplacesNothingItReads() throws {
    try withTemporaryFolder { folder in
      let images = Repository.path("data/surfaces")
      try BadInputTests.write("path,label,split\n", to: folder + "/labels.csv")
      for (name, result, status) in [
        ("pipeline.json5", "report: \"pipeline.json5\"", 64), ("labels.csv", "record: \"labels.csv\"", 64),
      ] as [(String, String, Int32)] {
        let text = "{images: \"\(images)\", layers: [\"stem\"], labels: \"labels.csv\", \(result)}"
        try BadInputTests.write(text, to: folder + "/pipeline.json5")
        let outcome = try Tool.run(["run", "pipeline.json5", "--dry-run"], in: folder)
        #expect(
          outcome.status == status && outcome.errors.contains("would replace")
            && outcome.errors.contains(name), "\(outcome)")
        #expect(try String(decoding: bytes(folder + "/pipeline.json5"), as: UTF8.self) == text)
      }
    }
  }

  @Test func samenessIsOfFilesNotOfNames() throws {
    try withTemporaryFolder { folder in
      try FileSystem.createDirectories(folder + "/a/b")
      #expect(FileSystem.areSame(folder + "/x", folder + "/a/../x"))
      #expect(!FileSystem.areSame(folder + "/x", folder + "/a/x"))
      try BadInputTests.write("", to: folder + "/x")
      #expect(FileSystem.areSame(folder + "/x", folder + "/a/b/../../x"))
      #expect(!FileSystem.areSame(folder + "/x", folder + "/y"))
      #expect(FileSystem.contains(folder + "/a/b/new", in: folder + "/a"))
      #expect(!FileSystem.contains(folder + "/x", in: folder + "/a"))
    }
  }
}
