// An image's file between its header and its pixels. libjpeg-turbo and libpng decode it through CTapCodecs; this file
// has all of the module's unsafe calls to their decoders.

import CTapCodecs
import TapProvenance

/// A file whose header has been read; its pixels can be read once, whole or in part.
@safe struct ImageFile: ~Copyable {
  let format: ImageFormat
  /// As stored, before turning.
  let width: Int
  /// As stored, before turning.
  let height: Int
  /// The turn of the stored image; upright if orientation is ignored.
  let orientation: Orientation
  private let decoding: Decoding
  private let decoder: OpaquePointer

  /// Opens a file, recognized by its contents, during `body`.
  static func open<Result>(
    _ bytes: [UInt8], _ decoding: Decoding,
    _ body: (borrowing ImageFile) throws(ImageError) -> Result
  ) throws(ImageError) -> Result {
    let format = try ImageFormat.detect(bytes)
    let orientation: Orientation =
      switch (decoding.orientation, format) {
      case (.ignore, _): .upright
      case (.exif, .jpeg): Orientation(jpeg: bytes)
      case (.exif, .png): Orientation(png: bytes)
      }
    return try unsafe bytes.withUnsafeBufferPointer { buffer throws(ImageError) in
      try body(try unsafe ImageFile(buffer, format, orientation, decoding))
    }
  }

  private init(
    _ file: UnsafeBufferPointer<UInt8>, _ format: ImageFormat, _ orientation: Orientation,
    _ decoding: Decoding
  ) throws(ImageError) {
    let (opened, width, height) = try unsafe ImageFile.open(file, format)
    unsafe decoder = opened
    self.format = format
    self.orientation = orientation
    self.decoding = decoding
    self.width = width
    self.height = height
  }

  private static func open(
    _ file: UnsafeBufferPointer<UInt8>, _ format: ImageFormat
  ) throws(ImageError) -> (OpaquePointer, width: Int, height: Int) {
    var opened: OpaquePointer?
    var (w, h) = (UInt32(0), UInt32(0))
    var result = lt_codec_result()
    switch format {
    case .jpeg: unsafe lt_jpeg_open(file.baseAddress, file.count, &opened, &w, &h, &result)
    case .png: unsafe lt_png_open(file.baseAddress, file.count, &opened, &w, &h, &result)
    }
    try check(result, format)
    guard let decoder = unsafe opened else { throw .outOfMemory(format: format) }
    let (width, height) = (Int(w), Int(h))
    guard max(width, height) <= ImageDecoder.maximumSide, width * height <= ImageDecoder.maximumPixels else {
      unsafe close(decoder, format)
      throw .tooLarge(width: width, height: height)
    }
    return unsafe (decoder, width, height)
  }

  private static func close(_ decoder: OpaquePointer, _ format: ImageFormat) {
    switch format {
    case .jpeg: unsafe lt_jpeg_close(decoder)
    case .png: unsafe lt_png_close(decoder)
    }
  }

  deinit { unsafe ImageFile.close(decoder, format) }

  /// The whole image as it is stored.
  func decode() throws(ImageError) -> RGBImage {
    switch format {
    case .jpeg: return try decode(columns: 0..<width, rows: 0..<height, eighths: 8)
    case .png: return try decodePNG()
    }
  }

  /// Part of the stored image; for a JPEG, of the image at `eighths` of its size.
  func decode(columns: Range<Int>, rows: Range<Int>, eighths: Int) throws(ImageError) -> RGBImage {
    guard format == .jpeg else { return try decodePNG().cropped(columns: columns, rows: rows) }
    var strips = try JPEGRows(self, columns: columns, rows: rows, eighths: eighths)
    var failure: ImageError?
    let length = 3 * columns.count
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: length * rows.count) { target, count in
      do throws(ImageError) {
        // Whole rows are written directly to their place.
        if strips.width == columns.count {
          try unsafe strips.read(rows.count, into: target.baseAddress!)
        } else {
          for row in 0..<rows.count {
            let line = try unsafe strips.next()
            unsafe (target.baseAddress! + length * row).update(from: line.baseAddress!, count: length)
          }
        }
        try strips.finish()
      } catch { failure = error }
      // After a failure the rest is uninitialized; bytes have no invalid values, and nothing reads them.
      count = length * rows.count
    }
    if let failure { throw failure }
    return RGBImage(width: columns.count, height: rows.count, pixels: pixels)
  }

  private func decodePNG() throws(ImageError) -> RGBImage {
    var options = lt_png_options(
      drops_alpha: decoding.alpha == .drop, ground: decoding.alpha == .white ? 255 : 0,
      allows_truncated: decoding.allowsTruncated)
    var result = lt_codec_result()
    let count = 3 * width * height
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      unsafe lt_png_decode(decoder, &options, buffer.baseAddress, &result)
      initialized = count
    }
    try ImageFile.check(result, .png)
    return RGBImage(width: width, height: height, pixels: pixels)
  }

  fileprivate static func check(_ result: lt_codec_result, _ format: ImageFormat) throws(ImageError) {
    switch result.status {
    case .ok: return
    case .truncated: throw .truncated(format: format)
    case .damaged: throw .damaged(format: format, detail: result.text)
    case .unsupported: throw .unsupportedVariant(format: format, detail: result.text)
    case .out_of_memory: throw .outOfMemory(format: format)
    }
  }

  /// The rows of part of a JPEG, from the top.
  @safe struct JPEGRows: ~Copyable {
    /// The number of pixels in a row from the library.
    let width: Int
    private let decoder: OpaquePointer
    /// The number of pixels before the wanted ones.
    private let margin: Int
    private let strip: UnsafeMutableBufferPointer<UInt8>
    private var left: Int
    private var waiting = 0..<0

    /// The number of rows decoded at once.
    private static let stripRows = 16

    /// - Parameters:
    ///   - columns: of the image at `eighths` of its size.
    ///   - rows: of the same.
    init(
      _ file: borrowing ImageFile, columns: Range<Int>, rows: Range<Int>, eighths: Int
    ) throws(ImageError) {
      precondition(file.format == .jpeg && !columns.isEmpty && !rows.isEmpty)
      let whole = (file.width * eighths + 7) / 8
      // Triangle upsampling reads a neighbor's chroma, which is two columns wide; a crop that saves little is not worth
      // its complexity.
      let first = max(columns.lowerBound - 2, 0)
      let last = min(columns.upperBound + 2, whole)
      var left = UInt32(last - first < whole - 32 ? first : 0)
      var width = UInt32(last - first < whole - 32 ? last - first : whole)
      var options = lt_jpeg_options(
        eighths: UInt32(eighths), allows_truncated: file.decoding.allowsTruncated)
      var result = lt_codec_result()
      unsafe decoder = file.decoder
      unsafe lt_jpeg_start(decoder, &options, &left, &width, &result)
      try ImageFile.check(result, .jpeg)
      if rows.lowerBound > 0 {
        unsafe lt_jpeg_skip(decoder, UInt32(rows.lowerBound), &result)
        try ImageFile.check(result, .jpeg)
      }
      self.width = Int(width)
      margin = columns.lowerBound - Int(left)
      self.left = rows.count
      unsafe strip = .allocate(capacity: 3 * Int(width) * JPEGRows.stripRows)
      unsafe strip.initialize(repeating: 0)
    }

    deinit { unsafe strip.deallocate() }

    /// The next row from its first wanted pixel on; it is valid until the next call. Values after the wanted pixels are
    /// readable, but have no meaning.
    mutating func next() throws(ImageError) -> UnsafeBufferPointer<UInt8> {
      if waiting.isEmpty {
        let rows = min(JPEGRows.stripRows, left)
        precondition(rows > 0, "no row is left")
        try unsafe read(rows, into: strip.baseAddress!)
        waiting = 0..<rows
      }
      let row = waiting.removeFirst()
      return unsafe UnsafeBufferPointer(rebasing: strip[(3 * (width * row + margin))...])
    }

    /// A row to continue with after a failure.
    var blank: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(strip) }

    /// Writes whole rows.
    mutating func read(_ rows: Int, into pixels: UnsafeMutablePointer<UInt8>) throws(ImageError) {
      var result = lt_codec_result()
      unsafe lt_jpeg_read(decoder, pixels, UInt32(rows), &result)
      left -= rows
      try ImageFile.check(result, .jpeg)
    }

    /// Reads the rest of the file, since errors there count too.
    mutating func finish() throws(ImageError) {
      var result = lt_codec_result()
      unsafe lt_jpeg_finish(decoder, strip.baseAddress, &result)
      try ImageFile.check(result, .jpeg)
    }
  }
}

extension lt_codec_result {
  /// The library's own text.
  var text: String {
    unsafe withUnsafeBytes(of: message) { message in
      unsafe String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
