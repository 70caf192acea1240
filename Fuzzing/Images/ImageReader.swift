// The reader of images: each input is decoded as a whole image, and prepared for a network's input, with settings
// chosen by its bytes. Both must give the same pixels, although preparation decodes only a part of the image.

import TapFormats
import TapImages
import TapProvenance

/// The reader that this process tests.
enum Reader {
  case images

  static let chosen = Reader.images

  func read(_ input: UnsafeBufferPointer<UInt8>) {
    let bytes = unsafe Array(input)
    var choices = Choices(bytes)
    let decoding = Decoding(
      mode: choices.next(Decoding.Mode.allCases),
      orientation: choices.next(Decoding.OrientationRule.allCases),
      alpha: choices.next(Decoding.AlphaRule.allCases), allowsTruncated: choices.next([false, true]))
    let preprocessor = ImagePreprocessor(
      Preprocessing(
        // The large one takes several times as long.
        size: choices.next([32, 32, 32, 224]), resize: choices.next(Preprocessing.ResizeRule.allCases),
        cropFraction: choices.next([0.875, 0.3, 1]),
        interpolation: choices.next(Preprocessing.Interpolation.allCases), decoding: decoding))
    let prepared = Result { () throws(ImageError) in try preprocessor.pixels(file: bytes) }
    // Fast decoding gives other pixels by design.
    let whole = Result { () throws(ImageError) in try ImageDecoder.decode(bytes, decoding) }
    guard decoding.mode == .exact else { return }
    switch (
      prepared,
      whole.flatMap { image in Result { () throws(ImageError) in try preprocessor.pixels(image) } }
    ) {
    case (.success(let first), .success(let second)) where first != second:
      fatalError("\(preprocessor.preprocessing): decoded in part and whole the pixels differ")
    case (.success, .failure(let error)): fatalError("\(preprocessor.preprocessing): only whole: \(error)")
    case (.failure(let error), .success): fatalError("\(preprocessor.preprocessing): only in part: \(error)")
    default: break
    }
  }
}

/// Random choices that depend only on the bytes.
private struct Choices {
  /// FNV-1a (Fowler, Noll, Vo).
  private var hash: UInt64 = 0xcbf2_9ce4_8422_2325

  init(_ bytes: [UInt8]) {
    for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
  }

  mutating func next<Value>(_ values: [Value]) -> Value {
    // The low bits of FNV are poor.
    defer { hash = (hash ^ hash >> 32) &* 0x100_0000_01b3 }
    return values[Int(hash >> 33) % values.count]
  }
}

// MARK: - Mutations

/// libFuzzer's own mutations: changes `size` bytes at `data`, to at most `maximum`, and returns the new size.
@_silgen_name("LLVMFuzzerMutate")
private func mutateBytes(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int) -> Int

/// libFuzzer calls this for its next input. Half of the PNG files get correct checksums and chunk lengths, as far as
/// the chunks can still be found; otherwise almost none would be read past the first chunk.
@_cdecl("LLVMFuzzerCustomMutator")
public func mutate(
  _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ maximum: Int, _ seed: CUnsignedInt
) -> Int {
  let parts = unsafe PNGParts(UnsafeBufferPointer(start: data, count: size))
  guard seed % 2 == 0, var parts, !parts.chunks.isEmpty else {
    return unsafe mutateBytes(data, size, maximum)
  }
  // One chunk's type and content, in a buffer with space to grow.
  let index = Int(seed >> 1) % parts.chunks.count
  let room = max(maximum - size, 0)
  var chunk = parts.chunks[index]
  let count = chunk.count
  chunk += [UInt8](repeating: 0, count: room)
  let changed = unsafe chunk.withUnsafeMutableBufferPointer { buffer in
    // The type is usually kept.
    let kept = seed % 16 == 0 ? 0 : 4
    let start = unsafe buffer.baseAddress! + kept
    return unsafe kept + mutateBytes(start, count - kept, buffer.count - kept)
  }
  parts.chunks[index] = Array(chunk.prefix(max(changed, 4)))
  let bytes = parts.bytes
  guard bytes.count <= maximum else { return size }
  unsafe data.update(from: bytes, count: bytes.count)
  return bytes.count
}

/// The parts of a PNG file.
private struct PNGParts {
  private static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// The type and content of each chunk.
  var chunks: [[UInt8]] = []
  /// The bytes after the last complete chunk.
  private var rest: [UInt8] = []

  /// Nil for other files.
  init?(_ file: UnsafeBufferPointer<UInt8>) {
    let bytes = unsafe Array(file)
    guard bytes.starts(with: Self.signature) else { return nil }
    var place = 8
    while place + 12 <= bytes.count {
      let length = bytes[place..<place + 4].reduce(0) { $0 << 8 | Int($1) }
      guard place + 12 + length <= bytes.count else { break }
      chunks.append(Array(bytes[place + 4..<place + 8 + length]))
      place += 12 + length
    }
    rest = Array(bytes[place...])
  }

  /// The file with correct lengths and checksums.
  var bytes: [UInt8] {
    var bytes = Self.signature
    for chunk in chunks {
      bytes += Self.bigEndian(UInt32(chunk.count - 4)) + chunk + Self.bigEndian(CRC32.checksum(chunk))
    }
    return bytes + rest
  }

  private static func bigEndian(_ value: UInt32) -> [UInt8] {
    [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: value >> UInt32($0)) }
  }
}
