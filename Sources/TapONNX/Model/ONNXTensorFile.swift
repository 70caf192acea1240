// Reads a tensor from a separate file: a TensorProto, as in the data of the backend tests.

import TapFileSystem
import TapFormats
import TapONNXOperators

package enum ONNXTensorFile {
  /// Reads the tensor and its name from a file.
  ///
  /// - Throws: ``ONNXError`` if the file is not a TensorProto of a supported type.
  package static func read(_ path: String) throws(ONNXError) -> (name: String, value: ONNXTensor) {
    do throws(ONNXError.Reason) {
      let file: MappedFile
      do throws(FileSystemError) {
        file = try MappedFile(path: path)
      } catch {
        throw .file(error)
      }
      return try file.withBytes { (bytes) throws(ONNXError.Reason) in
        let message: TensorMessage
        do throws(ProtobufError) {
          message = try TensorMessage(ProtobufFields(fileOf: bytes.count), bytes)
        } catch {
          throw .protobuf(error)
        }
        var reader = ONNXTensorReader(folder: nil)
        return (message.name, try reader.value(message, name: message.name, in: bytes))
      }
    } catch {
      throw ONNXError(path: path, reason: error)
    }
  }
}
