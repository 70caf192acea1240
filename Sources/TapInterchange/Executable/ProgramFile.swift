// The file of a program in the Executable and Linkable Format (ELF, 64 bits, little-endian; System V ABI, chapter 4),
// to which a model may be appended.
//
// The model begins at a multiple of 4,096 bytes after the program. The file ends with a trailer of 32 bytes: the 16
// bytes `LAYERTAPMODEL\0\0\1`, the model's offset and its length, both as u64 in little-endian order.

import TapFileSystem
import TapFormats

/// The reason why a file is no whole program.
public enum ProgramFileError: Error, Equatable, CustomStringConvertible {
  /// The file does not have the form of a program.
  case notAProgram(path: String)
  /// The file has bytes after the program, and these are no whole model.
  case damaged(path: String, count: Int)
  /// The file cannot be read.
  case file(FileSystemError)

  public var description: String {
    switch self {
    case .notAProgram(let path): "\(path) is no program in ELF of 64 bits, or is cut"
    case .damaged(let path, let count):
      "\(path) is damaged or cut: \(count) bytes follow the program, and they are no whole model. Copy the file again, or export "
        + "it again"
    case .file(let error): error.description
    }
  }
}

package struct ProgramFile {
  static let alignment = 4096
  static let trailerCount = 32
  private static let magic = Array("LAYERTAPMODEL".utf8) + [0, 0, 1]

  let file: File
  /// The number of bytes of the file.
  let size: Int
  /// The end of the program, without what follows it.
  let programEnd: Int
  /// Whether the program needs no dynamic linker, and so no libraries.
  let isStatic: Bool

  package init(path: String) throws(ProgramFileError) {
    let layout: (end: Int, isStatic: Bool)?
    do throws(FileSystemError) {
      file = try File(reading: path)
      size = try file.size()
      layout = try Self.layout(file, size: size)
    } catch { throw .file(error) }
    guard let layout else { throw .notAProgram(path: path) }
    (programEnd, isStatic) = layout
  }

  /// The place of the appended model; nil if nothing follows the program.
  package func modelRange() throws(ProgramFileError) -> Range<Int>? {
    guard size > programEnd else { return nil }
    let damaged = ProgramFileError.damaged(path: file.path, count: size - programEnd)
    guard size - programEnd >= Self.trailerCount else { throw damaged }
    let trailer: [UInt8]
    do { trailer = try file.read(at: size - Self.trailerCount, count: Self.trailerCount) } catch {
      throw .file(error)
    }
    guard trailer.count == Self.trailerCount, trailer.starts(with: Self.magic) else { throw damaged }
    let (offset, length) = (Self.number(trailer, at: 16, bytes: 8), Self.number(trailer, at: 24, bytes: 8))
    guard let offset, let length, offset % Self.alignment == 0, offset >= programEnd, length > 0,
      offset <= size - Self.trailerCount, length == size - Self.trailerCount - offset
    else { throw damaged }
    return offset..<offset + length
  }

  /// The bytes of the appended model; nil if nothing follows the program.
  package func model() throws(ProgramFileError) -> [UInt8]? {
    guard let range = try modelRange() else { return nil }
    do { return try file.read(at: range.lowerBound, count: range.count) } catch { throw .file(error) }
  }

  /// The trailer for a model.
  static func trailer(offset: Int, count: Int) -> [UInt8] {
    var bytes = magic
    bytes.append(littleEndian: UInt64(offset))
    bytes.append(littleEndian: UInt64(count))
    return bytes
  }

  // MARK: - ELF

  /// The end of the last header or section, and whether no segment names a dynamic linker. Nil if the file is not a
  /// whole program.
  private static func layout(_ file: File, size: Int) throws(FileSystemError) -> (end: Int, isStatic: Bool)? {
    let head = try file.read(at: 0, count: 64)
    // Class 2 is 64 bits, and data 1 is little-endian.
    guard head.count == 64, head.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]),
      let segments = try table(file, head, offsetAt: 32, countAt: 56, sizeAt: 54, leastSize: 56, in: size),
      let sections = try table(file, head, offsetAt: 40, countAt: 60, sizeAt: 58, leastSize: 64, in: size)
    else { return nil }
    var end = max(segments.end, sections.end)
    var isStatic = true
    for segment in segments.entries {
      // Type 3 names the dynamic linker.
      if number(segment, at: 0, bytes: 4) == 3 { isStatic = false }
      guard let last = partEnd(segment, offsetAt: 8, countAt: 32, in: size) else { return nil }
      end = max(end, last)
    }
    for section in sections.entries {
      // Types 0 and 8 have no bytes in the file.
      if [0, 8].contains(number(section, at: 4, bytes: 4)) { continue }
      guard let last = partEnd(section, offsetAt: 24, countAt: 32, in: size) else { return nil }
      end = max(end, last)
    }
    return (end, isStatic)
  }

  private static func table(
    _ file: File, _ head: [UInt8], offsetAt: Int, countAt: Int, sizeAt: Int, leastSize: Int, in size: Int
  ) throws(FileSystemError) -> (entries: [[UInt8]], end: Int)? {
    guard let offset = number(head, at: offsetAt, bytes: 8), let count = number(head, at: countAt, bytes: 2),
      let entrySize = number(head, at: sizeAt, bytes: 2)
    else { return nil }
    if count == 0 { return ([], 64) }
    guard entrySize >= leastSize, offset <= size, count * entrySize <= size - offset else { return nil }
    let bytes = try file.read(at: offset, count: count * entrySize)
    guard bytes.count == count * entrySize else { return nil }
    let entries = (0..<count).map { Array(bytes[$0 * entrySize..<($0 + 1) * entrySize]) }
    return (entries, offset + count * entrySize)
  }

  /// The end of a part of the file; nil if the part is not in the file.
  private static func partEnd(_ entry: [UInt8], offsetAt: Int, countAt: Int, in size: Int) -> Int? {
    guard let offset = number(entry, at: offsetAt, bytes: 8), let count = number(entry, at: countAt, bytes: 8),
      offset <= size, count <= size - offset
    else { return nil }
    return offset + count
  }

  /// A little-endian number; nil if it is above the range of Int.
  private static func number(_ bytes: [UInt8], at offset: Int, bytes count: Int) -> Int? {
    Int(exactly: bytes[offset..<offset + count].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
  }
}
