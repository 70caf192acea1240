import CTapKernels
import TapKernels
import Testing

@Suite struct WindowTests {
  /// Windows of all pixels but `outputs` - 1, each `step` pixels after the one before it.
  @unsafe static func run(
    _ pixels: [Float], channels: Int, divisor: Float, outputs: Int = 1, step: Int = 1, _ kernels: KernelSet
  ) -> [Float] {
    var output = [Float](repeating: -77, count: outputs * channels + 1)
    unsafe pixels.withUnsafeBufferPointer { pixels in
      unsafe output.withUnsafeMutableBufferPointer { output in
        let count = pixels.count / channels - (outputs - 1) * step
        let pointers = unsafe (0..<count).map { unsafe pixels.baseAddress! + $0 * channels }
        unsafe pointers.withUnsafeBufferPointer { pointers in
          var window = unsafe lt_f32_window(
            outputs: outputs, step: step * channels, count: pointers.count, channels: channels,
            pixels: pointers.baseAddress!, divisor: divisor, output: output.baseAddress!)
          unsafe kernels.table.f32_window(&window)
        }
      }
    }
    precondition(output.removeLast() == -77, "the kernel wrote beyond its channels")
    return output
  }

  /// Infinities, zeros of both signs and NaNs stand among the pixels, first and last too.
  static func pixels(_ count: Int, channels: Int) -> [Float] {
    var values = Values(seed: 11)
    var pixels = values.array(count * channels)
    let special: [Float] = [0, -0, .infinity, -.infinity, .nan]
    for index in pixels.indices where index % 7 == 0 { pixels[index] = special[index / 7 % special.count] }
    return pixels
  }

  @Test(arguments: InstructionSet.available, [1, 7, 8, 15, 16, 17, 40])
  func isTheMaximumOrTheMean(instructionSet: InstructionSet, channels: Int) {
    let kernels = KernelSet(instructionSet)
    for count in [1, 2, 9] {
      let pixels = Self.pixels(count, channels: channels)
      let maximum = unsafe Self.run(pixels, channels: channels, divisor: 0, kernels)
      let mean = unsafe Self.run(pixels, channels: channels, divisor: 9, kernels)
      for channel in 0..<channels {
        let column = (0..<count).map { pixels[$0 * channels + channel] }
        if column.contains(where: \.isNaN) {
          #expect(maximum[channel].isNaN && mean[channel].isNaN)
        } else {
          #expect(maximum[channel] == column.max()!)
          let exact = column.reduce(0) { $0 + Double($1) } / 9
          let found = Double(mean[channel])
          #expect(found == exact || abs(found - exact) < 1e-6 || (found.isNaN && exact.isNaN))
        }
      }
    }
  }

  @Test(arguments: InstructionSet.available, [1, 7, 8, 15, 16, 17, 40])
  func givesTheBitsOfPlainSwift(instructionSet: InstructionSet, channels: Int) {
    let pixels = Self.pixels(9, channels: channels)
    for divisor in [Float(0), 9] {
      let (expected, found) = unsafe (
        Self.run(pixels, channels: channels, divisor: divisor, KernelSet(.portable)),
        Self.run(pixels, channels: channels, divisor: divisor, KernelSet(instructionSet))
      )
      // A sum of opposite infinities is a NaN of the processor's choice.
      for (left, right) in zip(expected, found) {
        #expect(left.bitPattern == right.bitPattern || (divisor > 0 && left.isNaN && right.isNaN))
      }
    }
  }

  @Test(arguments: InstructionSet.available, [1, 8, 17, 64])
  func computesNeighborsAsOneByOne(instructionSet: InstructionSet, channels: Int) {
    let kernels = KernelSet(instructionSet)
    for (outputs, step, count) in [(2, 1, 9), (5, 2, 9), (3, 2, 4)] {
      let pixels = Self.pixels(count + (outputs - 1) * step, channels: channels)
      for divisor in [Float(0), 4] {
        let together = unsafe Self.run(
          pixels, channels: channels, divisor: divisor, outputs: outputs, step: step, kernels)
        let alone = (0..<outputs).flatMap { output in
          let window = pixels[output * step * channels..<(output * step + count) * channels]
          return unsafe Self.run(Array(window), channels: channels, divisor: divisor, kernels)
        }
        #expect(together.map(\.bitPattern) == alone.map(\.bitPattern))
      }
    }
  }
}
