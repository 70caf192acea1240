// `predict -` writes a line of JSON for each path, in order, as soon as possible and in constant memory.

import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite(.needs(.lite0)) struct PredictStreamTests {
  /// A folder with images `0.png` to `7.png` and a model, which is quick because it uses only the first layers.
  func withModel(_ body: (String) throws -> Void) throws {
    try Weights.lite0Path()
    try withTemporaryFolder { folder in
      try writeGeneratedClasses(0..<8, to: folder + "/photos")
      for index in 0..<8 {
        try AtomicWriter.replace("\(folder)/\(index).png", with: generatedPNG(seed: index))
      }
      let trained = try Tool.run(
        ["train", "photos", "--layers", "stem", "--size", "32", "--c", "1", "--output", "m.layertap"],
        in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
      try body(folder)
    }
  }

  func lines(_ text: String) throws -> [JSONValue] {
    try text.split(separator: "\n").map { try JSONValue.parse(String($0)) }
  }

  @Test func answersInOrderAndGoesOnAfterAnUnreadableFile() throws {
    try withModel { folder in
      let alone = try Tool.run(
        ["predict", "m.layertap", "--format", "json", "--top", "2"] + (0..<8).map { "\($0).png" }, in: folder)
      let expected = try #require(try JSONValue.parse(alone.output).arrayValue)
      var paths = (0..<1000).map { "\($0 * 5 % 8).png" }
      paths[400] = "gone.png"
      // The input has Windows' line ends, an empty line, and no line end after the last line. The empty line gets an
      // answer too.
      let input =
        paths.prefix(500).joined(separator: "\r\n") + "\n\n" + paths.dropFirst(500).joined(separator: "\n")
      let run = try Tool.run(["predict", "m.layertap", "-", "--threads", "4"], in: folder, input: input)
      #expect(run.status == 65 && run.errors.contains("2 of 1001 images could not be read"))
      var answers = try lines(run.output)
      #expect(answers.remove(at: 500)["path"]?.stringValue == "")
      #expect(answers.map { $0["path"]?.stringValue } == paths)
      #expect(answers[400]["error"]?.stringValue == "gone.png does not exist")
      for (path, answer) in zip(paths, answers) where path != "gone.png" {
        let same = try #require(expected.first { $0["path"]?.stringValue == path })
        let best = try #require(same["predictions"]?.arrayValue?.first)
        let name = try #require(best["class"]?.stringValue)
        #expect(answer["class"]?.stringValue == name)
        #expect(answer["probabilities"]?[name]?.doubleValue == best["probability"]?.doubleValue)
      }
    }
  }

  @Test func endingsAndMistakes() throws {
    try withModel { folder in
      let none = try Tool.run(["predict", "m.layertap", "-"], in: folder)
      #expect(none.status == 0 && none.output.isEmpty)
      let zero = try Tool.run(
        ["predict", "m.layertap", "-", "--null"], in: folder, input: "1.png\0" + "2.png")
      #expect(try lines(zero.output).map { $0["path"]?.stringValue } == ["1.png", "2.png"])
      let bytes = try Tool.run(
        "/bin/bash", ["-c", #"printf 'a\xff.png\n1.png\n' | "$0" predict m.layertap -"#, Tool.path],
        in: folder)
      #expect(bytes.status == 65)
      let answers = try lines(bytes.output)
      #expect(answers.count == 2 && answers[0]["error"] != nil && answers[1]["class"] != nil)
      // If the reader of the answers stops early, the run ends without an error.
      let head = try Tool.run(
        "/bin/bash",
        ["-c", #"yes 1.png | head -n 3000 | "$0" predict m.layertap - | head -n 1"#, Tool.path], in: folder)
      let seen = try lines(head.output)
      #expect(head.status == 0 && head.errors.isEmpty && seen.count == 1)
      #expect(try Tool.run(["predict", "m.layertap", "-", "1.png"], in: folder).status == 64)
      #expect(try Tool.run(["predict", "m.layertap", "-", "--format", "csv"], in: folder).status == 64)
    }
  }

  /// First, paths and answers alternate. Then many paths come at once, and the script prints the peak memory after the
  /// first 300 of them and after all.
  @Test func answersEachPathBeforeTheNextInFlatMemory() throws {
    try withModel { folder in
      let count = TestData.runsLongTests ? 10_000 : 2_000
      let script = #"""
        mkfifo in out
        "$0" predict m.layertap - --threads 2 <in >out &
        pid=$!
        exec 5>in 6<out
        for i in 0 1 2; do echo $i.png >&5; read -r -t 20 -u 6 line || exit 3; echo "$line"; done
        high() { awk '/VmHWM/ {print $2}' /proc/$pid/status; }
        many() {
          (for ((i = 0; i < $1; i++)); do echo $((i % 8)).png; done >&5) &
          for ((i = 0; i < $1; i++)); do read -r -t 60 -u 6 line || exit 4; done
        }
        many 300; high
        many \#(count); high
        exec 5>&-
        wait $pid
        """#
      let run = try Tool.run("/bin/bash", ["-c", script, Tool.path], in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let output = run.output.split(separator: "\n").map(String.init)
      #expect(
        try lines(output.prefix(3).joined(separator: "\n")).map { $0["path"]?.stringValue } == [
          "0.png", "1.png", "2.png",
        ])
      let kilobytes = output.suffix(2).compactMap { Int($0) }
      try #require(kilobytes.count == 2)
      #expect(kilobytes[1] - kilobytes[0] < 4_000, "\(kilobytes) kB")
    }
  }
}
