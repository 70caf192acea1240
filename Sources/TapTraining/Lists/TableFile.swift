// Tables that people or other programs wrote, read from a file or from standard input.

import TapFeatures
import TapFileSystem
import TapFormats

enum TableFile {
  /// The records of a table or of JSON lines, the header among them; see ``ListText``.
  ///
  /// - Throws: ``TrainingError/file(_:)``, ``TrainingError/labels(path:problem:)``.
  static func records(_ path: String) throws(TrainingError) -> [CSVRecord] {
    let list: ListText
    do { list = try ListText(path) } catch { throw .file(error) }
    do { return try list.records() } catch { throw .labels(path: list.name, problem: error.text) }
  }
}
