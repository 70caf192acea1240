// A column of a store and the names of its files.

import TapFormats
import TapProvenance

/// A column that a store holds.
public struct StoredColumn: Hashable, Sendable {
  /// The column: a tap, which is a layer, and its pooling.
  public let column: Column
  /// The number of values in a row, at least 1.
  public let dimensions: Int

  /// Creates a column whose vectors have this length.
  public init(column: Column, dimensions: Int) {
    self.column = column
    self.dimensions = dimensions
  }

  /// The name of the column's files, without their extensions.
  public var fileName: String { Self.fileName(for: column) }

  /// A file name that is safe in every file system. The names of different columns differ even if case is ignored.
  ///
  /// Bytes of the column's name outside `[A-Za-z0-9_.-]` are percent-encoded, and so is a leading dot. The encoded name
  /// may be longer than 150 bytes, or may collide with another column's name. Names with capital letters, a tap whose
  /// own name ends like a pooling, and `gem` with other parameters may collide. In these cases the file name is the
  /// first 120 bytes, `~`, and the first 16 digits of the SHA-256 of the column's canonical JSON. A `~` in the column's
  /// name is always encoded.
  package static func fileName(for column: Column) -> String {
    var encoded: [UInt8] = []
    for (index, byte) in column.name.utf8.enumerated() {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        encoded.append(byte)
      case UInt8(ascii: ".") where index > 0:
        encoded.append(byte)
      default:
        encoded += "%\(byte < 16 ? "0" : "")\(String(byte, radix: 16, uppercase: true))".utf8
      }
    }
    let hasCapitals = column.name.utf8.contains { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) }
    guard hasCapitals || encoded.count > 150 || encoded.isEmpty || isAmbiguous(column) else {
      return String(decoding: encoded, as: UTF8.self)
    }
    let digest = SHA256.hash(Array(column.json.canonical.utf8)).hex
    return String(decoding: encoded.prefix(120), as: UTF8.self) + "~" + digest.prefix(16)
  }

  private static func isAmbiguous(_ column: Column) -> Bool {
    switch column.pooling {
    case .none: Pooling.selectable.contains { column.tap.hasSuffix("-\($0.name)") }
    case .gem: column.pooling != .gem
    default: false
    }
  }
}
