// Reading of a store. A reader sees the rows that were committed when it opened the store. Readers change nothing and
// need no lock; a writer may append rows at the same time.

import TapFileSystem
import TapFormats
import TapProvenance
import TapTensors

/// Features of images on disk: for every column a float32 matrix `[rows, dimensions]`.
///
/// A row belongs to a content. The key of a row is the SHA-256 of a file's bytes, and images of the same bytes share a
/// row. ``items()`` gives the row of each image. Documentation/StoreFormat.md describes the files.
public struct FeatureStore: Sendable {
  /// The store's folder.
  public let path: String
  /// The identity of the features: everything that features depend on except the image and the column.
  public let identity: BackboneIdentity
  /// The columns, in the order in which they were added.
  public let columns: [StoredColumn]
  /// SHA-256 of each row's image.
  package let keys: [Digest]

  let folder: StoreFolder

  /// The number of committed rows.
  public var rowCount: Int { keys.count }

  /// Opens the store at `path`, or the only store in the folder `path`.
  ///
  /// - Throws: ``FeatureError/notAStore(path:)``; ``FeatureError/severalStores(path:names:)``;
  ///   ``FeatureError/damaged(path:problem:)`` or ``FeatureError/laterFormat(path:format:known:)`` if files do not
  ///   match their format.
  public init(path: String) throws(FeatureError) {
    folder = StoreFolder(path: try Self.find(path))
    self.path = folder.path
    let description = try StoreDescription(in: folder)
    identity = description.identity
    columns = description.columns
    keys = try KeyFile.read(folder.keys)
  }

  /// Whether `path` is a store, or a folder that holds stores.
  public static func exists(at path: String) -> Bool {
    do {
      _ = try find(path)
      return true
    } catch FeatureError.severalStores {
      return true
    } catch {
      return false
    }
  }

  /// The matrix of a column, mapped from its file: `X: [rowCount, dimensions]`.
  ///
  /// - Throws: ``FeatureError/noSuchColumn(name:available:path:)``; ``FeatureError/damaged(path:problem:)`` if the file
  ///   is shorter than the committed rows.
  public func matrix(_ column: Column) throws(FeatureError) -> MatrixView {
    try matrix(try stored(column))
  }

  func matrix(_ stored: StoredColumn) throws(FeatureError) -> MatrixView {
    let file = folder.values(stored)
    let bytes = ColumnFile.headerBytes + rowCount * stored.dimensions * MemoryLayout<Float>.size
    let map: MappedFile
    do {
      map = try MappedFile(path: file, minimumCount: bytes)
    } catch FileSystemError.fileTooShort(_, let expected, let actual) {
      throw .damaged(
        path: file, problem: "expected at least \(expected) bytes for \(rowCount) rows, found \(actual)")
    } catch {
      throw .file(error)
    }
    return MatrixView(
      map, offset: ColumnFile.headerBytes, rows: rowCount, columns: stored.dimensions)
  }

  /// The store's column that equals `column`.
  public func stored(_ column: Column) throws(FeatureError) -> StoredColumn {
    guard let stored = columns.first(where: { $0.column == column }) else {
      throw .noSuchColumn(name: column.name, available: columns.map(\.column.name), path: path)
    }
    return stored
  }

  /// The images of the last run's list, in list order; nil before the first run has ended.
  public func items() throws(FeatureError) -> [StoredItem]? {
    guard FileSystem.exists(folder.items) else { return nil }
    let bytes = try onFiles { () throws(FileSystemError) in try FileSystem.read(folder.items) }
    return try ItemTable.decode(bytes, path: folder.items, rows: rowCount)
  }

  /// The images of the last run's list as the text of `items.csv`; only the first line before the first run has ended.
  ///
  /// - Throws: the errors of ``items()``.
  package func itemTable() throws(FeatureError) -> String {
    String(decoding: ItemTable.encode(try items() ?? []), as: UTF8.self)
  }

  private static func find(_ path: String) throws(FeatureError) -> String {
    if FileSystem.exists(StoreFolder(path: path).description) { return path }
    guard FileSystem.isDirectory(path) else {
      if FileSystem.exists(path) { throw .notAStore(path: path) }
      throw .file(.missing(path))
    }
    let names = try onFiles { () throws(FileSystemError) in try FileSystem.list(path) }
    let stores = names.filter { $0.utf8.first != UInt8(ascii: ".") }.map { FileSystem.join(path, $0) }
      .filter { FileSystem.exists(StoreFolder(path: $0).description) }
    guard let store = stores.first else { throw .notAStore(path: path) }
    guard stores.count == 1 else { throw .severalStores(path: path, names: stores) }
    return store
  }
}

extension MatrixView {
  /// A matrix in a mapped file, `offset` bytes from the file's start. The start of the matrix must be aligned for a
  /// float.
  ///
  /// - Precondition: `offset` is a multiple of 4; the elements lie in the file.
  package init(_ map: MappedFile, offset: Int, rows: Int, columns: Int) {
    precondition(offset % 4 == 0, "floats at \(offset)")
    let bytes = rows * columns * MemoryLayout<Float>.size
    guard rows > 0, let start = unsafe map.pointer(at: offset, count: bytes) else {
      self.init(rows: 0, columns: columns, elements: [])
      return
    }
    // A mapping begins at a page, so the matrix is aligned for floats.
    unsafe self.init(
      base: start.assumingMemoryBound(to: Float.self), rows: rows, columns: columns, rowStride: columns,
      owner: map)
  }

  /// The SHA-256 of a row's bytes, in hexadecimal.
  package func hash(ofRow row: Int) -> String {
    withRow(row) { values in
      unsafe values.withUnsafeBytes { unsafe SHA256.hash(Span<UInt8>(_unsafeBytes: $0)).hex }
    }
  }
}
