// The reasons why a file is not a readable checkpoint, and the text of each reason.

import TapFileSystem
import TapFormats

/// A checkpoint could not be read.
public struct CheckpointError: Error, Equatable, CustomStringConvertible {
  /// The path as the caller gave it.
  public let path: String
  package let reason: Reason

  package enum Reason: Error, Equatable {
    /// The file itself cannot be read.
    case file(FileSystemError)
    /// The file is not PyTorch's legacy pickle, not a zip archive and not safetensors.
    case unknownFormat
    /// The file is of another known kind.
    case otherFile(UnsupportedFile)
    case archive(ZipError)
    case safetensors(SafetensorsError)
    case pickle(PickleError)
    /// The file is a zip archive that is not a PyTorch checkpoint and does not contain exactly one `.pth` file.
    case noSingleCheckpoint(found: [String])
    /// The file is a zip archive inside a zip archive inside a zip archive.
    case nestedArchives
    /// The file was written on a big-endian machine. Such a file is refused, since this program does not swap bytes.
    case bigEndian
    /// The root of the pickle is not a dictionary of tensors, and does not contain one below the key `state_dict`.
    case notStateDictionary(found: String)
    /// A value of the state dictionary is not a tensor.
    case notTensor(name: String, found: String)
    case duplicateName(String)
    /// A storage that a tensor needs is not in the file.
    case missingStorage(key: String)
    /// The list of storages has a key that no tensor refers to, or has a key twice.
    case unknownStorage
    /// A storage is compressed. PyTorch never compresses storages.
    case compressedStorage(name: String)
    /// The size of a storage in the file differs from its size in the pickle.
    case storageSize(key: String, expected: Int, actual: Int)
    /// The tensor's offset, shape and strides are negative, overflow, or reach outside the tensor's storage.
    case tensorOutsideStorage(name: String, offset: Int, shape: [Int], strides: [Int], storage: Int)
    case tooManyElements(name: String, limit: Int)
    /// The file ends within its storages.
    case truncated(expected: Int, actual: Int)
    case trailingBytes(Int)
    /// An index of shards has no list of tensors (`weight_map`).
    case noWeightMap
    /// An index names a file that would not be in the folder of the index.
    case shardName(tensor: String)
    case missingShard(name: String, of: Int)
    /// A shard's tensors are not the tensors that the index lists for it.
    case otherShard(name: String, missing: [String], extra: [String])
  }

  public var description: String {
    if case .file(let error) = reason { "\(error)" } else { "\(path): \(reason)" }
  }
}

extension CheckpointError.Reason: CustomStringConvertible {
  public var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .unknownFormat:
      "not a checkpoint; expected a PyTorch state dict (.pth), a zip or wheel that holds one, or safetensors"
    case .otherFile(let file): "not a checkpoint but \(file)"
    case .archive(let error): "\(error)"
    case .safetensors(let error): "\(error)"
    case .pickle(let error): "\(error)"
    case .noSingleCheckpoint(let found):
      "the archive should hold exactly one .pth file but holds "
        + (found.isEmpty ? "none" : found.joined(separator: ", "))
    case .nestedArchives: "an archive within an archive; unpack it first"
    case .bigEndian:
      "the checkpoint was written on a big-endian machine; save it again on a little-endian one"
    case .notStateDictionary(let found):
      "expected a state dict (names with tensors), or one below the key \"state_dict\"; found \(found). "
        + "Save the weights with torch.save(model.state_dict(), path)"
    case .notTensor(let name, let found): "the value of \"\(name)\" should be a tensor but is \(found)"
    case .duplicateName(let name): "the name \"\(name)\" is there twice"
    case .missingStorage(let key): "the storage \"\(key)\" is missing"
    case .unknownStorage: "the list of storages does not agree with the tensors; the file is damaged"
    case .compressedStorage(let name):
      "the storage \(name) is compressed; PyTorch never does that. Save the weights again with torch.save"
    case .storageSize(let key, let expected, let actual):
      "the storage \"\(key)\" should have \(expected) elements but has \(actual)"
    case .tensorOutsideStorage(let name, let offset, let shape, let strides, let storage):
      "the tensor \"\(name)\" (offset \(offset), shape \(shape), strides \(strides)) reaches outside its "
        + "storage of \(storage) elements"
    case .tooManyElements(let name, let limit):
      "the tensors up to \"\(name)\" have more than \(limit) elements in all"
    case .truncated(let expected, let actual):
      "the file is cut off: expected \(expected) bytes, found \(actual). Fetch it again"
    case .trailingBytes(let count): "\(count) bytes follow the last storage; the file is damaged"
    case .noWeightMap:
      "not an index of a checkpoint in several files: expected {\"weight_map\": {tensor: file}} with at least one tensor"
    case .shardName(let tensor):
      "the file of the tensor \"\(tensor)\" in \"weight_map\" should be the name of a file beside the index"
    case .missingShard(let name, let count):
      "the file \(name), one of \(count) that the index lists, is not beside it. Fetch it too"
    case .otherShard(let name, let missing, let extra):
      "the index and \(name) do not belong together: "
        + [(missing, "it lacks"), (extra, "beyond the index it has")].filter { !$0.0.isEmpty }
        .map { "\($0.1) \($0.0[0])\($0.0.count > 1 ? " and \($0.0.count - 1) more" : "")" }
        .joined(separator: ", ")
    }
  }
}
