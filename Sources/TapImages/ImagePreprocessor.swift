// Converts pixels to a network's input: resizes, crops or pads, normalizes, and orders the channels.

import TapKernels
import TapProvenance

/// Executes a `Preprocessing`. An object never changes and can be used by any number of threads.
package struct ImagePreprocessor: Sendable {
  /// The steps that are applied to each image.
  package let preprocessing: Preprocessing
  /// The 256 normalized values of each of the three channels, in the order of the output's channels. Each value is
  /// computed in double precision and rounded once.
  private let table: [Float]
  /// The color of padding in r, g, b: the mean, rounded to the nearest pixel value.
  let fill: [UInt8]
  let kernels: ResampleKernels
  private let problem: ImageError?

  /// Makes a preprocessor. The instruction set changes the time that images take, but no bit of the result.
  ///
  /// - Precondition: this machine supports `instructionSet`.
  package init(_ preprocessing: Preprocessing, instructionSet: InstructionSet = .best) {
    precondition(instructionSet.isAvailable, "this machine has no \(instructionSet.rawValue)")
    self.preprocessing = preprocessing
    kernels = ResampleKernels(instructionSet)
    problem = ImagePreprocessor.problem(in: preprocessing)
    let order = preprocessing.channels == .rgb ? [0, 1, 2] : [2, 1, 0]
    table = order.flatMap { channel in
      (0..<256).map { value in
        Float(
          (Double(value) / preprocessing.scale - preprocessing.mean[channel])
            / preprocessing.standardDeviation[channel])
      }
    }
    fill = preprocessing.mean.map { mean in
      let value = (mean * preprocessing.scale).rounded()
      return value.isFinite ? UInt8(min(max(value, 0), 255)) : 0
    }
  }

  /// The number of values that `apply` writes, which is `size * size * 3`.
  package var inputCount: Int { preprocessing.size * preprocessing.size * 3 }

  /// Writes the network's input for one image. Its shape is `[size, size, 3]`, and the channels have the order of the
  /// preprocessing.
  ///
  /// Throws `invalidPreprocessing` if a field is out of range; in this case nothing is written.
  ///
  /// - Precondition: `input` holds `inputCount` values.
  package func apply(_ image: RGBImage, into input: inout MutableSpan<Float>) throws(ImageError) {
    if let problem { throw problem }
    unsafe normalize(into: &input) { row in unsafe forEachRow(of: image, row) }
  }

  /// Writes the network's input for a JPEG or PNG file. Only the needed part is decoded and turned upright. This part
  /// is then processed like an image in memory. If `decoding.mode` is exact, the result is the same as after decoding
  /// the whole file.
  ///
  /// - Precondition: `input` holds `inputCount` values.
  package func apply(file bytes: [UInt8], into input: inout MutableSpan<Float>) throws(ImageError) {
    if let problem { throw problem }
    var failure: ImageError?
    unsafe normalize(into: &input) { row in
      do throws(ImageError) { try unsafe forEachRow(ofFile: bytes, row) } catch { failure = error }
    }
    if let failure { throw failure }
  }

  /// The square image that the network gets, in r, g, b, before it is normalized.
  ///
  /// Throws `invalidPreprocessing` if a field is out of range.
  package func pixels(_ image: RGBImage) throws(ImageError) -> RGBImage {
    if let problem { throw problem }
    return unsafe square { row in unsafe forEachRow(of: image, row) }
  }

  /// The square image that the network gets for a file, in r, g, b, before it is normalized.
  package func pixels(file bytes: [UInt8]) throws(ImageError) -> RGBImage {
    if let problem { throw problem }
    var failure: ImageError?
    let square = unsafe square { row in
      do throws(ImageError) { try unsafe forEachRow(ofFile: bytes, row) } catch { failure = error }
    }
    if let failure { throw failure }
    return square
  }

  // MARK: - Use of rows

  /// A function that takes one row of the square: the index of the row, and its `3 * size` samples in r, g, b.
  typealias RowConsumer = (Int, UnsafeBufferPointer<UInt8>) -> Void

  private func normalize(into input: inout MutableSpan<Float>, rows: (RowConsumer) -> Void) {
    precondition(input.count == inputCount, "\(inputCount) values, not \(input.count)")
    let size = preprocessing.size
    let first = preprocessing.channels == .rgb ? 0 : 2
    unsafe input.withUnsafeMutableBufferPointer { output in
      unsafe table.withUnsafeBufferPointer { table in
        unsafe rows { row, samples in
          let target = unsafe output.baseAddress! + row * 3 * size
          for x in 0..<size {
            unsafe target[3 * x] = table[Int(samples[3 * x + first])]
            unsafe target[3 * x + 1] = table[256 + Int(samples[3 * x + 1])]
            unsafe target[3 * x + 2] = table[512 + Int(samples[3 * x + 2 - first])]
          }
        }
      }
    }
  }

  private func square(rows: (RowConsumer) -> Void) -> RGBImage {
    var pixels: [UInt8] = []
    pixels.reserveCapacity(inputCount)
    unsafe rows { _, samples in unsafe pixels.append(contentsOf: samples) }
    // If the decoding failed, rows are missing. They are filled with zeros, and nothing uses the image.
    pixels += [UInt8](repeating: 0, count: inputCount - pixels.count)
    return RGBImage(width: preprocessing.size, height: preprocessing.size, pixels: pixels)
  }

  private static func problem(in p: Preprocessing) -> ImageError? {
    func invalid(_ field: String, _ value: some CustomStringConvertible, _ expected: String) -> ImageError {
      .invalidPreprocessing(field: field, value: "\(value)", expected: expected)
    }
    if !(1...maximumSize).contains(p.size) { return invalid("size", p.size, "1 to \(maximumSize)") }
    if !(p.cropFraction > 0 && p.cropFraction <= 1) {
      return invalid("crop fraction", p.cropFraction, "more than 0, at most 1")
    }
    if Double(p.size) / p.cropFraction > Double(ImageDecoder.maximumSide) {
      return invalid("crop fraction", p.cropFraction, "at least size / \(ImageDecoder.maximumSide)")
    }
    if !(p.scale.isFinite && p.scale != 0) { return invalid("scale", p.scale, "finite and not 0") }
    for mean in p.mean where !mean.isFinite { return invalid("mean", mean, "finite") }
    for deviation in p.standardDeviation where !(deviation.isFinite && deviation != 0) {
      return invalid("standard deviation", deviation, "finite and not 0")
    }
    return nil
  }

  /// The largest size of a network's input. The limit is far above the size of any real network, and prevents overflows
  /// in computations with sizes.
  private static let maximumSize = 16_384
}
