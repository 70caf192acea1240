import FoundationEssentials
import TestSupport
import Testing

/// Runs the program that the documentation shows.
@Suite struct ExampleTests {
  @Test(.needs(.lite0)) func itRuns() throws {
    let weights = try Weights.lite0Path()
    let program = String(Tool.path.dropLast("layertap".count)) + "ExampleProgram"
    try withTemporaryFolder { folder in
      let outcome = try Tool.run(
        program, [Repository.path("data/surfaces")], in: folder,
        environment: ["LAYERTAP_WEIGHTS": String(weights.dropLast(Weights.lite0FileName.count + 1))])
      #expect(outcome.status == 0 && outcome.errors == "")
      #expect(outcome.output.hasPrefix("features of 288 images; the first value is "))
      #expect(outcome.output.hasSuffix("\n140 of 144 test images are right\n"))
    }
  }
}
