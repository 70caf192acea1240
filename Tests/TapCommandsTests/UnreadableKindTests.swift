// An input can never begin, never end, or be too large for its kind. Every command reports such an input at once.

import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite struct UnreadableKindTests {
  /// A folder with two classes of small images, and with links of every extension to one pipe, one device, one folder
  /// and one file of 60 GB of zeros.
  private func withInputs(_ body: (String) throws -> Void) throws {
    try withTemporaryFolder { folder in
      try writeGeneratedClasses(0..<4, to: folder + "/photos")
      try FileSystem.createDirectories(folder + "/folder")
      try File(creating: folder + "/zeros").truncate(to: 60_000_000_000)
      let endings = "npy npz svm csv json5 pth safetensors onnx layertap jpg"
      let made = try Tool.run(
        "/bin/bash",
        [
          "-ec",
          """
          mkfifo pipe
          ln -s /dev/zero device
          for kind in pipe device folder zeros; do
            for ending in \(endings); do ln -s $kind $kind.$ending; done
          done
          """,
        ], in: folder)
      try #require(made.status == 0, "\(made.errors)")
      try body(folder)
    }
  }

  /// Runs the tool. The exit code is 124 if the tool took too long.
  private func run(_ arguments: [String], in folder: String, input: String = "") throws -> Tool.Outcome {
    try Tool.run("/usr/bin/timeout", ["120", Tool.path] + arguments, in: folder, input: input)
  }

  private static let commands: [[String]] = [
    ["train", "KIND.npy", "-o", "o"], ["train", "KIND.npz", "-o", "o"], ["train", "KIND.svm", "-o", "o"],
    ["train", "KIND.csv", "-o", "o"],
    ["train", "photos", "--labels", "KIND.csv"], ["train", "photos", "--backbone", "KIND.pth"],
    ["train", "photos", "--backbone", "KIND.safetensors"], ["layers", "KIND.onnx"],
    ["train", "photos", "--warm-start", "KIND.layertap"], ["run", "KIND.json5"],
    ["weights", "add", "KIND.pth"], ["store", "info", "KIND"], ["predict", "KIND.layertap", "0.png"],
    ["classify", "KIND.jpg"], ["extract", "KIND.jpg", "--layers", "stem", "--size", "32"],
    ["doctor", "KIND.jpg", "--layers", "stem", "--size", "32"], ["audit", "KIND.npy"],
  ]

  @Test(.needs(.lite0), arguments: ["pipe", "device", "folder", "zeros"]) func noCommandHangs(kind: String)
    throws
  {
    try withInputs { folder in
      for command in Self.commands {
        let arguments = command.map { $0.split(separator: "KIND", omittingEmptySubsequences: false) }
          .map { $0.joined(separator: kind) }
        let outcome = try run(arguments, in: folder)
        #expect(![0, 64, 124].contains(outcome.status) && outcome.status < 128, "\(arguments): \(outcome)")
        #expect(outcome.errors.contains(kind), "\(arguments): \(outcome)")
      }
    }
  }

  /// Each line gets its answer in order. Empty and unreadable lines get theirs as soon as readable lines.
  @Test(.needs(.lite0)) func aStreamGoesOn() throws {
    try withInputs { folder in
      let trained = try run(
        ["train", "photos", "--layers", "stem", "--size", "32", "--c", "1", "--output", "m.layertap"],
        in: folder)
      try #require(trained.status == 0, "\(trained.errors)")
      let lines = [
        "photos/even/0.png", "zeros.jpg", "/dev/zero", "pipe", "", "folder", "photos/odd/1.png",
      ]
      let outcome = try run(
        ["predict", "m.layertap", "-"], in: folder, input: "\u{FEFF}" + lines.joined(separator: "\n"))
      #expect(outcome.status != 0 && outcome.status != 124 && outcome.errors.contains("5 of 7 images"))
      let answers = try outcome.output.split(separator: "\n").map { try JSONValue.parse(String($0)) }
      #expect(answers.map { $0["path"]?.stringValue } == lines)
      #expect(answers.map { $0["class"] != nil } == [true, false, false, false, false, false, true])
      #expect(
        answers.map { $0["error"]?.stringValue ?? "" } == [
          "",
          "zeros.jpg: it holds 60000000000 bytes, and at most 1073741824 are read of such a file: is it the right one?",
          "/dev/zero is a device where a file is expected: save what it holds in a file",
          "pipe is a pipe where a file is expected: save what it holds in a file",
          "the path is empty: expected the name of a file", "folder is a folder where a file is expected", "",
        ])
    }
  }

  /// The list comes from Windows. With a byte order mark, its encoding is known. Without one, its lines are refused one
  /// by one.
  @Test(.needs(.lite0)) func aStreamMayBeUTF16() throws {
    try withInputs { folder in
      let trained = try run(
        ["train", "photos", "--layers", "stem", "--size", "32", "--c", "1", "--output", "m.layertap"],
        in: folder)
      try #require(trained.status == 0, "\(trained.errors)")
      let text = "photos/even/0.png\r\nphotos/odd/1.png\r\n"
      for bigEndian in [false, true] {
        let bytes = ("\u{FEFF}" + text).utf16.flatMap { unit in
          bigEndian ? [UInt8(unit >> 8), UInt8(unit & 255)] : [UInt8(unit & 255), UInt8(unit >> 8)]
        }
        try AtomicWriter.replace(folder + "/list", with: bytes)
        try AtomicWriter.replace(folder + "/bare", with: Array(bytes.dropFirst(2)))
        let marked = try Tool.run(
          "/bin/bash", ["-c", #""$0" predict m.layertap - < list"#, Tool.path], in: folder)
        #expect(marked.status == 0, "\(marked)")
        #expect(marked.output.contains("photos/even/0.png") && marked.output.contains("photos/odd/1.png"))
        let bare = try Tool.run(
          "/bin/bash", ["-c", #""$0" predict m.layertap - < bare"#, Tool.path], in: folder)
        #expect(bare.status != 0 && bare.output.contains("it holds zero bytes, as UTF-16 does"))
      }
    }
  }
}
