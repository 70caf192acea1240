import TapFileSystem
import TapONNX
import TestSupport
import Testing

/// The page of operators names every supported operator, and no other.
@Test func everyOperatorIsDocumented() throws {
  let page = String(
    decoding: try FileSystem.read(Repository.path("Documentation/Operators.md")), as: UTF8.self
  )
  .replacing("\n", with: " ")
  let list = ONNXEvaluator.supportedOperators.map { "`\($0)`" }.joined(separator: ", ")
  #expect(page.contains(list), "\(list)")
}
