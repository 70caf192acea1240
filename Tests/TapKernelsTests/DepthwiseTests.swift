import CTapKernels
import TapKernels
import Testing

@Suite struct DepthwiseTests {
  struct Geometry: CustomStringConvertible, Sendable {
    let columns: Int
    let channels: Int
    let kernel: Int
    let stride: Int
    let left: Int

    var outputs: Int { (columns + stride - 1) / stride }
    var description: String { "\(columns) columns, \(channels) channels, kernel \(kernel), stride \(stride)" }
  }

  static let cases: [Geometry] = {
    var cases: [Geometry] = []
    for columns in [1, 2, 3, 5, 7, 8, 13, 19, 33] {
      for channels in [1, 8, 15, 16, 24, 37] {
        for (kernel, stride) in [(1, 1), (3, 1), (3, 2), (5, 1), (5, 2), (7, 1), (4, 3)] {
          cases.append(
            Geometry(
              columns: columns, channels: channels, kernel: kernel, stride: stride, left: (kernel - 1) / 2))
        }
      }
    }
    return cases
  }()

  @unsafe static func run(
    _ geometry: Geometry, _ kernels: KernelSet, input: [Float], weights: [Float], bias: [Float]
  ) -> [Float] {
    let zeros = [Float](repeating: 0, count: geometry.columns * geometry.channels)
    var output = [Float](repeating: -77, count: geometry.outputs * geometry.channels + 1)
    unsafe input.withUnsafeBufferPointer { input in
      unsafe weights.withUnsafeBufferPointer { weights in
        unsafe bias.withUnsafeBufferPointer { bias in
          unsafe zeros.withUnsafeBufferPointer { zeros in
            unsafe output.withUnsafeMutableBufferPointer { output in
              // The first row lies above the image.
              let rows = unsafe (0..<geometry.kernel).map { y in
                unsafe y == 0 && geometry.kernel > 1
                  ? zeros.baseAddress! : input.baseAddress! + y * geometry.columns * geometry.channels
              }
              unsafe rows.withUnsafeBufferPointer { rows in
                var row = unsafe lt_f32_depthwise_row(
                  outputs: geometry.outputs, channels: geometry.channels, group: 1, kernel: geometry.kernel,
                  stride: geometry.stride, first_column: -geometry.left, columns: geometry.columns,
                  rows: rows.baseAddress!, zeros: zeros.baseAddress!, bias: bias.baseAddress!,
                  weights: weights.baseAddress!, output: output.baseAddress!, minimum: -0.5, maximum: 6)
                unsafe kernels.table.f32_depthwise(&row)
              }
            }
          }
        }
      }
    }
    precondition(output.removeLast() == -77, "the kernel wrote beyond the row")
    return output
  }

  static func operands(_ geometry: Geometry) -> (input: [Float], weights: [Float], bias: [Float]) {
    var values = Values(seed: 3)
    return (
      values.array(geometry.kernel * geometry.columns * geometry.channels),
      values.array(geometry.kernel * geometry.kernel * geometry.channels), values.array(geometry.channels)
    )
  }

  /// The tolerance is the tolerance of a chain of kernel^2 + 1 fused multiply-adds of magnitudes below 1.
  @Test(arguments: InstructionSet.available)
  func agreesWithTheSumInDouble(instructionSet: InstructionSet) {
    let kernels = KernelSet(instructionSet)
    for geometry in Self.cases {
      let (input, weights, bias) = Self.operands(geometry)
      let result = unsafe Self.run(geometry, kernels, input: input, weights: weights, bias: bias)
      for output in 0..<geometry.outputs {
        for channel in 0..<geometry.channels {
          var exact = Double(bias[channel])
          for y in 0..<geometry.kernel where y > 0 || geometry.kernel == 1 {
            for x in 0..<geometry.kernel {
              let column = output * geometry.stride + x - geometry.left
              guard column >= 0, column < geometry.columns else { continue }
              exact +=
                Double(input[(y * geometry.columns + column) * geometry.channels + channel])
                * Double(weights[(y * geometry.kernel + x) * geometry.channels + channel])
            }
          }
          exact = min(max(exact, -0.5), 6)
          let terms = Double(geometry.kernel * geometry.kernel + 1)
          let found = Double(result[output * geometry.channels + channel])
          #expect(abs(found - exact) <= terms * terms * 0x1p-24, "\(geometry)")
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available)
  func givesTheBitsOfPlainSwift(instructionSet: InstructionSet) {
    for geometry in Self.cases {
      let (input, weights, bias) = Self.operands(geometry)
      let (expected, found) = unsafe (
        Self.run(geometry, KernelSet(.portable), input: input, weights: weights, bias: bias),
        Self.run(geometry, KernelSet(instructionSet), input: input, weights: weights, bias: bias)
      )
      #expect(expected.map(\.bitPattern) == found.map(\.bitPattern), "\(geometry)")
    }
  }
}
