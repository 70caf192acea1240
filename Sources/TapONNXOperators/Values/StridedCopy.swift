// Reads elements in another order, for transposing, slicing, expanding and splitting.

import TapTensors

extension ONNXTensor {
  /// The elements at `offset + Σ index[a] · strides[a]` for all indices of `shape`. A stride of 0 repeats an element; a
  /// negative stride reads backwards.
  ///
  /// - Precondition: every offset is within this tensor.
  func strided(shape: Shape, offset: Int, strides: [Int]) -> ONNXTensor {
    switch storage {
    case .floats(let elements):
      ONNXTensor(
        shape: shape, storage: .floats(stridedCopy(elements, shape.extents, offset, strides)), type: type)
    case .integers(let elements):
      ONNXTensor(
        shape: shape, storage: .integers(stridedCopy(elements, shape.extents, offset, strides)), type: type)
    }
  }

  /// The elements at `indices`. At an index of -1, the element is `fill`, or 0 if `fill` is nil.
  ///
  /// - Precondition: the indices fill `shape` and are within this tensor, and `fill` has the type of this tensor.
  func picked(_ indices: [Int], shape: Shape, fill: ONNXTensor? = nil) -> ONNXTensor {
    switch storage {
    case .floats(let elements):
      var other: Float = 0
      if case .floats(let values)? = fill?.storage, let value = values.first { other = value }
      return ONNXTensor(
        shape: shape, storage: .floats(indices.map { $0 < 0 ? other : elements[$0] }), type: type)
    case .integers(let elements):
      var other: Int64 = 0
      if case .integers(let values)? = fill?.storage, let value = values.first { other = value }
      return ONNXTensor(
        shape: shape, storage: .integers(indices.map { $0 < 0 ? other : elements[$0] }), type: type)
    }
  }

  /// This tensor, repeated to the shape of a result, along axes of extent 1 and along axes that are missing in front.
  ///
  /// - Precondition: the shapes broadcast.
  func broadcast(to result: Shape) -> ONNXTensor {
    if shape == result { return self }
    return strided(shape: result, offset: 0, strides: broadcastStrides(of: shape, in: result))
  }
}

/// The strides of `shape`, aligned to the last axes of `result`. The stride is 0 along repeated axes.
func broadcastStrides(of shape: Shape, in result: Shape) -> [Int] {
  let own = shape.strides
  let missing = result.rank - shape.rank
  return result.extents.indices.map { axis in
    axis < missing || shape[axis - missing] == 1 ? 0 : own[axis - missing]
  }
}

/// Calls `body` with the offset of each row, in order. A row has all elements along the last axis.
@inline(__always)
func forEachRow(_ extents: [Int], _ offset: Int, _ strides: [Int], _ body: (Int) -> Void) {
  forEachRow(extents, (offset, 0), (strides, strides)) { first, _ in body(first) }
}

/// Calls `body` with the offsets of each row of two tensors that are read in parallel.
@inline(__always)
func forEachRow(
  _ extents: [Int], _ offsets: (Int, Int), _ strides: ([Int], [Int]), _ body: (Int, Int) -> Void
) {
  guard !extents.contains(0) else { return }
  let outer = max(extents.count - 1, 0)
  var index = [Int](repeating: 0, count: outer)
  var (first, second) = offsets
  while true {
    body(first, second)
    var axis = outer - 1
    while axis >= 0 {
      index[axis] += 1
      first += strides.0[axis]
      second += strides.1[axis]
      if index[axis] < extents[axis] { break }
      first -= strides.0[axis] * extents[axis]
      second -= strides.1[axis] * extents[axis]
      index[axis] = 0
      axis -= 1
    }
    if axis < 0 { return }
  }
}

private func stridedCopy<Element>(
  _ source: [Element], _ extents: [Int], _ offset: Int, _ strides: [Int]
) -> [Element] {
  var result: [Element] = []
  result.reserveCapacity(extents.reduce(1, *))
  let width = extents.last ?? 1
  let step = strides.last ?? 1
  forEachRow(extents, offset, strides) { start in
    if step == 1 {
      result.append(contentsOf: source[start..<start + width])
    } else if step == 0 {
      result.append(contentsOf: repeatElement(source[start], count: width))
    } else {
      for i in 0..<width { result.append(source[start + i * step]) }
    }
  }
  return result
}
