// A pipeline file: JSON5 that names its task and holds the task's fields.

import TapFileSystem
import TapFormats

/// The contents of a pipeline file.
public enum PipelineFile: Hashable, Sendable {
  /// Layers and classifiers compared on labeled images.
  case compare(RunConfiguration)
  /// Images classified by the backbone's own classes.
  case classify(ClassificationConfiguration)

  /// Names of tasks: the values of the field `task`.
  private enum Task: String, CaseIterable {
    case compare, classify
  }

  /// Reads a pipeline file; without the field `task`, the task is a comparison.
  ///
  /// - Throws: ``RunError/configuration(file:line:field:problem:)`` for bad syntax, unknown fields,
  ///   values of the wrong type or out of range; ``RunError/file(_:)`` when the file cannot be read.
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
    switch try fields.choice("task") ?? Task.compare {
    case .compare: self = .compare(try RunConfiguration(fields, hash: SHA256.hash(bytes)))
    case .classify: self = .classify(try ClassificationConfiguration(fields))
    }
  }
}
