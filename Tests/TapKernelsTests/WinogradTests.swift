import CTapKernels
import TapKernels
import Testing

@Suite struct WinogradTests {
  static let channelCounts = [1, 7, 8, 9, 16, 23, 32, 40]

  /// The values of `[36][channels]` pixels at the points.
  @unsafe static func input(_ pixels: [Float], channels: Int, _ kernels: KernelSet) -> [Float] {
    let stride = channels + 1
    var points = [Float](repeating: -77, count: 36 * stride)
    unsafe pixels.withUnsafeBufferPointer { pixels in
      unsafe points.withUnsafeMutableBufferPointer { points in
        let pointers = unsafe (0..<36).map { unsafe pixels.baseAddress! + $0 * channels }
        unsafe pointers.withUnsafeBufferPointer { pointers in
          var tile = unsafe lt_f32_winograd_input(
            channels: channels, pixels: pointers.baseAddress!, points: points.baseAddress!, stride: stride)
          unsafe kernels.table.f32_winograd_input(&tile)
        }
      }
    }
    for point in 0..<36 {
      precondition(points[point * stride + channels] == -77, "the kernel wrote beyond its channels")
    }
    return (0..<36).flatMap { points[($0 * stride)..<($0 * stride + channels)] }
  }

  /// `rows` x `columns` outputs `[rows][columns][channels]` of `[36][channels]` values at the points.
  @unsafe static func output(
    _ points: [Float], channels: Int, rows: Int, columns: Int, bias: [Float], residual: [Float]?,
    _ kernels: KernelSet
  ) -> [Float] {
    var output = [Float](repeating: -77, count: 16 * channels)
    let addend = residual ?? []
    unsafe points.withUnsafeBufferPointer { points in
      unsafe bias.withUnsafeBufferPointer { bias in
        unsafe addend.withUnsafeBufferPointer { addend in
          unsafe output.withUnsafeMutableBufferPointer { output in
            var tile = unsafe lt_f32_winograd_output(
              channels: channels, points: points.baseAddress!, stride: channels, bias: bias.baseAddress!,
              output: output.baseAddress!, rows: rows, columns: columns, row_stride: 4 * channels,
              column_stride: channels, residual: residual == nil ? nil : addend.baseAddress!,
              residual_row_stride: 4 * channels, residual_column_stride: channels, minimum: -1, maximum: 6)
            unsafe kernels.table.f32_winograd_output(&tile)
          }
        }
      }
    }
    return output
  }

  /// Computes one tile with both transforms and the products between them, and compares it with the convolution's
  /// definition in double precision.
  @Test(arguments: InstructionSet.available, channelCounts)
  func isTheConvolution(instructionSet: InstructionSet, channels: Int) {
    var values = Values(seed: 5)
    let pixels = values.array(36 * channels)
    let weights = (0..<channels).map { _ in values.array(9) }
    let kernels = KernelSet(instructionSet)
    let points = unsafe Self.input(pixels, channels: channels, kernels)
    // There is one output channel for each input channel, so no sum over channels hides an error.
    var products = points
    for channel in 0..<channels {
      for (point, value) in WinogradTransform.values(of: weights[channel][...]).enumerated() {
        products[point * channels + channel] *= value
      }
    }
    let bias = values.array(channels)
    let found = unsafe Self.output(
      products, channels: channels, rows: 4, columns: 4, bias: bias, residual: nil, kernels)
    for y in 0..<4 {
      for x in 0..<4 {
        for channel in 0..<channels {
          var exact = Double(bias[channel])
          for i in 0..<3 {
            for j in 0..<3 {
              exact +=
                Double(pixels[((y + i) * 6 + x + j) * channels + channel])
                * Double(weights[channel][3 * i + j])
            }
          }
          // About 60 roundings of values that grow to 20.
          #expect(abs(Double(found[(y * 4 + x) * channels + channel]) - min(max(exact, -1), 6)) < 2e-5)
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available, channelCounts)
  func givesTheBitsOfPlainSwift(instructionSet: InstructionSet, channels: Int) {
    var values = Values(seed: 6)
    let pixels = values.array(36 * channels)
    let (bias, residual) = (values.array(channels), values.array(16 * channels))
    let (plain, fast) = (KernelSet(.portable), KernelSet(instructionSet))
    let (expected, found) = unsafe (
      Self.input(pixels, channels: channels, plain), Self.input(pixels, channels: channels, fast)
    )
    #expect(expected.map(\.bitPattern) == found.map(\.bitPattern))
    for (rows, columns) in [(4, 4), (1, 4), (3, 2)] {
      for addend in [nil, residual] {
        func output(_ kernels: KernelSet) -> [UInt32] {
          unsafe Self.output(
            pixels, channels: channels, rows: rows, columns: columns, bias: bias, residual: addend, kernels
          ).map(\.bitPattern)
        }
        #expect(output(plain) == output(fast), "\(rows) x \(columns)")
      }
    }
  }
}
