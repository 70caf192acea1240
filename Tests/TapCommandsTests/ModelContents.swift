import TapFileSystem
import TapFormats

/// The contents of a model file, except the record of the format of its features.
struct ModelContents: Equatable {
  let metadata: [String: String]
  let tensors: [String: [UInt8]]

  init(_ path: String) throws {
    let bytes = try FileSystem.read(path)
    let file = try Safetensors(bytes.span)
    metadata = file.metadata.filter { $0.key != "indexBase" }
    tensors = file.entries.mapValues { Array(bytes[$0.range]) }
  }
}
