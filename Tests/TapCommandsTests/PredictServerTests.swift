// `predict --listen` serves clients of a socket, among them those of Examples.

import TapFileSystem
import TapFormats
import TestSupport
import Testing

@Suite(.needs(.lite0)) struct PredictServerTests {
  /// Runs a script beside a server at `socket`, and then ends the server. The output ends with the server's exit code.
  private func serve(_ options: String, _ script: String, in folder: String) throws -> Tool.Outcome {
    let server = #"""
      "$0" predict m.layertap --listen unix:socket --threads 2 \#(options) 2> notes & pid=$!
      for ((i = 0; i < 200; i++)); do [[ -S socket ]] && break; sleep 0.05; done
      \#(script)
      kill -TERM $pid; wait $pid; echo "exit code $?"; cat notes >&2
      [[ ! -e socket ]] || echo "the socket is left"
      """#
    return try Tool.run("/bin/bash", ["-c", server, Tool.path], in: folder)
  }

  @Test func theExamplesGetTheAnswersOfTheCommand() throws {
    try PredictStreamTests().withModel { folder in
      let lines = try Tool.run(
        ["predict", "m.layertap", "-"], in: folder, input: (0..<8).map { "\($0).png\n" }.joined()
      ).output.split(separator: "\n").map { try JSONValue.parse(String($0)) }
      let client = Repository.path("Examples/python/client.py")
      let run = try serve("", "python3 '\(client)' socket [0-7].png notes", in: folder)
      #expect(run.status == 0, "\(run.errors)")
      let answers = run.output.split(separator: "\n").map(String.init)
      try #require(answers.count == 10, "\(run.output)")
      for (index, line) in lines.enumerated() {
        #expect(answers[index] == "\(index).png: \(line["class"]?.stringValue ?? "")")
      }
      #expect(answers[8].hasPrefix("notes: ") && answers[9] == "exit code 0")
      let compiled = try Tool.run(
        "/bin/bash",
        [
          "-c",
          "cc -std=c11 -D_POSIX_C_SOURCE=200809L -Wall -Wextra -Werror '\(Repository.path("Examples/c/client.c"))' -o client",
        ], in: folder)
      #expect(compiled.status == 0, "\(compiled.errors)")
      let other = try serve("--time --top 1", "./client socket 3.png", in: folder)
      let first = try #require(other.output.split(separator: "\n").first)
      let answer = try JSONValue.parse(String(first))
      #expect(
        answer["class"] == lines[3]["class"] && answer["name"] == .string("3.png") && answer["index"] == .integer(0))
      #expect(answer["probabilities"]?.objectValue?.count == 1 && (answer["milliseconds"]?.doubleValue ?? 0) > 0)
      #expect(other.output.hasSuffix("exit code 0\n"), "\(other.output)")
    }
  }

  @Test func wrongArgumentsAreRefused() throws {
    try PredictStreamTests().withModel { folder in
      for (options, status, words) in [
        (["--listen", "tcp:80"], 64, "'unix:' and a path"), (["--listen", "unix:"], 64, "'unix:' and a path"),
        (["--listen", "unix:s", "1.png"], 64, "name none"), (["--listen", "unix:s", "--null"], 64, "'--null'"),
        (["--listen", "unix:s", "--format", "csv"], 64, "'--format'"),
        (["--listen", "unix:1.png"], 73, "not a socket"),
        (["--listen", "unix:\(String(repeating: "l", count: 120))"], 64, "at most 107"), ([], 64, "images"),
      ] as [([String], Int32, String)] {
        let outcome = try Tool.run(["predict", "m.layertap"] + options, in: folder)
        #expect(outcome.status == status && outcome.errors.contains(words), "\(options): \(outcome)")
      }
    }
  }
}
