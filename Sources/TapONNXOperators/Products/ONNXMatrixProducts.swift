// Products of matrices and of batches of matrices.

import TapTensors

package enum ONNXMatrixProducts {
  /// ONNX `MatMul`, as numpy.matmul. `a: [..., m, k]` and `b: [..., k, n]` give `[..., m, n]`. The axes before the last
  /// two broadcast. A vector is a row on the left and a column on the right; its added axis is dropped from the result.
  ///
  /// - Throws: ``OperatorError`` for scalars, for operands of different types, and for shapes that do not fit.
  package static func matrixProduct(_ a: ONNXTensor, _ b: ONNXTensor) throws(OperatorError) -> ONNXTensor {
    guard a.rank >= 1 else { throw .wrongRank(of: "the first input", expected: "1 or more", shape: a.shape) }
    guard b.rank >= 1 else { throw .wrongRank(of: "the second input", expected: "1 or more", shape: b.shape) }
    guard a.type == b.type else {
      throw .wrongType(of: "the second input", expected: "\(a.type) as the first", found: b.type)
    }
    let left = a.rank == 1 ? try Shape(ofResult: [1] + a.shape.extents) : a.shape
    let right = b.rank == 1 ? try Shape(ofResult: b.shape.extents + [1]) : b.shape
    let (m, k) = (left[left.rank - 2], left[left.rank - 1])
    let n = right[right.rank - 1]
    guard right[right.rank - 2] == k else {
      throw .wrongShape(of: "the second input", expected: "\(k) rows", found: b.shape)
    }
    let leading = (
      try Shape(ofResult: Array(left.extents.dropLast(2))),
      try Shape(ofResult: Array(right.extents.dropLast(2)))
    )
    let batch = try ONNXBroadcasting.shape([leading.0, leading.1])
    let full = try Shape(ofResult: batch.extents + [m, n])
    let shape = try Shape(
      ofResult: batch.extents + (a.rank == 1 ? [] : [m]) + (b.rank == 1 ? [] : [n]))
    // An axis of extent 1 is added after the batch axes, so that `forEachRow` visits each matrix once.
    let strides = (
      broadcastStrides(of: leading.0, in: batch).map { $0 * m * k } + [0],
      broadcastStrides(of: leading.1, in: batch).map { $0 * k * n } + [0]
    )
    switch (a.storage, b.storage) {
    case (.floats(let x), .floats(let y)):
      var result = [Float](repeating: 0, count: full.elementCount)
      var offset = 0
      forEachRow(batch.extents + [1], (0, 0), strides) { first, second in
        product(x, at: first, y, at: second, into: &result, at: offset, m: m, n: n, k: k)
        offset += m * n
      }
      return ONNXTensor(shape: shape, floats: result, type: a.type)
    case (.integers(let x), .integers(let y)):
      var result = [Int64](repeating: 0, count: full.elementCount)
      var offset = 0
      forEachRow(batch.extents + [1], (0, 0), strides) { first, second in
        for i in 0..<m {
          for l in 0..<k {
            let value = x[first + i * k + l]
            for j in 0..<n { result[offset + i * n + j] &+= value &* y[second + l * n + j] }
          }
        }
        offset += m * n
      }
      return ONNXTensor(shape: shape, integers: result, type: a.type)
    default: throw .wrongType(of: "the second input", expected: "\(a.type)", found: b.type)
    }
  }

  /// ONNX `Gemm`: alpha A' B' + beta C. A' is A or its transpose, and B' is B or its transpose. The shape of A' is
  /// `[m, k]`, the shape of B' is `[k, n]`, and C broadcasts to `[m, n]`.
  ///
  /// - Throws: ``OperatorError`` if the shapes do not fit, and for integers.
  package static func gemm(
    _ a: ONNXTensor, _ b: ONNXTensor, plus c: ONNXTensor?, alpha: Float, beta: Float,
    transposingA: Bool, transposingB: Bool
  ) throws(OperatorError) -> ONNXTensor {
    guard a.rank == 2 else { throw .wrongRank(of: "the first input", expected: "2", shape: a.shape) }
    guard b.rank == 2 else { throw .wrongRank(of: "the second input", expected: "2", shape: b.shape) }
    let left =
      transposingA
      ? a.strided(shape: Shape([a.shape[1], a.shape[0]]), offset: 0, strides: [1, a.shape[1]]) : a
    let (m, k) = (left.shape[0], left.shape[1])
    let n = transposingB ? b.shape[0] : b.shape[1]
    guard (transposingB ? b.shape[1] : b.shape[0]) == k else {
      throw .wrongShape(of: "the second input", expected: "an inner extent of \(k)", found: b.shape)
    }
    let shape = try Shape(ofResult: [m, n])
    var result = [Float](repeating: 0, count: shape.elementCount)
    let (x, y) = (try left.floats("the first input"), try b.floats("the second input"))
    if transposingB {
      ONNXMatrixKernel.multiply(x, at: 0, into: &result, at: 0, rows: m, columns: n, depth: k) {
        depth, column, panel in
        for lane in 0..<ONNXMatrixKernel.panelWidth {
          let start = (column + lane) * k
          var target = lane
          for l in depth {
            panel[target] = column + lane < n ? y[start + l] : 0
            target += ONNXMatrixKernel.panelWidth
          }
        }
      }
    } else {
      product(x, at: 0, y, at: 0, into: &result, at: 0, m: m, n: n, k: k)
    }
    if alpha != 1 { for i in result.indices { result[i] *= alpha } }
    if let c {
      guard try ONNXBroadcasting.shape([shape, c.shape]) == shape else {
        throw .wrongShape(of: "the third input", expected: "one that broadcasts to \(shape)", found: c.shape)
      }
      let addend = try c.broadcast(to: shape).floats("the third input")
      for i in result.indices { result[i] += beta * addend[i] }
    }
    return ONNXTensor(shape: shape, floats: result, type: a.type)
  }

  /// C: [m, n] += A: [m, k] · B: [k, n].
  private static func product(
    _ x: [Float], at first: Int, _ y: [Float], at second: Int, into result: inout [Float], at offset: Int,
    m: Int, n: Int, k: Int
  ) {
    ONNXMatrixKernel.multiply(x, at: first, into: &result, at: offset, rows: m, columns: n, depth: k) {
      depth, column, panel in
      let width = min(ONNXMatrixKernel.panelWidth, n - column)
      var target = 0
      for l in depth {
        let start = second + l * n + column
        for lane in 0..<width { panel[target + lane] = y[start + lane] }
        for lane in width..<ONNXMatrixKernel.panelWidth { panel[target + lane] = 0 }
        target += ONNXMatrixKernel.panelWidth
      }
    }
  }
}
