// Small generated PNG files, for tests that need many different images without an encoder.

import TapFileSystem
import TapFormats

/// Writes an image for each index into one of two class folders, `even` and `odd`, below `folder`, such as `odd/1.png`.
public func writeGeneratedClasses(
  _ indices: Range<Int>, to folder: String, width: Int = 8, height: Int = 8
) throws {
  for index in indices {
    let path = "\(folder)/\(index % 2 == 0 ? "even" : "odd")/\(index).png"
    try FileSystem.createDirectories(FileSystem.parent(of: path))
    try AtomicWriter.replace(path, with: generatedPNG(width: width, height: height, seed: index))
  }
}

/// The bytes of an 8-bit RGB PNG without compression, whose pixels are drawn from `seed`.
///
/// - Parameter pixel: Changes a drawn value in a column. If it is nil, the drawn values stay as they are.
public func generatedPNG(
  width: Int = 8, height: Int = 8, seed: Int, pixel: ((_ column: Int, _ value: UInt8) -> UInt8)? = nil
) -> [UInt8] {
  var numbers = Congruential(seed: UInt64(truncatingIfNeeded: seed))
  var raw: [UInt8] = []
  for _ in 0..<height {
    raw.append(0)
    for index in 0..<width * 3 {
      let value = UInt8(numbers.next() >> 56)
      raw.append(pixel?(index / 3, value) ?? value)
    }
  }
  func chunk(_ type: String, _ content: [UInt8]) -> [UInt8] {
    let body = Array(type.utf8) + content
    return bigEndian(UInt32(content.count)) + body + bigEndian(CRC32.checksum(body))
  }
  let header = bigEndian(UInt32(width)) + bigEndian(UInt32(height)) + [8, 2, 0, 0, 0]
  return [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A] + chunk("IHDR", header)
    + chunk("IDAT", storedZlib(raw)) + chunk("IEND", [])
}

/// A zlib stream (RFC 1950) of stored blocks.
private func storedZlib(_ bytes: [UInt8]) -> [UInt8] {
  var stream: [UInt8] = [0x78, 0x01]
  var start = 0
  repeat {
    let end = min(start + 65_535, bytes.count)
    let length = UInt16(end - start)
    stream.append(end == bytes.count ? 1 : 0)
    stream.append(littleEndian: length)
    stream.append(littleEndian: ~length)
    stream += bytes[start..<end]
    start = end
  } while start < bytes.count
  var (a, b) = (UInt32(1), UInt32(0))
  for byte in bytes {
    a = (a + UInt32(byte)) % 65_521
    b = (b + a) % 65_521
  }
  return stream + bigEndian(b << 16 | a)
}

private func bigEndian(_ value: UInt32) -> [UInt8] {
  [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
}
