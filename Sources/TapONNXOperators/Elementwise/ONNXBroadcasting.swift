// Broadcasts operands of different shapes. Shapes are aligned at their last axes, and axes of extent 1 are repeated.
// This is NumPy's rule; ONNX calls it multidirectional broadcasting.

import TapTensors

package enum ONNXBroadcasting {
  /// The shape that all shapes broadcast to.
  ///
  /// - Throws: ``OperatorError/shapesDoNotBroadcast(_:_:)`` if two aligned extents differ and neither extent is 1.
  package static func shape(_ shapes: [Shape]) throws(OperatorError) -> Shape {
    var result = shapes.first?.extents ?? []
    for shape in shapes.dropFirst() {
      let rank = max(result.count, shape.rank)
      var extents = [Int](repeating: 1, count: rank)
      for axis in 0..<rank {
        let a = axis < rank - result.count ? 1 : result[axis - (rank - result.count)]
        let b = axis < rank - shape.rank ? 1 : shape[axis - (rank - shape.rank)]
        guard a == b || a == 1 || b == 1 else {
          throw .shapesDoNotBroadcast(try Shape(ofResult: result), shape)
        }
        extents[axis] = a == 1 ? b : a
      }
      result = extents
    }
    return try Shape(ofResult: result)
  }

  /// Applies `function` to each pair of elements. The results are row-major in the common shape.
  @inline(__always)
  static func map<A, B, Result>(
    _ a: [A], _ aShape: Shape, _ b: [B], _ bShape: Shape, _ function: (A, B) -> Result
  ) throws(OperatorError) -> (elements: [Result], shape: Shape) {
    if aShape == bShape {
      return (a.indices.map { function(a[$0], b[$0]) }, aShape)
    }
    let shape = try ONNXBroadcasting.shape([aShape, bShape])
    let strides = (broadcastStrides(of: aShape, in: shape), broadcastStrides(of: bShape, in: shape))
    var result: [Result] = []
    result.reserveCapacity(shape.elementCount)
    let width = shape.extents.last ?? 1
    let steps = (strides.0.last ?? 0, strides.1.last ?? 0)
    forEachRow(shape.extents, (0, 0), strides) { first, second in
      if steps.1 == 0 {
        let y = b[second]
        for i in 0..<width { result.append(function(a[first + i * steps.0], y)) }
      } else {
        for i in 0..<width { result.append(function(a[first + i * steps.0], b[second + i])) }
      }
    }
    return (result, shape)
  }
}
