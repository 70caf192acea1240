// Operators that give the same elements another shape or order. The elements may have any type.

import TapTensors

package enum ONNXShapes {
  /// ONNX `Reshape`. An extent of -1 is computed from the other extents. An extent of 0 is the input's own extent,
  /// unless `allowingZero` is true.
  ///
  /// - Throws: ``OperatorError`` if the elements do not exactly fill the shape.
  package static func reshape(
    _ x: ONNXTensor, to extents: [Int], allowingZero: Bool = false
  ) throws(OperatorError) -> ONNXTensor {
    var result = extents
    for axis in result.indices where result[axis] == 0 && !allowingZero {
      guard axis < x.rank else {
        throw .wrongValue(of: "the shape", expected: "no 0 beyond axis \(x.rank - 1)", found: "\(extents)")
      }
      result[axis] = x.shape[axis]
    }
    let open = result.indices.filter { result[$0] == -1 }
    guard open.count <= 1 else {
      throw .wrongValue(of: "the shape", expected: "one -1 at most", found: "\(extents)")
    }
    if let axis = open.first {
      result[axis] = 1
      let known = try Shape(ofResult: result).elementCount
      guard known > 0, x.count % known == 0 else {
        throw .wrongValue(of: "the shape", expected: "one that \(x.count) elements fill", found: "\(extents)")
      }
      result[axis] = x.count / known
    }
    let shape = try Shape(ofResult: result)
    guard shape.elementCount == x.count else {
      throw .wrongValue(of: "the shape", expected: "one that \(x.count) elements fill", found: "\(extents)")
    }
    return x.with(shape: shape)
  }

  /// ONNX `Flatten`: a matrix. The axes before `axis` become its rows, the other axes its columns.
  package static func flatten(_ x: ONNXTensor, axis: Int) throws(OperatorError) -> ONNXTensor {
    let axis = axis == x.rank ? axis : try x.shape.axis(axis)
    return x.with(shape: try Shape(ofResult: [x.shape.product(0..<axis), x.shape.product(axis..<x.rank)]))
  }

  /// ONNX `Squeeze`: removes some axes of extent 1. If `axes` is nil, removes all axes of extent 1.
  package static func squeeze(_ x: ONNXTensor, axes: [Int]?) throws(OperatorError) -> ONNXTensor {
    let removed: [Int]
    if let axes {
      removed = try x.shape.axes(axes)
      guard removed.allSatisfy({ x.shape[$0] == 1 }) else {
        throw .wrongShape(of: "the input", expected: "of extent 1 in the axes \(axes)", found: x.shape)
      }
    } else {
      removed = (0..<x.rank).filter { x.shape[$0] == 1 }
    }
    let kept = (0..<x.rank).filter { !removed.contains($0) }
    return x.with(shape: try Shape(ofResult: kept.map { x.shape[$0] }))
  }

  /// ONNX `Unsqueeze`: inserts axes of extent 1 at these positions of the result.
  package static func unsqueeze(_ x: ONNXTensor, axes: [Int]) throws(OperatorError) -> ONNXTensor {
    guard axes.count <= 64 else { throw .wrongCount(of: "axes", expected: "at most 64", found: axes.count) }
    let rank = x.rank + axes.count
    let added = try Shape(ofResult: [Int](repeating: 1, count: rank)).axes(axes)
    var extents = x.shape.extents[...]
    let result = (0..<rank).map { added.contains($0) ? 1 : extents.removeFirst() }
    return x.with(shape: try Shape(ofResult: result))
  }

  /// ONNX `Transpose`: axis i of the result is axis `permutation[i]` of the input. Nil reverses the axes.
  package static func transpose(_ x: ONNXTensor, permutation: [Int]?) throws(OperatorError) -> ONNXTensor {
    let permutation = permutation ?? (0..<x.rank).reversed()
    guard permutation.sorted() == Array(0..<x.rank) else {
      throw .wrongValue(
        of: "perm", expected: "the axes 0 to \(x.rank - 1) in any order", found: "\(permutation)")
    }
    if permutation == Array(0..<x.rank) { return x }
    let strides = x.shape.strides
    return x.strided(
      shape: try Shape(ofResult: permutation.map { x.shape[$0] }), offset: 0,
      strides: permutation.map { strides[$0] })
  }

  /// ONNX `Expand`: the tensor is broadcast together with a shape.
  package static func expand(_ x: ONNXTensor, to extents: [Int]) throws(OperatorError) -> ONNXTensor {
    x.broadcast(to: try ONNXBroadcasting.shape([x.shape, try Shape(ofResult: extents)]))
  }

  /// ONNX `Tile`: the input is repeated `repeats[a]` times along each axis a.
  package static func tile(_ x: ONNXTensor, repeats: [Int]) throws(OperatorError) -> ONNXTensor {
    guard repeats.count == x.rank else {
      throw .wrongCount(of: "repeats", expected: "\(x.rank)", found: repeats.count)
    }
    guard repeats.allSatisfy({ $0 >= 0 && $0 <= ONNXTensor.elementLimit }) else {
      throw .wrongValue(of: "the repeats", expected: "not negative", found: "\(repeats)")
    }
    // Every axis becomes two axes: an axis of repeats, and the axis itself.
    let own = x.shape.strides
    let shape = try Shape(ofResult: (0..<x.rank).map { x.shape[$0] * repeats[$0] })
    let pairs = try Shape(ofResult: (0..<x.rank).flatMap { [repeats[$0], x.shape[$0]] })
    return x.strided(shape: pairs, offset: 0, strides: own.flatMap { [0, $0] }).with(shape: shape)
  }

  /// ONNX `DepthToSpace`: turns channels into blocks of `size` x `size`. The shape of x is `[n, c size², h, w]`.
  ///
  /// - Parameter channelsFirst: whether the channel of the result varies slowest along axis 1 of x (mode `CRD`).
  ///   Otherwise it varies fastest (mode `DCR`).
  package static func depthToSpace(
    _ x: ONNXTensor, size: Int, channelsFirst: Bool
  ) throws(OperatorError) -> ONNXTensor {
    guard x.rank == 4 else { throw .wrongRank(of: "the input", expected: "4", shape: x.shape) }
    let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    guard size >= 1, size <= 1 << 15, c % (size * size) == 0 else {
      throw .wrongValue(of: "blocksize", expected: "one whose square divides \(c) channels", found: "\(size)")
    }
    let channels = c / (size * size)
    let split =
      channelsFirst ? [n, channels, size, size, h, w] : [n, size, size, channels, h, w]
    let order = channelsFirst ? [0, 1, 4, 2, 5, 3] : [0, 3, 4, 1, 5, 2]
    let blocks = try transpose(x.with(shape: try Shape(ofResult: split)), permutation: order)
    return blocks.with(shape: try Shape(ofResult: [n, channels, h * size, w * size]))
  }

  /// ONNX `SpaceToDepth`: turns blocks of `size` x `size` into channels. A shape `[n, c, h, w]` becomes
  /// `[n, c size², h / size, w / size]`.
  ///
  /// - Parameter channelsFirst: whether the channel of x varies slowest along axis 1 of the result (mode `CRD`).
  ///   Otherwise it varies fastest (mode `DCR`).
  package static func spaceToDepth(
    _ x: ONNXTensor, size: Int, channelsFirst: Bool
  ) throws(OperatorError) -> ONNXTensor {
    guard x.rank == 4 else { throw .wrongRank(of: "the input", expected: "4", shape: x.shape) }
    let (n, c, h, w) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3])
    guard size >= 1, size <= 1 << 15, h % size == 0, w % size == 0 else {
      throw .wrongValue(of: "blocksize", expected: "a divisor of \(h) and \(w)", found: "\(size)")
    }
    let split = try Shape(ofResult: [n, c, h / size, size, w / size, size])
    let order = channelsFirst ? [0, 1, 3, 5, 2, 4] : [0, 3, 5, 1, 2, 4]
    let blocks = try transpose(x.with(shape: split), permutation: order)
    return blocks.with(shape: try Shape(ofResult: [n, c * size * size, h / size, w / size]))
  }

  /// ONNX `Range`: start, start + step, … below limit, or above limit for negative steps. Element i of a range of
  /// floats is start + i · step.
  package static func range(
    from start: ONNXTensor, to limit: ONNXTensor, by step: ONNXTensor
  ) throws(OperatorError) -> ONNXTensor {
    guard start.count == 1, limit.count == 1, step.count == 1, start.type == limit.type,
      start.type == step.type
    else {
      throw .wrongShape(of: "start, limit and delta", expected: "scalars' of one type", found: step.shape)
    }
    func count(_ exact: Double) throws(OperatorError) -> Int {
      guard exact <= Double(ONNXTensor.elementLimit) else {
        throw .wrongValue(of: "the range", expected: "at most \(ONNXTensor.elementLimit) elements", found: "\(exact)")
      }
      return Int(max(exact.rounded(.up), 0))
    }
    switch (start.storage, limit.storage, step.storage) {
    case (.floats(let a), .floats(let b), .floats(let c)):
      guard c[0] != 0, ((b[0] - a[0]) / c[0]).isFinite else {
        throw .wrongValue(of: "delta", expected: "not 0", found: "\(c[0])")
      }
      let elements = (0..<(try count((Double(b[0]) - Double(a[0])) / Double(c[0])))).map {
        a[0] + Float($0) * c[0]
      }
      return ONNXTensor(shape: Shape([elements.count]), floats: elements, type: start.type)
    case (.integers(let a), .integers(let b), .integers(let c)):
      guard c[0] != 0 else { throw .wrongValue(of: "delta", expected: "not 0", found: "0") }
      let number = try count((Double(b[0]) - Double(a[0])) / Double(c[0]))
      let elements = (0..<number).map { a[0] &+ Int64($0) &* c[0] }
      return ONNXTensor(shape: Shape([elements.count]), integers: elements, type: start.type)
    default: throw .wrongType(of: "start, limit and delta", expected: "one type", found: step.type)
    }
  }

  /// ONNX `ConstantOfShape`: a tensor whose elements all have one value. The value is given as a tensor of one element.
  package static func constant(_ value: ONNXTensor, shape extents: [Int]) throws(OperatorError)
    -> ONNXTensor
  {
    guard value.count == 1 else { throw .wrongShape(of: "the value", expected: "[1]", found: value.shape) }
    let shape = try Shape(ofResult: extents)
    return value.with(shape: []).broadcast(to: shape)
  }

  /// ONNX `Trilu`: the part of each matrix above or below the diagonal `k`, including the diagonal. All other elements
  /// become 0.
  package static func triangle(_ x: ONNXTensor, upper: Bool, diagonal k: Int64) throws(OperatorError)
    -> ONNXTensor
  {
    guard x.rank >= 2 else { throw .wrongRank(of: "the input", expected: "2 or more", shape: x.shape) }
    let (rows, columns) = (x.shape[x.rank - 2], x.shape[x.rank - 1])
    let k = Int(max(-Int64(ONNXTensor.elementLimit), min(Int64(ONNXTensor.elementLimit), k)))
    let indices = (0..<x.count).map { index in
      let (row, column) = (index / columns % rows, index % columns)
      return (upper ? column - row >= k : column - row <= k) ? index : -1
    }
    return x.picked(indices, shape: x.shape)
  }
}
