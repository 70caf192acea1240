// Running sums along an axis. Floats are accumulated in double precision, and each sum is rounded once. Integers wrap
// around.

import TapTensors

extension ONNXReductions {
  /// ONNX `CumSum`: `y[i] = Σ x[j]` over j <= i, along an axis.
  ///
  /// - Parameters:
  ///   - exclusive: whether the sum is over j < i, so that the first sum is 0.
  ///   - reversed: whether the sum starts at the other end of the axis. The sum is then over j >= i, or over j > i if
  ///     `exclusive` is true.
  package static func cumulativeSum(
    _ x: ONNXTensor, axis: Int, exclusive: Bool, reversed: Bool
  ) throws(OperatorError) -> ONNXTensor {
    let axis = try x.shape.axis(axis)
    let (extent, inner) = (x.shape[axis], x.shape.product(axis + 1..<x.rank))
    let rows = (0..<x.shape.product(0..<axis)).flatMap { outer in
      (0..<inner).map { outer * extent * inner + $0 }
    }
    /// The indices of the elements of one row, in the order in which they are added.
    func places(_ first: Int) -> [Int] {
      let places = (0..<extent).map { first + $0 * inner }
      return reversed ? places.reversed() : places
    }
    switch x.storage {
    case .floats(var elements):
      for row in rows {
        var sum = 0.0
        for place in places(row) {
          let element = Double(elements[place])
          elements[place] = Float(exclusive ? sum : sum + element)
          sum += element
        }
      }
      return ONNXTensor(shape: x.shape, floats: elements, type: x.type)
    case .integers(var elements):
      for row in rows {
        var sum: Int64 = 0
        for place in places(row) {
          let element = elements[place]
          elements[place] = exclusive ? sum : sum &+ element
          sum &+= element
        }
      }
      return ONNXTensor(shape: x.shape, integers: elements, type: x.type)
    }
  }
}
