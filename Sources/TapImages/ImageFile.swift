// Reads an image's file in two steps, first the header and then the pixels. libjpeg-turbo and libpng decode the pixels
// through CTapCodecs. This file has all calls of this module to the unsafe functions of these decoders.

import CTapCodecs
import TapProvenance

/// A file whose header has been read. Its pixels can be read once, completely or in part.
@safe struct ImageFile: ~Copyable {
  let format: ImageFormat
  /// The width of the stored image, before it is turned upright.
  let width: Int
  /// The height of the stored image, before it is turned upright.
  let height: Int
  /// The turn that makes the stored image upright; `upright` if the orientation is ignored.
  let orientation: Orientation
  private let decoding: Decoding
  private let decoder: OpaquePointer

  /// Opens a file while `body` runs. The format is recognized by the file's contents.
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

  /// The whole image, not turned.
  func decode() throws(ImageError) -> RGBImage {
    switch format {
    case .jpeg: return try decode(columns: 0..<width, rows: 0..<height, eighths: 8)
    case .png: return try decodePNG()
    }
  }

  /// Part of the stored image. A JPEG is decoded at `eighths` / 8 of its size, and the columns and rows are those of
  /// the decoded image.
  func decode(columns: Range<Int>, rows: Range<Int>, eighths: Int) throws(ImageError) -> RGBImage {
    guard format == .jpeg else { return try decodePNG().cropped(columns: columns, rows: rows) }
    var strips = try JPEGRows(self, columns: columns, rows: rows, eighths: eighths)
    var failure: ImageError?
    let length = 3 * columns.count
    let pixels = unsafe [UInt8](unsafeUninitializedCapacity: length * rows.count) { target, count in
      do throws(ImageError) {
        // Rows that need not be cut are written directly into the image.
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
      // After a failure, the remaining bytes are uninitialized. Bytes have no invalid values, and nothing reads these
      // bytes.
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

  /// The rows of a part of a JPEG image, from the top row on.
  @safe struct JPEGRows: ~Copyable {
    /// The number of pixels in each row that the library gives.
    let width: Int
    private let decoder: OpaquePointer
    /// The number of pixels in a row before the wanted pixels.
    private let margin: Int
    private let strip: UnsafeMutableBufferPointer<UInt8>
    private var left: Int
    private var waiting = 0..<0

    /// The number of rows that are decoded in one call.
    private static let stripRows = 16

    /// - Parameters:
    ///   - columns: the wanted columns of the image decoded at `eighths` / 8 of its size.
    ///   - rows: the wanted rows of the same decoded image.
    init(
      _ file: borrowing ImageFile, columns: Range<Int>, rows: Range<Int>, eighths: Int
    ) throws(ImageError) {
      precondition(file.format == .jpeg && !columns.isEmpty && !rows.isEmpty)
      let whole = (file.width * eighths + 7) / 8
      // Two more columns on each side are decoded, since the triangle upsampling of a pixel's chroma reads the
      // neighboring chroma sample, which is two columns wide. If the wanted rows are only a little shorter than the
      // whole rows, whole rows are decoded, since the gain of a cut would be small.
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

    /// The next row, starting with its first wanted pixel. The row is valid until the next call. The values after the
    /// wanted pixels can be read, but have no meaning.
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

    /// A row whose values have no meaning. After a failure, this row takes the place of the rows that could not be
    /// decoded.
    var blank: UnsafeBufferPointer<UInt8> { unsafe UnsafeBufferPointer(strip) }

    /// Writes complete rows to memory.
    mutating func read(_ rows: Int, into pixels: UnsafeMutablePointer<UInt8>) throws(ImageError) {
      var result = lt_codec_result()
      unsafe lt_jpeg_read(decoder, pixels, UInt32(rows), &result)
      left -= rows
      try ImageFile.check(result, .jpeg)
    }

    /// Reads the rest of the file, since errors in the rest count too.
    mutating func finish() throws(ImageError) {
      var result = lt_codec_result()
      unsafe lt_jpeg_finish(decoder, strip.baseAddress, &result)
      try ImageFile.check(result, .jpeg)
    }
  }
}

extension lt_codec_result {
  /// - Throws: an error if an encoder failed.
  func requireEncoded(_ format: ImageFormat) throws(ImageError) {
    switch status {
    case .ok: return
    case .out_of_memory: throw .outOfMemory(format: format)
    case .truncated, .damaged, .unsupported: throw .notEncodable(format: format, detail: text)
    }
  }

  /// The text of the error, as the library gives it.
  var text: String {
    unsafe withUnsafeBytes(of: message) { message in
      unsafe String(decoding: message.prefix { $0 != 0 }, as: UTF8.self)
    }
  }
}
