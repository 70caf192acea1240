// The text of a list: a table, JSON lines, or plain paths, from a file, a pipe or standard input.

import TapFileSystem
import TapFormats

/// The reason why the text of a list cannot be read.
package struct ListProblem: Error, Equatable {
  /// The number of the line, from 1; nil if the problem names its line.
  package let line: Int?
  package let problem: String

  /// The problem with its line, for messages.
  package var text: String { line.map { "line \($0): \(problem)" } ?? problem }
}

/// The text of a list.
package struct ListText: Sendable {
  /// The list in messages: its path, or `standard input`.
  package let name: String
  /// Whether each line is a JSON object.
  package let hasObjects: Bool

  private let bytes: [UInt8]
  private let isTabbed: Bool

  /// Endings of the names of lists whose lines are JSON objects.
  static let endingsOfObjects = ["jsonl", "ndjson"]

  /// Fields that are texts, also under their other names.
  private static let texts: Set<String> = [
    "path", "file", "filename", "image", "label", "class", "split", "group",
  ]

  /// A list of JSON lines in memory.
  init(name: String, objects: [UInt8]) {
    self.name = name
    bytes = objects
    hasObjects = true
    isTabbed = false
  }

  /// Reads a list. The path `-` stands for standard input.
  package init(_ path: String) throws(FileSystemError) {
    bytes = try FileSystem.readInput(path)
    name = path == StandardInput.word ? StandardInput.name : path
    let ending = FileSystem.fileExtension(of: path)
    isTabbed = ending == "tsv"
    hasObjects = Self.endingsOfObjects.contains(ending) || JSONLines.isBeginning(of: bytes)
  }

  /// The records of the table or of the JSON lines. The first record has the names of the columns.
  ///
  /// - Parameter labelField: the name of the field of labels, if it is not one of the usual names.
  package func records(labelField: String? = nil) throws(ListProblem) -> [CSVRecord] {
    if hasObjects {
      do {
        return try JSONLines.records(bytes, texts: Self.texts.union([labelField].compactMap(\.self)))
      } catch { throw ListProblem(line: error.line, problem: error.problem) }
    }
    try requireShortLines()
    do { return try CSV.tableRecords(bytes, isTabbed: isTabbed) } catch {
      throw ListProblem(line: nil, problem: "\(error)")
    }
  }

  /// The nonempty lines, each as a record of one field.
  func lines() throws(ListProblem) -> [CSVRecord] {
    try requireShortLines()
    do { return try CSV.lines(bytes) } catch { throw ListProblem(line: nil, problem: "\(error)") }
  }

  private func requireShortLines() throws(ListProblem) {
    let limit = JSONLines.longestLine
    var (number, start) = (1, 0)
    while start < bytes.count {
      let end = bytes[start...].firstIndex { $0 == 0x0A || $0 == 0x0D } ?? bytes.count
      guard end - start <= limit else {
        throw ListProblem(
          line: number, problem: "expected a line of at most \(limit) bytes, found \(end - start) bytes")
      }
      let isPair = end + 1 < bytes.count && bytes[end] == 0x0D && bytes[end + 1] == 0x0A
      start = end + (isPair ? 2 : 1)
      number += 1
    }
  }
}
