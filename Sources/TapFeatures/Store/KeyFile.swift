// rows.bin: the SHA-256 of each row's image, 32 bytes each. The length of the file determines the number of committed
// rows.

import TapFileSystem
import TapFormats

enum KeyFile {
  static let keyBytes = 32

  /// The committed keys.
  ///
  /// An incomplete key at the end of the file comes from an interrupted write and is ignored. Keys of 32 zero bytes at
  /// the end are ignored too: after a power failure, a file system may have extended the file without writing its
  /// bytes.
  static func read(_ path: String) throws(FeatureError) -> [Digest] {
    let bytes = try onFiles { () throws(FileSystemError) in try FileSystem.read(path) }
    let span = bytes.span
    var count = bytes.count / keyBytes
    while count > 0, (0..<keyBytes).allSatisfy({ bytes[(count - 1) * keyBytes + $0] == 0 }) { count -= 1 }
    return (0..<count).map { Digest(span, at: $0 * keyBytes) }
  }
}
