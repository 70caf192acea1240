import TapFileSystem
import TestSupport
import Testing

/// Every case on the page about images names an existing fixture of the reference or an existing test.
@Test func everyDocumentedCaseIsTested() throws {
  let page = String(decoding: try FileSystem.read(Repository.path("Documentation/Images.md")), as: UTF8.self)
  let fixtures = Set(try Reference.table("fixtures.csv").compactMap { $0["file"] })
  let root = Repository.path("Tests")
  let sources = try DirectoryWalk(root).files.filter { $0.hasSuffix(".swift") }.map {
    String(decoding: try FileSystem.read(FileSystem.join(root, $0)), as: UTF8.self)
  }
  var cases = 0
  var isTable = false
  for line in page.split(separator: "\n", omittingEmptySubsequences: false) {
    let cells = line.split(separator: "|").map { $0.trimmingSpaces }
    guard line.hasPrefix("|"), let last = cells.last else {
      isTable = false
      continue
    }
    if last == "tests" { isTable = true }
    guard isTable, last != "tests", !last.hasPrefix("---") else { continue }
    let names = last.split(separator: "`").filter { !$0.allSatisfy { ", ".contains($0) } }.map(String.init)
    #expect(!names.isEmpty, "\(line)")
    for name in names {
      #expect(fixtures.contains(name) || sources.contains { $0.contains("func \(name)(") }, "\(name)")
    }
    cases += 1
  }
  #expect(cases >= 38)
}

extension Substring {
  fileprivate var trimmingSpaces: String {
    String(drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
