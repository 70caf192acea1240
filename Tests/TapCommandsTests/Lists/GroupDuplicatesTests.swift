import TapFormats
import TestSupport
import Testing

/// Nearly equal images stay together in the commands that divide images.
@Suite struct GroupDuplicatesTests {
  /// Sixty rows of two classes, and a multiple of each of the first twenty rows.
  private static func write(to folder: String, split: (Int) -> String) throws {
    var numbers = Congruential(state: 11)
    var rows = (0..<60).map { row in (0..<8).map { _ in numbers.uniformFloat() + Float(row % 2) * 0.2 } }
    rows += rows[..<20].map { $0.map { 2 * $0 } }
    try Checkpoints.writeMatrix(rows.flatMap(\.self), columns: 8, to: folder + "/X.npy")
    let lines = rows.indices.map { CSV.line(["p\($0)", $0 % 2 == 0 ? "even" : "odd", split($0)]) }
    try BadInputTests.write(CSV.line(["path", "label", "split"]) + lines.joined(), to: folder + "/X.csv")
  }

  private static let near = ["--group-duplicates", "--near", "0.999999"]
  private static let line =
    "40 equal or nearly equal images stay together in 20 groups (cosine of at least 0.999999 in the features of matrix; "
    + "another value of --near changes it).\n"

  @Test func commandsKeepNearlyEqualImagesTogether() throws {
    try withTemporaryFolder { folder in
      try Self.write(to: folder) { _ in "" }
      let training = ["train", "X.npy", "--c", "1", "--output", "m"]
      let plain = try Tool.run(training, in: folder)
      #expect(plain.status == 0 && !plain.output.contains("groups"), "\(plain)")
      let grouped = try Tool.run(training + Self.near, in: folder)
      #expect(grouped.status == 0 && grouped.errors.contains(Self.line), "\(grouped)")
      #expect(grouped.output.contains("95 % by resampling 60 groups, 80 training images"), "\(grouped)")

      let compared = try Tool.run(["compare", "X.npy", "--c", "1"] + Self.near, in: folder)
      #expect(compared.errors.contains(Self.line) && compared.output.contains("; intervals by resampling 60 groups"))
      let evaluated = try Tool.run(["evaluate", "m", "X.npy", "--format", "json"] + Self.near, in: folder)
      #expect(evaluated.errors.contains(Self.line))
      #expect(try JSONValue.parse(evaluated.output)["accuracy"]?["groups"] == .integer(60), "\(evaluated)")
    }
  }

  /// A split of the table stays, and a warning counts the images that it divides.
  @Test func splitsThatAreGivenStay() throws {
    try withTemporaryFolder { folder in
      // The copies 60 to 64 are for training. The other fifteen copies are test images, as row 3 is.
      try Self.write(to: folder) { $0 == 3 || $0 >= 65 ? "test" : "train" }
      let training = ["train", "X.npy", "--c", "1", "--output", "m"] + Self.near
      let outcome = try Tool.run(training, in: folder)
      let warning = "16 test images are equal or nearly equal to images of another split."
      #expect(outcome.status == 0 && outcome.errors.contains(warning), "\(outcome)")
      #expect(outcome.output.contains("64 training images, 16 test images"), "\(outcome)")
      #expect(try Tool.run(training + ["--strict"], in: folder).status == 65)
    }
  }

  @Test func aCosineAloneIsRefused() throws {
    try withTemporaryFolder { folder in
      try Self.write(to: folder) { _ in "" }
      let outcome = try Tool.run(["train", "X.npy", "--near", "0.9", "--output", "m"], in: folder)
      #expect(outcome.status == 64 && outcome.errors.contains("'--near': it is for --group-duplicates"), "\(outcome)")
    }
  }
}
