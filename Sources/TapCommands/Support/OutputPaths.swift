// The outputs of a command. An output never replaces an input, and each result has a separate file.

import LayerTap
import TapFileSystem

/// The files that a command will write. The paths are checked before the command starts its work.
struct OutputPaths {
  /// A file to write, and the option that names the file.
  private struct Output {
    let name: String
    let path: String
  }

  private let outputs: [Output]

  /// - Parameter outputs: the path of each output, nil for no output, with the option that names the output.
  /// - Throws: ``UsageError`` for two results in one file.
  init(_ outputs: [(name: String, path: String?)]) throws(UsageError) {
    self.outputs = outputs.compactMap { name, path in path.map { Output(name: name, path: $0) } }
    for (index, output) in self.outputs.enumerated() {
      for other in self.outputs[..<index] where FileSystem.areSame(output.path, other.path) {
        throw .contradiction(
          "'\(other.name)' and '\(output.name)' both write \(output.path): give each a name of its own")
      }
    }
  }

  /// Checks, before any work is done, that the outputs can be written. Creates missing folders.
  func requireWritable() throws(FileSystemError) {
    for output in outputs { try FileSystem.requireWritable(output.path) }
  }

  /// Replaces a result completely or not at all. The folder of the result is created if it does not exist.
  static func write(_ text: String, to path: String) throws(FileSystemError) {
    try FileSystem.createDirectories(FileSystem.parent(of: path))
    try AtomicWriter.replace(path, with: text)
  }

  /// - Throws: ``UsageError`` if an output is one of `inputs`, which are files or folders of images.
  func require(apartFrom inputs: [String?]) throws(UsageError) {
    for output in outputs {
      for input in inputs.compactMap(\.self) where FileSystem.areSame(output.path, input) {
        throw Self.overwrites(output, input)
      }
    }
  }

  /// - Throws: ``UsageError`` if an output is an image of `list`.
  func require(apartFrom list: ImageList) throws(UsageError) {
    for output in outputs {
      let images = list.items.lazy.map(list.location)
      if let image = FileSystem.first(of: images, sameAs: output.path) {
        throw Self.overwrites(output, image)
      }
    }
  }

  /// - Throws: ``UsageError`` if an output lies in the store at `folder`.
  func require(outside folder: String) throws(UsageError) {
    for output in outputs where FileSystem.contains(output.path, in: folder) {
      throw .contradiction(
        "'\(output.name)' would write \(output.path) into the store \(folder): choose a place outside it")
    }
  }

  private static func overwrites(_ output: Output, _ input: String) -> UsageError {
    .contradiction(
      "'\(output.name)' would replace \(input), which this command reads: choose another name")
  }
}
