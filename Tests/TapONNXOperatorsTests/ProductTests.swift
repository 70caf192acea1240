// Compares the fast products with their definitions, at sizes around those of panels and blocks.

import TapONNXOperators
import TapTensors
import Testing

struct ProductTests {
  /// Small whole numbers, whose sums are exact in any order.
  private func numbers(_ count: Int, _ seed: Int) -> [Float] {
    (0..<count).map { Float(($0 &* 7919 &+ seed) % 13 - 6) }
  }

  @Test(arguments: [1, 3, 4, 5, 9], [1, 7, 8, 9, 17])
  func matrixProductsAreTheirDefinition(m: Int, n: Int) throws {
    for k in [0, 1, 255, 256, 257] {
      let (a, b) = (numbers(m * k, 1), numbers(k * n, 5))
      let expected = (0..<m * n).map { index in
        (0..<k).reduce(Float(0)) { $0 + a[index / n * k + $1] * b[$1 * n + index % n] }
      }
      let (left, right) = (ONNXTensor(shape: [m, k], floats: a), ONNXTensor(shape: [k, n], floats: b))
      #expect(try ONNXMatrixProducts.matrixProduct(left, right).floats() == expected)
      for (transposingA, transposingB) in [(false, true), (true, false), (true, true)] {
        let product = try ONNXMatrixProducts.gemm(
          transposingA ? ONNXShapes.transpose(left, permutation: nil) : left,
          transposingB ? ONNXShapes.transpose(right, permutation: nil) : right,
          plus: nil, alpha: 1, beta: 1, transposingA: transposingA, transposingB: transposingB)
        #expect(try product.floats() == expected)
      }
    }
  }

  @Test(arguments: [1, 2, 3], [1, 2])
  func convolutionsAreTheirDefinition(stride: Int, dilation: Int) throws {
    let (channels, filters, groups, height, width) = (6, 4, 2, 9, 13)
    let x = ONNXTensor(
      shape: [2, channels, height, width], floats: numbers(2 * channels * height * width, 3))
    let w = ONNXTensor(
      shape: [filters, channels / groups, 3, 2], floats: numbers(filters * channels / groups * 6, 8))
    let bias = ONNXTensor(shape: [filters], floats: numbers(filters, 2))
    let window = ONNXWindowAttributes(
      kernel: [3, 2], strides: [stride, stride], dilations: [dilation, dilation], pads: [1, 2, 0, 1])
    let y = try ONNXConvolution.convolve(x, weights: w, bias: bias, groups: groups, window)
    let (h, v) = (y.shape[2], y.shape[3])
    #expect(h == (height + 1 - 2 * dilation - 1) / stride + 1 && v == (width + 3 - dilation - 1) / stride + 1)
    let (source, weights, biases, result) = (
      try x.floats(), try w.floats(), try bias.floats(), try y.floats()
    )
    for index in result.indices {
      let (image, filter) = (index / (filters * h * v), index / (h * v) % filters)
      var sum = biases[filter]
      for channel in 0..<channels / groups {
        for i in 0..<3 {
          for j in 0..<2 {
            let row = index / v % h * stride - 1 + i * dilation
            let column = index % v * stride - 2 + j * dilation
            guard row >= 0, row < height, column >= 0, column < width else { continue }
            let plane = image * channels + filter / (filters / groups) * (channels / groups) + channel
            sum +=
              source[(plane * height + row) * width + column]
              * weights[((filter * (channels / groups) + channel) * 3 + i) * 2 + j]
          }
        }
      }
      #expect(result[index] == sum)
    }
  }

  @Test func refusesShapesThatDoNotFit() {
    let a = ONNXTensor(shape: [2, 3], floats: numbers(6, 0))
    #expect(throws: OperatorError.wrongShape(of: "the second input", expected: "3 rows", found: [2, 3])) {
      try ONNXMatrixProducts.matrixProduct(a, a)
    }
    #expect(throws: OperatorError.shapesDoNotBroadcast([2, 3], [2])) {
      try ONNXArithmetic.add(a, ONNXTensor(shape: [2], floats: [1, 2]))
    }
    #expect(throws: OperatorError.divisionByZero) {
      try ONNXArithmetic.divide(ONNXTensor([1]), ONNXTensor([0]))
    }
    #expect(throws: OperatorError.tooManyElements(shape: [1 << 20, 1 << 20], limit: 1 << 27)) {
      try ONNXShapes.expand(ONNXTensor(1), to: [1 << 20, 1 << 20])
    }
  }
}
