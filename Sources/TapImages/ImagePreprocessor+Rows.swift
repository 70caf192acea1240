// Makes the rows of a network's square input from an image or a file. Only the needed part is read, resized and
// surrounded with padding.

import TapProvenance

extension ImagePreprocessor {
  func forEachRow(of image: RGBImage, _ body: RowConsumer) {
    let resize = Resize(
      of: (image.width, image.height), at: (image.width, image.height), preprocessing, kernels)
    var frame = Frame(resize.geometry, size: preprocessing.size, fill: fill)
    unsafe frame.above(body)
    unsafe resize.resampler.resample(image) { row, samples in unsafe frame.row(row, samples, body) }
    unsafe frame.below(body)
  }

  func forEachRow(ofFile bytes: [UInt8], _ body: RowConsumer) throws(ImageError) {
    try ImageFile.open(bytes, preprocessing.decoding) { file throws(ImageError) in
      let turns = file.orientation
      let sides = turns.swapsSides ? (file.height, file.width) : (file.width, file.height)
      let eighths = eighths(of: file)
      func decoded(_ side: Int) -> Int { (side * eighths + 7) / 8 }
      let resize = Resize(
        of: sides, at: (decoded(sides.0), decoded(sides.1)), eighths: eighths, turned: turns, preprocessing,
        kernels)
      let (columns, rows) = (resize.resampler.columns.inputs, resize.resampler.rows.inputs)
      var frame = Frame(resize.geometry, size: preprocessing.size, fill: fill)
      unsafe frame.above(body)
      if turns == .upright, file.format == .jpeg, resize.resampler.order == .rowsFirst {
        var source = try ImageFile.JPEGRows(file, columns: columns, rows: rows, eighths: eighths)
        var next = rows.lowerBound
        var failure: ImageError?
        unsafe resize.resampler.rowsFirst(
          left: columns.lowerBound,
          row: { row in
            if failure != nil { return unsafe source.blank }
            do throws(ImageError) {
              while true {
                let pixels = try unsafe source.next()
                next += 1
                if next > row { return unsafe pixels }
              }
            } catch {
              failure = error
              return unsafe source.blank
            }
          }
        ) { row, samples in unsafe frame.row(row, samples, body) }
        if let failure { throw failure }
        try source.finish()
      } else {
        let stored = turns.stored(
          columns: columns, rows: rows, width: decoded(file.width), height: decoded(file.height))
        let part = turns.upright(
          try file.decode(columns: stored.columns, rows: stored.rows, eighths: eighths))
        unsafe resize.resampler.resample(part, left: columns.lowerBound, top: rows.lowerBound) {
          row, samples in
          unsafe frame.row(row, samples, body)
        }
      }
      unsafe frame.below(body)
    }
  }

  /// The size, in eighths of the full size, at which a file is decoded. In fast mode, this is the smallest size that is
  /// at least ``fastMargin`` times the size of the resized image.
  private func eighths(of file: borrowing ImageFile) -> Int {
    guard preprocessing.decoding.mode == .fast, file.format == .jpeg else { return 8 }
    let (width, height) =
      file.orientation.swapsSides ? (file.height, file.width) : (file.width, file.height)
    let geometry = ResizeGeometry(width: width, height: height, for: preprocessing)
    return [1, 2, 4].first { eighths in
      let share = Double(eighths) / 8 / ImagePreprocessor.fastMargin
      return Double(width) * share >= Double(geometry.width)
        && Double(height) * share >= Double(geometry.height)
    } ?? 8
  }

  /// The smallest ratio between the size of an image that is decoded in fast mode and the size of the resized image.
  /// Decoding at a fraction of the size aliases fine texture. The resize that follows computes averages, which remove
  /// part of the aliasing. Documentation/Images.md has measurements of the effect.
  private static let fastMargin = 1.4

  /// The parameters of resizing one image.
  private struct Resize {
    let geometry: ResizeGeometry
    let resampler: Resampler

    /// - Parameters:
    ///   - sides: the sides of the upright image at full size.
    ///   - decoded: the sides of the decoded image after it is turned upright. The image was decoded at `eighths` / 8
    ///     of its size, and `turned` is the turn that made it upright.
    init(
      of sides: (width: Int, height: Int), at decoded: (width: Int, height: Int), eighths: Int = 8,
      turned: Orientation = .upright,
      _ preprocessing: Preprocessing, _ kernels: ResampleKernels
    ) {
      geometry = ResizeGeometry(width: sides.width, height: sides.height, for: preprocessing)
      let filter = ResampleFilter(preprocessing.interpolation)
      let share = Double(eighths) / 8
      resampler = Resampler(
        columns: ResampleWeights(
          filter: filter, inputCount: decoded.width, extent: Double(sides.width) * share,
          isTurned: turned.mirrorsColumns, outputCount: geometry.width, outputs: geometry.columns),
        rows: ResampleWeights(
          filter: filter, inputCount: decoded.height, extent: Double(sides.height) * share,
          isTurned: turned.mirrorsRows, outputCount: geometry.height, outputs: geometry.rows),
        order: Resampler.Order(from: decoded, to: (geometry.width, geometry.height)), kernels: kernels)
    }
  }

  /// The padding around an image that is smaller than its square.
  private struct Frame {
    let geometry: ResizeGeometry
    let size: Int
    /// A row of padding. `line` is a row for the image's samples.
    let blank: [UInt8]
    var line: [UInt8]

    init(_ geometry: ResizeGeometry, size: Int, fill: [UInt8]) {
      self.geometry = geometry
      self.size = size
      var blank: [UInt8] = []
      for _ in 0..<size { blank += fill }
      self.blank = blank
      line = blank
    }

    func above(_ body: RowConsumer) {
      unsafe blank.withUnsafeBufferPointer { blank in
        for row in 0..<geometry.top { unsafe body(row, blank) }
      }
    }

    mutating func row(_ row: Int, _ samples: UnsafeBufferPointer<UInt8>, _ body: RowConsumer) {
      guard geometry.columns.count < size else { return unsafe body(geometry.top + row, samples) }
      unsafe line.replaceSubrange((3 * geometry.left)..<(3 * geometry.left + samples.count), with: samples)
      unsafe line.withUnsafeBufferPointer { unsafe body(geometry.top + row, $0) }
    }

    func below(_ body: RowConsumer) {
      unsafe blank.withUnsafeBufferPointer { blank in
        for row in (geometry.top + geometry.rows.count)..<size { unsafe body(row, blank) }
      }
    }
  }
}
