// Operators that take parts of tensors or join tensors.

import TapTensors

package enum ONNXSlicing {
  /// ONNX `Concat`: joins tensors along an axis. Their types and all other extents are equal.
  package static func concatenate(_ values: [ONNXTensor], axis: Int) throws(OperatorError) -> ONNXTensor {
    guard let first = values.first else { throw .missing("the first input") }
    let axis = try first.shape.axis(axis)
    var extents = first.shape.extents
    extents[axis] = 0
    for (number, value) in values.enumerated() {
      var other = value.shape.extents
      guard value.type == first.type else {
        throw .wrongType(of: "input \(number)", expected: "\(first.type) as the first", found: value.type)
      }
      guard other.count == extents.count else {
        throw .wrongRank(of: "input \(number)", expected: "\(first.rank) as the first", shape: value.shape)
      }
      extents[axis] += other[axis]
      other[axis] = extents[axis]
      guard other == extents else {
        throw .wrongShape(
          of: "input \(number)", expected: "that of the first but for axis \(axis), \(first.shape)",
          found: value.shape)
      }
    }
    let shape = try Shape(ofResult: extents)
    let outer = shape.product(0..<axis)
    let widths = values.map { $0.shape.product(axis..<shape.rank) }
    switch first.storage {
    case .floats:
      var parts: [[Float]] = []
      for value in values { parts.append(try value.floats()) }
      return ONNXTensor(shape: shape, storage: .floats(interleaved(parts, widths, outer)), type: first.type)
    case .integers:
      var parts: [[Int64]] = []
      for value in values { parts.append(try value.integers()) }
      return ONNXTensor(
        shape: shape, storage: .integers(interleaved(parts, widths, outer)), type: first.type)
    }
  }

  /// ONNX `Split`: splits an axis into consecutive parts of these sizes.
  ///
  /// - Throws: ``OperatorError`` if a size is negative, or if the sizes do not add up to the extent.
  package static func split(_ x: ONNXTensor, sizes: [Int], axis: Int) throws(OperatorError) -> [ONNXTensor] {
    let axis = try x.shape.axis(axis)
    var sum = 0
    for size in sizes where size >= 0 && size <= x.shape[axis] { sum += size }
    guard sum == x.shape[axis], sizes.allSatisfy({ $0 >= 0 && $0 <= x.shape[axis] }) else {
      throw .wrongValue(of: "split", expected: "sizes that add up to \(x.shape[axis])", found: "\(sizes)")
    }
    let strides = x.shape.strides
    var parts: [ONNXTensor] = []
    var offset = 0
    for size in sizes {
      var extents = x.shape.extents
      extents[axis] = size
      parts.append(
        x.strided(shape: try Shape(ofResult: extents), offset: offset * strides[axis], strides: strides))
      offset += size
    }
    return parts
  }

  /// ONNX `Split` into `count` equal parts. If the extent is not a multiple of `count`, the last part is smaller.
  package static func split(_ x: ONNXTensor, count: Int, axis: Int) throws(OperatorError) -> [ONNXTensor] {
    let axis = try x.shape.axis(axis)
    let extent = x.shape[axis]
    guard count >= 1 && count <= max(extent, 1) else {
      throw .wrongValue(of: "the number of parts", expected: "1 to \(extent)", found: "\(count)")
    }
    let size = (extent + count - 1) / count
    let sizes = (0..<count).map { max(0, min(size, extent - $0 * size)) }
    return try split(x, sizes: sizes, axis: axis)
  }

  /// ONNX `Slice`: the elements from `starts` up to `ends` (not included) with steps of `steps`, along `axes`. Negative
  /// bounds count from the end. Bounds outside the axis are clipped. Steps may be negative.
  package static func slice(
    _ x: ONNXTensor, starts: [Int64], ends: [Int64], axes: [Int]?, steps: [Int64]?
  ) throws(OperatorError) -> ONNXTensor {
    let axes = try x.shape.axes(axes ?? Array(0..<min(starts.count, x.rank)))
    let steps = steps ?? [Int64](repeating: 1, count: starts.count)
    guard starts.count == axes.count, ends.count == axes.count, steps.count == axes.count else {
      throw .wrongCount(of: "starts, ends and steps", expected: "\(axes.count) each", found: starts.count)
    }
    var extents = x.shape.extents
    var strides = x.shape.strides
    var offset = 0
    for (position, axis) in axes.enumerated() {
      let extent = Int64(extents[axis])
      let step = max(-(1 << 31), min(1 << 31, steps[position]))
      guard step != 0 else { throw .wrongValue(of: "a step", expected: "not 0", found: "0") }
      func bound(_ value: Int64, _ range: ClosedRange<Int64>) -> Int64 {
        let fromFront = value < 0 ? value + extent : value
        return max(range.lowerBound, min(range.upperBound, fromFront))
      }
      let limits = step > 0 ? 0...extent : -1...max(extent - 1, -1)
      let start = bound(starts[position], limits)
      let end = bound(ends[position], limits)
      let count = step > 0 ? (end - start + step - 1) / step : (start - end - step - 1) / -step
      extents[axis] = Int(max(count, 0))
      if count > 0 { offset += Int(start) * strides[axis] }
      strides[axis] *= Int(step)
    }
    let shape = try Shape(ofResult: extents)
    guard shape.elementCount > 0 else { return x.picked([], shape: shape) }
    return x.strided(shape: shape, offset: offset, strides: strides)
  }

  /// ONNX `Gather`: the slices of an axis at the given indices. The axes of `indices` replace that axis.
  package static func gather(
    _ x: ONNXTensor, indices: ONNXTensor, axis: Int
  ) throws(OperatorError) -> ONNXTensor {
    let axis = try x.shape.axis(axis)
    let positions = try ONNXSlicing.positions(indices, extent: x.shape[axis])
    let shape = try Shape(
      ofResult: x.shape.extents[..<axis] + indices.shape.extents + x.shape.extents[(axis + 1)...])
    let inner = x.shape.product(axis + 1..<x.rank)
    var picked: [Int] = []
    picked.reserveCapacity(shape.elementCount)
    for outer in 0..<x.shape.product(0..<axis) {
      for position in positions {
        let start = (outer * x.shape[axis] + position) * inner
        picked.append(contentsOf: start..<start + inner)
      }
    }
    return x.picked(picked, shape: shape)
  }

  /// ONNX `GatherElements`: x[i₀, …, index[i], …], where index[i] replaces the index of the axis.
  package static func gatherElements(
    _ x: ONNXTensor, indices: ONNXTensor, axis: Int
  ) throws(OperatorError) -> ONNXTensor {
    let axis = try x.shape.axis(axis)
    guard indices.rank == x.rank else {
      throw .wrongRank(of: "the indices", expected: "\(x.rank) as the input", shape: indices.shape)
    }
    for other in 0..<x.rank where other != axis && indices.shape[other] > x.shape[other] {
      throw .wrongShape(
        of: "the indices", expected: "at most \(x.shape) but for axis \(axis)", found: indices.shape)
    }
    let positions = try ONNXSlicing.positions(indices, extent: x.shape[axis])
    var strides = x.shape.strides
    let step = strides[axis]
    strides[axis] = 0
    var picked: [Int] = []
    picked.reserveCapacity(positions.count)
    let width = indices.shape.extents.last ?? 1
    forEachRow(indices.shape.extents, 0, strides) { start in
      for i in 0..<width { picked.append(start + i * (strides.last ?? 0) + positions[picked.count] * step) }
    }
    return x.picked(picked, shape: indices.shape)
  }

  /// The indices, counted from the front. The given indices must be in -extent ..< extent.
  private static func positions(_ indices: ONNXTensor, extent: Int) throws(OperatorError) -> [Int] {
    let values = try indices.integers("the indices")
    if let outside = values.first(where: { $0 < -Int64(extent) || $0 >= Int64(extent) }) {
      throw .indexOutside(of: "the indices", index: outside, extent: extent)
    }
    return values.map { Int($0 < 0 ? $0 + Int64(extent) : $0) }
  }

  private static func interleaved<Element>(_ parts: [[Element]], _ widths: [Int], _ outer: Int) -> [Element] {
    var result: [Element] = []
    result.reserveCapacity(outer * widths.reduce(0, +))
    for row in 0..<outer {
      for (part, width) in zip(parts, widths) {
        result.append(contentsOf: part[row * width..<(row + 1) * width])
      }
    }
    return result
  }
}
