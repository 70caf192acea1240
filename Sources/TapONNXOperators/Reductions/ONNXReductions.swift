// Sums, extremes and norms over some axes. Floats are accumulated in double precision, in row-major order of the
// reduced axes, and each result is rounded once. Integers wrap around.

import TapTensors

package enum ONNXReductions {
  /// ONNX `Reduce…`. Over no elements, a sum is 0, a product is 1 and a mean is NaN. The minimum of no elements is the
  /// largest value of the type; the maximum is the smallest value.
  package enum Kind: Hashable, Sendable {
    case sum, mean, product, maximum, minimum
    /// The norms Σ |x| and √Σ x².
    case l1, l2
    case sumOfSquares
    /// The logarithms ln Σ x and ln Σ e^x.
    case logOfSum, logOfSumOfExponentials
  }

  /// The reduction of `x` over `axes`; nil reduces all axes.
  ///
  /// - Parameter keepingAxes: whether the reduced axes stay in the result, with extent 1.
  package static func reduce(
    _ x: ONNXTensor, _ kind: Kind, axes: [Int]?, keepingAxes: Bool
  ) throws(OperatorError) -> ONNXTensor {
    let (rows, shape, width) = try arranged(x, axes: axes, keepingAxes: keepingAxes)
    switch rows.storage {
    case .floats(let elements):
      let result = (0..<shape.elementCount).map { row in
        Float(reduced(elements, row * width..<(row + 1) * width, kind))
      }
      return ONNXTensor(shape: shape, floats: result, type: x.type)
    case .integers(let elements):
      let range = x.type.integerRange
      let result = (0..<shape.elementCount).map { row in
        reduced(elements, row * width..<(row + 1) * width, kind, range)
      }
      return ONNXTensor(shape: shape, integers: result, type: x.type)
    }
  }

  /// ONNX `ArgMax` and `ArgMin`: the index of the largest or smallest element along an axis, as int64. If several
  /// elements are equal, the result is the index of the first or the last of them.
  package static func index(
    _ x: ONNXTensor, greatest: Bool, axis: Int, keepingAxis: Bool, last: Bool
  ) throws(OperatorError) -> ONNXTensor {
    let (rows, shape, width) = try arranged(x, axes: [axis], keepingAxes: keepingAxis)
    guard width > 0 || shape.elementCount == 0 else {
      throw .wrongShape(of: "the input", expected: "not empty along axis \(axis)", found: x.shape)
    }
    func best<Element>(_ row: Int, _ elements: [Element], _ isBetter: (Element, Element) -> Bool) -> Int64 {
      var best = 0
      for i in 1..<max(width, 1) {
        let (candidate, current) = (elements[row * width + i], elements[row * width + best])
        if last ? !isBetter(current, candidate) : isBetter(candidate, current) { best = i }
      }
      return Int64(best)
    }
    let result =
      switch rows.storage {
      case .floats(let elements):
        (0..<shape.elementCount).map { best($0, elements) { greatest ? $0 > $1 : $0 < $1 } }
      case .integers(let elements):
        (0..<shape.elementCount).map { best($0, elements) { greatest ? $0 > $1 : $0 < $1 } }
      }
    return ONNXTensor(shape: shape, integers: result)
  }

  /// Moves the reduced axes of the input to the end. Also returns the shape of the result, and the number of input
  /// elements that are reduced to one element of the result.
  private static func arranged(
    _ x: ONNXTensor, axes: [Int]?, keepingAxes: Bool
  ) throws(OperatorError) -> (rows: ONNXTensor, shape: Shape, width: Int) {
    let axes = try x.shape.axes(axes).sorted()
    let kept = (0..<x.rank).filter { !axes.contains($0) }
    let rows = try ONNXShapes.transpose(x, permutation: kept + axes)
    let extents =
      keepingAxes
      ? (0..<x.rank).map { axes.contains($0) ? 1 : x.shape[$0] } : kept.map { x.shape[$0] }
    return (rows, try Shape(ofResult: extents), axes.map { x.shape[$0] }.reduce(1, *))
  }

  private static func reduced(_ elements: [Float], _ range: Range<Int>, _ kind: Kind) -> Double {
    @inline(__always)
    func sum(_ function: (Double) -> Double) -> Double {
      var sum = 0.0
      for i in range { sum += function(Double(elements[i])) }
      return sum
    }
    switch kind {
    case .sum: return sum { $0 }
    case .mean: return sum { $0 } / Double(range.count)
    case .product: return range.reduce(1) { $0 * Double(elements[$1]) }
    case .maximum:
      return range.reduce(-.infinity) { $0.isNaN || $0 > Double(elements[$1]) ? $0 : Double(elements[$1]) }
    case .minimum:
      return range.reduce(.infinity) { $0.isNaN || $0 < Double(elements[$1]) ? $0 : Double(elements[$1]) }
    case .l1: return sum { $0.magnitude }
    case .l2: return sum { $0 * $0 }.squareRoot()
    case .sumOfSquares: return sum { $0 * $0 }
    case .logOfSum: return ONNXTranscendental.log(sum { $0 })
    case .logOfSumOfExponentials:
      let greatest = range.reduce(-Double.infinity) { max($0, Double(elements[$1])) }
      guard greatest.isFinite else { return greatest }
      return greatest + ONNXTranscendental.log(sum { ONNXTranscendental.exp($0 - greatest) })
    }
  }

  private static func reduced(
    _ elements: [Int64], _ range: Range<Int>, _ kind: Kind, _ limits: ClosedRange<Int64>
  ) -> Int64 {
    @inline(__always)
    func sum(_ function: (Int64) -> Int64) -> Int64 {
      var sum: Int64 = 0
      for i in range { sum &+= function(elements[i]) }
      return sum
    }
    switch kind {
    case .sum: return sum { $0 }
    case .mean: return range.isEmpty ? 0 : sum { $0 } / Int64(range.count)
    case .product: return range.reduce(1) { $0 &* elements[$1] }
    case .maximum: return range.reduce(limits.lowerBound) { max($0, elements[$1]) }
    case .minimum: return range.reduce(limits.upperBound) { min($0, elements[$1]) }
    case .l1: return sum { $0 < 0 ? 0 &- $0 : $0 }
    case .l2: return Int64(saturating: Double(sum { $0 &* $0 }).squareRoot())
    case .sumOfSquares: return sum { $0 &* $0 }
    case .logOfSum: return Int64(saturating: ONNXTranscendental.log(Double(sum { $0 })))
    case .logOfSumOfExponentials:
      var sum = 0.0
      for i in range { sum += ONNXTranscendental.exp(Double(elements[i])) }
      return Int64(saturating: ONNXTranscendental.log(sum))
    }
  }
}
