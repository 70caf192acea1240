// The two files of one column that is being written: `<column>.npy` (or `.partial` until all rows are filled) and
// `<column>.crc`. Both files are always appended together.

import TapFileSystem
import TapFormats

/// The two files of a column, open for writing.
struct ColumnFile {
  static let headerBytes = 128
  static let checksumBytes = 4

  let stored: StoredColumn
  private let values: File
  private let checksums: File
  /// The number of rows that are on the disk.
  private(set) var rows: Int
  private var pendingValues: [UInt8] = []
  private var pendingChecksums: [UInt8] = []

  private var rowBytes: Int { stored.dimensions * MemoryLayout<Float>.size }

  /// The number of appended rows, both on the disk and in memory.
  var appendedRows: Int { rows + pendingChecksums.count / Self.checksumBytes }

  var pendingBytes: Int { pendingValues.count + pendingChecksums.count }

  /// Creates both files, without rows.
  init(
    creating stored: StoredColumn, values: String, checksums: String, faults: WriteFaults?
  ) throws(FileSystemError) {
    self.stored = stored
    self.values = try File(creating: values, faults: faults)
    self.checksums = try File(creating: checksums, faults: faults)
    self.rows = 0
    try writeHeader()
    try synchronize()
  }

  /// Opens both files without changing them. The caller must call ``recover(rows:)`` next.
  init(
    opening stored: StoredColumn, values: String, checksums: String, faults: WriteFaults?
  ) throws(FileSystemError) {
    self.stored = stored
    self.values = try File(updating: values, faults: faults)
    self.checksums = try File(updating: checksums, faults: faults)
    self.rows = 0
  }

  /// Opens both files for reading only.
  init(reading stored: StoredColumn, values: String, checksums: String) throws(FileSystemError) {
    self.stored = stored
    self.values = try File(reading: values)
    self.checksums = try File(reading: checksums)
    self.rows = 0
  }

  /// The number of rows that both files hold completely.
  func completeRows() throws(FileSystemError) -> Int {
    let valueBytes = max(try values.size() - Self.headerBytes, 0)
    return min(valueBytes / rowBytes, try checksums.size() / Self.checksumBytes)
  }

  /// Whether both files have exactly `rows` rows, and the header states this number.
  func isAtRest(rows: Int) throws(FileSystemError) -> Bool {
    let (valueBytes, sumBytes) = (try values.size(), try checksums.size())
    guard valueBytes == Self.headerBytes + rows * rowBytes, sumBytes == rows * Self.checksumBytes else {
      return false
    }
    return try headerRows() == rows
  }

  /// The number of rows in the header, which NumPy reads; nil if the header is not one of this column.
  func headerRows() throws(FileSystemError) -> Int? {
    let bytes = try values.read(at: 0, count: Self.headerBytes)
    guard let (header, offset) = try? NPYHeader.parse(bytes), offset == Self.headerBytes,
      header.elementType == .float32, !header.fortranOrder, header.shape.count == 2,
      header.shape[1] == stored.dimensions
    else { return nil }
    return header.shape[0]
  }

  /// The values of a row that is on the disk.
  func values(ofRow row: Int) throws(FileSystemError) -> [Float] {
    let bytes = try values.read(at: Self.headerBytes + row * rowBytes, count: rowBytes)
    guard bytes.count == rowBytes else {
      throw .fileTooShort(path: values.path, expected: rowBytes, actual: bytes.count)
    }
    return bytes.span.values(Float.self, at: 0, count: stored.dimensions)
  }

  /// Whether the values of row `row` match the row's check sum.
  func isIntact(row: Int) throws(FileSystemError) -> Bool {
    let bytes = try values.read(at: Self.headerBytes + row * rowBytes, count: rowBytes)
    let sum = try checksums.read(at: row * Self.checksumBytes, count: Self.checksumBytes)
    guard bytes.count == rowBytes, sum.count == Self.checksumBytes else { return false }
    return CRC32.checksum(bytes) == sum.span.littleEndian(UInt32.self, at: 0)
  }

  /// Cuts off rows that were never committed, and sets the header to the number of committed rows. Writes only if
  /// something must change.
  mutating func recover(rows: Int) throws(FileSystemError) {
    let valueBytes = Self.headerBytes + rows * rowBytes
    if try values.size() != valueBytes { try values.truncate(to: valueBytes) }
    if try checksums.size() != rows * Self.checksumBytes {
      try checksums.truncate(to: rows * Self.checksumBytes)
    }
    self.rows = rows
    if try headerRows() != rows { try writeHeader() }
  }

  /// Keeps a row in memory for the next ``flush()``. Returns the row's check sum.
  @discardableResult
  mutating func append(_ row: Span<Float>) -> UInt32 {
    precondition(row.count == stored.dimensions, "\(row.count) values for \(stored.dimensions) dimensions")
    let start = pendingValues.count
    unsafe row.withUnsafeBytes { unsafe pendingValues.append(contentsOf: $0) }
    let sum = CRC32.checksum(pendingValues.span.extracting(start..<pendingValues.count))
    pendingChecksums.append(littleEndian: sum)
    return sum
  }

  mutating func append(_ row: [Float]) { append(row.span) }

  /// Appends the rows in memory to the files and waits for the disk: first the values, then the check sums.
  mutating func flush() throws(FileSystemError) {
    guard !pendingChecksums.isEmpty else { return }
    try values.write(pendingValues, at: Self.headerBytes + rows * rowBytes)
    try values.synchronize()
    try checksums.write(pendingChecksums, at: rows * Self.checksumBytes)
    try checksums.synchronize()
    rows = appendedRows
    pendingValues.removeAll(keepingCapacity: true)
    pendingChecksums.removeAll(keepingCapacity: true)
  }

  /// Sets the header to the number of rows on the disk.
  func writeHeader() throws(FileSystemError) {
    let header = NPYHeader(elementType: .float32, shape: [rows, stored.dimensions])
    let bytes = header.encoded(length: Self.headerBytes)
    precondition(bytes.count == Self.headerBytes, "a header of \(bytes.count) bytes")
    try values.write(bytes, at: 0)
  }

  func synchronize() throws(FileSystemError) {
    try values.synchronize()
    try checksums.synchronize()
  }
}
