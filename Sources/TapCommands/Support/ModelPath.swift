// The path of a model file that a command writes, checked before the work starts.

import LayerTap
import TapFileSystem

/// The path of a model file to write.
enum ModelPath {
  /// Refuses a folder, a name with the extension of another kind of file, and a place that cannot be written.
  ///
  /// - Parameters:
  ///   - option: the option that names the file: `--output`.
  ///   - valueName: the name of the option's value in the help: `file`.
  static func require(_ path: String, option: String, valueName: String) throws {
    let ending = FileSystem.fileExtension(of: path)
    if ["csv", "html", "json", "npy", "npz", "onnx", "txt"].contains(ending) {
      let other =
        switch ending {
        case "html": "; the page is written by --report"
        case "csv", "json", "txt": "; 'compare --output' writes a table"
        case "npy", "npz": "; 'extract --output' writes a matrix"
        default: ""
        }
      throw UsageError.contradiction(
        "The value '\(path)' is invalid for '\(option) <\(valueName)>': a model is written, such as NAME.layertap\(other)"
      )
    }
    if FileSystem.isDirectory(path) { throw CommandError.outputIsFolder(path, option: option) }
    try FileSystem.requireWritable(path)
  }
}

extension FeatureStore {
  /// The backbone of the store; nil, with a warning, if the weights that computed the store's features are not on this
  /// machine. Only the golden scores, which a model file keeps as a check, need the backbone.
  func backboneForModel(_ console: Console) throws -> Backbone? {
    let backbone: Backbone
    do { backbone = try Backbone.load(identity.backbone) } catch {
      try console.warn("The store's backbone is not here, so the model gets no golden scores: \(error)")
      return nil
    }
    guard backbone.weightsHash == identity.weightsHash else {
      try console.warn(
        "The store was made with other weights than those here: the model gets no golden scores.")
      return nil
    }
    return backbone.withPreprocessingAndAlgorithms(of: identity)
  }
}
