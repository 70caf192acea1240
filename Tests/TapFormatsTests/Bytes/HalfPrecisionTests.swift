import TapFormats
import Testing

struct HalfPrecisionTests {
  @Test(arguments: [
    (UInt16(0x0000), Float(0)), (0x0001, 0x1p-24), (0x03FF, 0x1.FF8p-15), (0x0400, 0x1p-14), (0x3C00, 1),
    (0x3555, 0.333251953125), (0xC000, -2), (0x7BFF, 65504), (0x7C00, .infinity), (0xFC00, -.infinity),
  ])
  func halves(bits: UInt16, value: Float) {
    #expect(Float(float16Bits: bits) == value)
  }

  @Test func specialValues() {
    #expect(Float(float16Bits: 0x7E00).isNaN)
    #expect(Float(float16Bits: 0x8000).bitPattern == Float(-0.0).bitPattern)
    #expect(Float(bfloat16Bits: 0x3F80) == 1)
    #expect(Float(bfloat16Bits: 0xC2F7) == -123.5)
  }
}
