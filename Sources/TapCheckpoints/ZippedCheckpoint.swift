// Reads the format of torch.save since PyTorch 1.6. A file is an uncompressed zip archive with one folder. The folder
// contains `data.pkl`, `byteorder`, and a file `data/<key>` for each storage.

import TapFormats
import TapTensors

enum ZippedCheckpoint {
  /// The folder of a PyTorch checkpoint, including its slash; nil for other archives.
  static func folder(_ archive: ZipArchive) -> String? {
    let suffix = "data.pkl"
    let folders = archive.entries.map(\.name).filter { $0 == suffix || $0.hasSuffix("/" + suffix) }
    guard folders.count == 1, let name = folders.first else { return nil }
    return String(name.dropLast(suffix.count))
  }

  static func read(
    _ archive: ZipArchive, folder: String, in bytes: Span<UInt8>
  ) throws(CheckpointError.Reason) -> CheckpointWeights {
    if let order = archive[folder + "byteorder"] {
      guard try contents(order, archive, bytes) == Array("little".utf8) else { throw .bigEndian }
    }
    guard let pickle = archive[folder + "data.pkl"] else { throw .unknownFormat }
    let program = try contents(pickle, archive, bytes)
    let document: PickleDocument
    do throws(PickleError) {
      document = try Unpickler.read(program.span, at: 0).document
    } catch {
      throw .pickle(error)
    }

    let entries = Dictionary(archive.entries.map { ($0.name, $0) }) { first, _ in first }
    var offsets: [String: Int] = [:]
    for (key, reference) in try document.storagesByKey() {
      guard let entry = entries["\(folder)data/\(key)"] else { throw .missingStorage(key: key) }
      let size = reference.type.byteCount
      guard entry.size / size == reference.count, entry.size % size == 0 else {
        throw .storageSize(key: key, expected: reference.count, actual: entry.size / size)
      }
      offsets[key] = try start(of: entry, archive, bytes)
    }
    let named = try document.namedTensors()
    return CheckpointWeights(
      state: try StateDictionary(named.tensors, storages: offsets, in: bytes), warnings: named.warnings)
  }

  private static func contents(
    _ entry: ZipEntry, _ archive: ZipArchive, _ bytes: Span<UInt8>
  ) throws(CheckpointError.Reason) -> [UInt8] {
    do throws(ZipError) {
      return try archive.contents(of: entry, in: bytes)
    } catch {
      throw .archive(error)
    }
  }

  private static func start(
    of entry: ZipEntry, _ archive: ZipArchive, _ bytes: Span<UInt8>
  ) throws(CheckpointError.Reason) -> Int {
    let range: Range<Int>?
    do throws(ZipError) {
      range = try archive.storedRange(of: entry, in: bytes)
    } catch {
      throw .archive(error)
    }
    guard let range else { throw .compressedStorage(name: entry.name) }
    return range.lowerBound
  }
}
