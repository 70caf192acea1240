import CTapKernels
import TapKernels
import Testing

@Suite struct ActivationTests {
  static let functions = [LT_SIGMOID, LT_SILU, LT_HARD_SIGMOID, LT_HARD_SWISH, LT_GELU, LT_TANH].map {
    Int32($0)
  }

  @unsafe static func run(_ function: Int32, _ input: [Float], _ kernels: KernelSet) -> [Float] {
    var output = [Float](repeating: -77, count: input.count + 1)
    unsafe input.withUnsafeBufferPointer { input in
      unsafe output.withUnsafeMutableBufferPointer { output in
        var call = unsafe lt_f32_activation(
          function: function, count: input.count, input: input.baseAddress!, output: output.baseAddress!)
        unsafe kernels.table.f32_activation(&call)
      }
    }
    precondition(output.removeLast() == -77, "the kernel wrote beyond its elements")
    return output
  }

  /// Sizes with a remainder after the vectors computed together, with none and with several of those; zeros, the ends
  /// of the range, values at which exponentials overflow, NaN.
  @Test(arguments: InstructionSet.available, functions)
  func givesTheBitsOfPlainSwift(instructionSet: InstructionSet, function: Int32) {
    var values = Values(seed: 13)
    let special: [Float] = [
      0, -0, 3, -3, 6, 120, -120, .infinity, -.infinity, .greatestFiniteMagnitude,
      Float(bitPattern: 0x0001_0000),
    ]
    for count in Array(1...17) + [21, 53, 64, 117, 130] {
      let input = special + values.array(count).map { 12 * $0 }
      let (expected, found) = unsafe (
        Self.run(function, input, KernelSet(.portable)), Self.run(function, input, KernelSet(instructionSet))
      )
      for (left, right) in zip(expected, found) {
        #expect(left.bitPattern == right.bitPattern || (left.isNaN && right.isNaN))
      }
    }
    let nan = unsafe Self.run(function, [.nan, 1], KernelSet(instructionSet))
    #expect(nan[0].isNaN && !nan[1].isNaN)
  }
}
