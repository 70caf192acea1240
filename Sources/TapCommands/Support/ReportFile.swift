// `--report F.html`, as every command takes it.

import LayerTap
import TapFileSystem
import TapReports

/// Where a report goes, looked at before the work that it reports on.
struct ReportFile {
  static let parameter = Parameter<String?>.optional(
    "report", .file, valueName: "file",
    topic: .output, isCommon: true,
    help: """
      Write an HTML page, complete in itself: charts, confusion matrix, classes, the surest mistakes as \
      pictures, and what reproduces it.
      """)

  let path: String

  /// Nil if no report is asked for.
  ///
  /// - Throws: ``FileSystemError`` where it could not be written.
  init?(_ arguments: ParsedArguments) throws {
    guard let path = arguments[Self.parameter] else { return nil }
    try FileSystem.requireWritable(path)
    self.path = path
  }

  /// Writes the page whole or not at all.
  func write(_ html: String, _ console: Console) throws {
    try OutputPaths.write(html, to: path)
    console.note("report: \(path)")
  }

  /// This program and its command line.
  static var origin: ReportOrigin {
    ReportOrigin(
      program: "layertap \(CommandLineTool.version)", command: Environment.commandLine.map(ShellText.quoted))
  }
}
