import CTapKernels
import TapKernels
import Testing

@Suite struct LayerNormalizationTests {
  struct Pixels: CustomStringConvertible, Sendable {
    let count: Int
    let channels: Int
    var description: String { "\(count) pixels of \(channels) channels" }
  }

  /// Remainders of every length on both sides of the transposed blocks.
  static let cases = [1, 3, 4, 7, 8, 9, 17].flatMap { count in
    [1, 2, 4, 7, 8, 13, 16, 37].map { Pixels(count: count, channels: $0) }
  }

  @unsafe static func run(
    _ pixels: Pixels, _ kernels: KernelSet, input: [Float], gamma: [Float], beta: [Float]
  ) -> [Float] {
    var output = [Float](repeating: -77, count: input.count + 1)
    unsafe input.withUnsafeBufferPointer { input in
      unsafe gamma.withUnsafeBufferPointer { gamma in
        unsafe beta.withUnsafeBufferPointer { beta in
          unsafe output.withUnsafeMutableBufferPointer { output in
            var call = unsafe lt_f32_layer_normalization(
              pixels: pixels.count, channels: pixels.channels, input: input.baseAddress!,
              output: output.baseAddress!, gamma: gamma.baseAddress!, beta: beta.baseAddress!, epsilon: 1e-6)
            unsafe kernels.table.f32_layer_normalization(&call)
          }
        }
      }
    }
    precondition(output.removeLast() == -77, "the kernel wrote beyond its pixels")
    return output
  }

  static func operands(_ pixels: Pixels) -> (input: [Float], gamma: [Float], beta: [Float]) {
    var values = Values(seed: 17)
    // Pixels of very different magnitudes: a pixel with another's mean or scale is far off.
    let input = (0..<pixels.count).flatMap { pixel in
      values.array(pixels.channels).map { ($0 + Float(pixel)) * Float(1 << (pixel % 5)) }
    }
    return (input, values.array(pixels.channels), values.array(pixels.channels))
  }

  /// Compares the kernels with another formula. The pixel's first value is subtracted from all its values. The variance
  /// is the mean of the squares, minus the square of the mean.
  @Test(arguments: InstructionSet.available)
  func hasMeanAndVarianceOfTheBeta(instructionSet: InstructionSet) {
    let kernels = KernelSet(instructionSet)
    for pixels in Self.cases {
      let (input, gamma, beta) = Self.operands(pixels)
      let result = unsafe Self.run(pixels, kernels, input: input, gamma: gamma, beta: beta)
      for pixel in 0..<pixels.count {
        let range = pixel * pixels.channels..<(pixel + 1) * pixels.channels
        let shifted = input[range].map { Double($0) - Double(input[range.lowerBound]) }
        let mean = shifted.reduce(0, +) / Double(pixels.channels)
        let variance = shifted.reduce(0) { $0 + $1 * $1 } / Double(pixels.channels) - mean * mean
        for channel in 0..<pixels.channels {
          let normalized = (shifted[channel] - mean) / (max(variance, 0) + 1e-6).squareRoot()
          let exact = normalized * Double(gamma[channel]) + Double(beta[channel])
          // The result is rounded once to float. With a single channel the variance is 0, and the rounding error of the
          // mean is multiplied by a thousand.
          let found = Double(result[range.lowerBound + channel])
          #expect(abs(found - exact) <= 1e-6 * max(1, abs(exact)), "\(pixels)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func givesTheBitsOfPlainSwift(instructionSet: InstructionSet) {
    for pixels in Self.cases {
      let (input, gamma, beta) = Self.operands(pixels)
      let (expected, found) = unsafe (
        Self.run(pixels, KernelSet(.portable), input: input, gamma: gamma, beta: beta),
        Self.run(pixels, KernelSet(instructionSet), input: input, gamma: gamma, beta: beta)
      )
      #expect(expected.map(\.bitPattern) == found.map(\.bitPattern), "\(pixels)")
    }
  }
}
