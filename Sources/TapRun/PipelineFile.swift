// A pipeline file: a JSON5 file that names its task and has the fields of the task.

import TapFileSystem
import TapFormats

/// The contents of a pipeline file.
public enum PipelineFile: Hashable, Sendable {
  /// A comparison of layers and classifiers on labeled images.
  case compare(RunConfiguration)
  /// A classification of images by the backbone's own classes.
  case classify(ClassificationRunConfiguration)

  /// The names of tasks, which are the values of the field `task`.
  private enum Task: String, CaseIterable {
    case compare, classify
  }

  /// Reads a pipeline file. Without the field `task`, the task is a comparison.
  ///
  /// - Throws: ``RunError/configuration(file:line:field:problem:)`` for bad syntax, unknown fields, and values of the
  /// wrong type or out of range; ``RunError/file(_:)`` if the file cannot be read.
  public init(contentsOf path: String) throws(RunError) {
    let bytes: [UInt8]
    do { bytes = try FileSystem.read(path, atMost: FileSystem.documentLimit, allowsPipe: true) } catch {
      throw .file(error)
    }
    let document: JSONDocument
    do { document = try JSONDocument(bytes, json5: true) } catch {
      throw .syntax(file: path, error)
    }
    let fields = try ConfigurationReader(document, file: path)
    _ = try fields.string("$schema")
    switch try fields.choice("task") ?? Task.compare {
    case .compare: self = .compare(try RunConfiguration(fields, hash: SHA256.hash(bytes)))
    case .classify: self = .classify(try ClassificationRunConfiguration(fields))
    }
  }
}
