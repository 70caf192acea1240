// The reasons why a model is not exported.

import TapBackbone
import TapClassifier
import TapFileSystem
import TapImages
import TapONNX

/// A network or a classifier could not be exported.
public enum ExportError: Error, Equatable, CustomStringConvertible {
  /// A node has no form in the operator set of the export. `reason` says why.
  case notTranslatable(node: String, operation: String, reason: String)
  /// The file would need more bytes than a message of protocol buffers may have.
  case tooLarge(bytes: Int, limit: Int)
  /// The written file computes other numbers than the model. The differences are divided by the largest number.
  case differs(part: String, difference: Double, allowed: Double)
  /// The written file cannot be read again.
  case unreadable(ONNXError)
  /// The network lacks a layer, or cannot be computed.
  case backbone(BackboneError)
  /// The classifier does not fit the network, or classifies no images.
  case classifier(ClassifierError)
  /// The preprocessing cannot be executed.
  case image(ImageError)
  /// The file cannot be written, or the program cannot be read.
  case file(FileSystemError)
  /// The file of the program is damaged.
  case program(ProgramFileError)
  /// The program needs libraries of this machine, so a copy of it does not run by itself.
  case notStatic

  public var description: String {
    switch self {
    case .notTranslatable(let node, let operation, let reason):
      "the node '\(node)' (\(operation)) cannot be written to an ONNX file of operator set \(ONNXExport.opset): \(reason). "
        + "Tap a layer before it"
    case .tooLarge(let bytes, let limit):
      "the file would have \(bytes) bytes, and an ONNX file has at most \(limit): tap a layer before the large weights"
    case .differs(let part, let difference, let allowed):
      "the written file was read again and computes other \(part): they differ by \(difference) of the largest, and at most "
        + "\(allowed) is allowed. Nothing was written; please report this"
    case .unreadable(let error):
      "the written file cannot be read again: \(error). Nothing was written; please report this"
    case .backbone(let error): error.description
    case .classifier(let error): error.description
    case .image(let error): error.description
    case .file(let error): error.description
    case .program(let error): error.description
    case .notStatic:
      "this program needs libraries of this machine, and an exported program must run by itself: export with the static command, "
        + "the file 'layertap' of a release's layertap-VERSION-linux-x86_64.tar.gz, or of 'Scripts/install --static'"
    }
  }
}
