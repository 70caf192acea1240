import CTapKernels
import TapKernels
import Testing

@Suite struct GroupedTests {
  struct Geometry: CustomStringConvertible, Sendable {
    let columns: Int
    let channels: Int
    let group: Int
    let stride: Int

    var outputs: Int { (columns + stride - 1) / stride }
    var description: String { "\(columns) columns, \(channels) channels by \(group), stride \(stride)" }
  }

  /// Some rows are shorter and some are longer than the number of outputs that the kernel computes together. For some
  /// rows, outputs are computed twice. The panels are of every kind.
  static let cases = [1, 2, 6, 7, 8, 14, 17].flatMap { columns in
    [(4, 4), (12, 4), (16, 4), (44, 4), (8, 8), (24, 8), (64, 8), (104, 8)].flatMap { channels, group in
      [1, 2].map { Geometry(columns: columns, channels: channels, group: group, stride: $0) }
    }
  }

  /// - Parameter weights: `[channels][group][9]`, as PyTorch stores them.
  @unsafe static func run(
    _ geometry: Geometry, _ kernels: KernelSet, input: [Float], weights: [Float], bias: [Float]
  ) -> [Float] {
    let (channels, group) = (geometry.channels, geometry.group)
    let zeros = [Float](repeating: 0, count: geometry.columns * channels)
    var packed: [Float] = []
    for first in stride(from: 0, to: channels, by: 2 * kernels.vectorWidth) {
      for position in 0..<9 {
        for index in 0..<group {
          for channel in first..<min(first + 2 * kernels.vectorWidth, channels) {
            packed.append(weights[(channel * group + index) * 9 + position])
          }
        }
      }
    }
    var output = [Float](repeating: -77, count: geometry.outputs * channels + 1)
    unsafe input.withUnsafeBufferPointer { input in
      unsafe packed.withUnsafeBufferPointer { weights in
        unsafe bias.withUnsafeBufferPointer { bias in
          unsafe zeros.withUnsafeBufferPointer { zeros in
            unsafe output.withUnsafeMutableBufferPointer { output in
              // The first row lies above the image.
              let rows = unsafe [
                zeros.baseAddress!, input.baseAddress!, input.baseAddress! + geometry.columns * channels,
              ]
              unsafe rows.withUnsafeBufferPointer { rows in
                var row = unsafe lt_f32_depthwise_row(
                  outputs: geometry.outputs, channels: channels, group: group, kernel: 3,
                  stride: geometry.stride, first_column: -1, columns: geometry.columns,
                  rows: rows.baseAddress!, zeros: zeros.baseAddress!, bias: bias.baseAddress!,
                  weights: weights.baseAddress!, output: output.baseAddress!, minimum: -0.5, maximum: 6)
                unsafe kernels.table.f32_grouped(&row)
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
    var values = Values(seed: 19)
    return (
      values.array(2 * geometry.columns * geometry.channels),
      values.array(9 * geometry.group * geometry.channels), values.array(geometry.channels)
    )
  }

  /// The tolerance is the tolerance of a chain of 9 * group + 1 fused multiply-adds of magnitudes below 1.
  @Test(arguments: InstructionSet.available)
  func agreesWithTheSumInDouble(instructionSet: InstructionSet) {
    let kernels = KernelSet(instructionSet)
    for geometry in Self.cases {
      let (channels, group) = (geometry.channels, geometry.group)
      let (input, weights, bias) = Self.operands(geometry)
      let result = unsafe Self.run(geometry, kernels, input: input, weights: weights, bias: bias)
      for output in 0..<geometry.outputs {
        for channel in 0..<channels {
          var exact = Double(bias[channel])
          for y in 1..<3 {
            for x in 0..<3 {
              let column = output * geometry.stride + x - 1
              guard column >= 0, column < geometry.columns else { continue }
              let pixel = ((y - 1) * geometry.columns + column) * channels + channel / group * group
              for index in 0..<group {
                let weight = weights[(channel * group + index) * 9 + 3 * y + x]
                exact += Double(input[pixel + index]) * Double(weight)
              }
            }
          }
          exact = min(max(exact, -0.5), 6)
          let terms = Double(9 * group + 1)
          let found = Double(result[output * channels + channel])
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
