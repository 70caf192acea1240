// Errors of files that are not safetensors. Each defect has one case.

/// The reason why a file is not valid safetensors.
package enum SafetensorsError: Error, Equatable, CustomStringConvertible {
  case truncatedHeader(bytes: Int)
  case headerTooLarge(bytes: UInt64, limit: Int)
  case badHeader(JSONError)
  case badMetadata
  /// The `dtype`, `shape` or `data_offsets` of a tensor is absent or wrong, or the tensor has other fields.
  case badEntry(tensor: String)
  case unknownType(tensor: String, type: String)
  case shapeOverflows(tensor: String, shape: [Int])
  /// The offsets and the shape give different numbers of bytes.
  case wrongSize(tensor: String, shape: [Int], expectedBytes: Int, actualBytes: Int)
  /// The tensor does not begin at the end of the tensor before it.
  case holeOrOverlap(tensor: String, expectedOffset: Int, actualOffset: Int)
  /// The end of the tensors is not the end of the file.
  case wrongLength(expectedBytes: Int, actualBytes: Int)
  case noTensor(String)

  package var description: String {
    switch self {
    case .truncatedHeader(let bytes): "the safetensors header is cut off: the file has \(bytes) bytes"
    case .headerTooLarge(let bytes, let limit):
      "the safetensors header claims \(bytes) bytes; the limit is \(limit). Perhaps this is another kind of file"
    case .badHeader(let error): "the safetensors header is not sound JSON: \(error)"
    case .badMetadata: "the safetensors __metadata__ is not an object of texts"
    case .badEntry(let tensor):
      "the safetensors entry \"\(tensor)\" should have a dtype, a shape and two data_offsets"
    case .unknownType(let tensor, let type): "the tensor \"\(tensor)\" has the unknown type \(type)"
    case .shapeOverflows(let tensor, let shape):
      "the tensor \"\(tensor)\" of shape \(shape) has too many elements"
    case .wrongSize(let tensor, let shape, let expected, let actual):
      "the tensor \"\(tensor)\" of shape \(shape) needs \(expected) bytes but has \(actual)"
    case .holeOrOverlap(let tensor, let expected, let actual):
      "the tensor \"\(tensor)\" begins at byte \(actual); expected \(expected), where the one before it ends"
    case .wrongLength(let expected, let actual):
      "the safetensors data should have \(expected) bytes but has \(actual)"
    case .noTensor(let name): "there is no tensor \"\(name)\""
    }
  }
}
