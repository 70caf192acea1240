import TapKernels
import Testing

/// Against the definition at awkward sizes. Integers, so that every order of summation gives the same.
@Test(arguments: [0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 33, 63, 64, 127, 1280])
func vectorKernelsEqualTheirDefinition(count: Int) {
  let a = (0..<count).map { Float($0 * 37 % 19 - 9) }
  let b = (0..<count).map { Float($0 * 11 % 23 - 11) }
  #expect(VectorKernels.dot(a.span, b.span) == zip(a, b).reduce(0) { $0 + $1.0 * $1.1 })
  var sum = b
  var span = sum.mutableSpan
  VectorKernels.add(3, a.span, to: &span)
  #expect(sum == zip(a, b).map { 3 * $0 + $1 })
}
