// Tables that people or other programs wrote, read from a file.

import TapFileSystem
import TapFormats

enum TableFile {
  /// The records of a CSV file, the header among them. In a file with the extension `tsv`, tabs separate the fields.
  ///
  /// - Throws: ``TrainingError/file(_:)``, ``TrainingError/labels(path:problem:)``.
  static func records(_ path: String) throws(TrainingError) -> [CSVRecord] {
    let bytes: [UInt8]
    do { bytes = try FileSystem.read(path, allowsPipe: true) } catch { throw .file(error) }
    do {
      return try CSV.tableRecords(bytes, isTabbed: FileSystem.fileExtension(of: path) == "tsv")
    } catch { throw .labels(path: path, problem: error.description) }
  }
}
