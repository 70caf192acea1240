// `predict - --stdin frames` answers names with the bytes of image files.

import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite(.needs(.lite0)) struct PredictFramesTests {
  private static func frame(_ name: [UInt8], _ data: [UInt8], count: UInt64? = nil) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.append(littleEndian: UInt32(name.count))
    bytes += name
    bytes.append(littleEndian: count ?? UInt64(data.count))
    return bytes + data
  }

  private func answers(
    _ stream: [UInt8], _ options: String = "", in folder: String, status: Int32
  ) throws -> [JSONValue] {
    try AtomicWriter.replace(folder + "/stream", with: stream)
    let run = try Tool.run(
      "/bin/bash", ["-c", "\"$0\" predict m.layertap - --stdin frames \(options) < stream", Tool.path], in: folder)
    #expect(run.status == status, "\(run.errors)")
    return try run.output.split(separator: "\n").map { try JSONValue.parse(String($0)) }
  }

  @Test func framesGetTheAnswersOfTheirFiles() throws {
    try PredictStreamTests().withModel { folder in
      let paths = (0..<100).map { "\($0 % 8).png" }
      let lines = try Tool.run(
        ["predict", "m.layertap", "-"], in: folder, input: paths.joined(separator: "\n") + "\n"
      ).output.split(separator: "\n").map { try JSONValue.parse(String($0)) }
      let files = try (0..<8).map { try FileSystem.read("\(folder)/\($0).png") }
      let stream = paths.indices.flatMap { Self.frame(Array("photo \($0)".utf8), files[$0 % 8]) }
      let found = try answers(stream, "--threads 3", in: folder, status: 0)
      #expect(found.count == 100 && lines.count == 100)
      for (index, (answer, line)) in zip(found, lines).enumerated() {
        #expect(answer["index"] == .integer(index) && answer["name"] == .string("photo \(index)"))
        #expect(answer["path"] == nil && answer["class"] == line["class"])
        #expect(answer["probabilities"] == line["probabilities"] && answer["milliseconds"] == nil)
      }
      let first = try answers(Self.frame([65], files[0]), "--time", in: folder, status: 0)
      #expect(first.count == 1 && (first[0]["milliseconds"]?.doubleValue ?? 0) > 0)
    }
  }

  @Test func badFramesAreAnsweredAndTheOthersToo() throws {
    try PredictStreamTests().withModel { folder in
      let file = try FileSystem.read("\(folder)/1.png")
      let name: [UInt8] = [0xFF, 0xFE, 65]
      let found = try answers(
        Self.frame(name, file) + Self.frame(Array("text".utf8), Array("no image".utf8)) + Self.frame([], [])
          + Self.frame(Array("cut".utf8), Array(file.prefix(30))) + Self.frame(Array("last".utf8), file),
        in: folder, status: 65)
      #expect(found.count == 5 && found[0]["nameBase64"] == .string(Base64.text(name)) && found[0]["name"] == nil)
      #expect(found.map { $0["error"] == nil } == [true, false, false, false, true])
      #expect(found.map { $0["index"] } == (0..<5).map { .integer($0) })
      // A lying length ends the stream with one line.
      let lying = try answers(
        Self.frame([65], file) + Self.frame([66], file, count: 1 << 50), in: folder, status: 65)
      #expect(lying.count == 2 && lying[1]["index"] == .integer(1))
      #expect(lying[1]["error"]?.stringValue?.contains("ends inside frame 1") == true)
    }
  }

  @Test func optionsOfStreamsNeedAStream() throws {
    try PredictStreamTests().withModel { folder in
      for options in [
        ["1.png", "--stdin", "frames"], ["1.png", "--time"], ["1.png", "--stdin", "paths", "--explain", "why"],
        ["-", "--stdin", "frames", "--null"], ["-", "--stdin", "tar"],
      ] {
        let outcome = try Tool.run(["predict", "m.layertap"] + options, in: folder)
        #expect(outcome.status == 64, "\(options): \(outcome)")
      }
    }
  }
}
