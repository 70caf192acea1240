// The option `--report F.html`, which is the same in every command.

import LayerTap
import TapFileSystem
import TapReports
import TapText

/// The path of a report, checked before the work starts.
struct ReportFile {
  static let parameter = Parameter<String?>.optional(
    "report", .file, valueName: "file",
    topic: .output, isCommon: true,
    help: """
      Write an HTML page, complete in itself: charts, confusion matrix, classes, the surest mistakes as \
      images, and what reproduces it.
      """)

  let path: String

  /// Creates the report's path; nil if the user requests no report.
  ///
  /// - Throws: ``FileSystemError`` if the report could not be written.
  init?(_ arguments: ParsedArguments) throws {
    guard let path = arguments[Self.parameter] else { return nil }
    try FileSystem.requireWritable(path)
    self.path = path
  }

  /// Writes the page completely or not at all.
  func write(_ html: String, _ console: Console) throws {
    try OutputPaths.write(html, to: path)
    console.note("report: \(path)")
  }

  /// The name of this program and its command line.
  static var origin: ReportOrigin {
    ReportOrigin(
      program: "layertap \(CommandLineTool.version)", command: Environment.commandLine.map(ShellText.quoted))
  }
}
