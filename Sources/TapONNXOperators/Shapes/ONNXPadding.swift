// A tensor with padding around it.

import TapTensors

package enum ONNXPadding {
  /// The `mode` of ONNX `Pad`.
  package enum Mode: String, Hashable, Sendable, CaseIterable {
    case constant, edge, wrap
    /// Elements are mirrored, and the element at the edge is not repeated.
    case reflect
  }

  /// ONNX `Pad`: adds elements around each of `axes`. `pads` has the numbers of elements in front of all axes, then the
  /// numbers behind all axes. A negative number cuts off elements.
  ///
  /// - Parameter value: the padding value of the constant mode: a tensor of x's type with one element. Nil is 0.
  /// - Throws: ``OperatorError``, also if an axis is empty and the mode is not constant.
  package static func pad(
    _ x: ONNXTensor, _ mode: Mode, pads: [Int], axes: [Int]?, value: ONNXTensor?
  ) throws(OperatorError) -> ONNXTensor {
    let axes = try x.shape.axes(axes)
    guard pads.count == 2 * axes.count else {
      throw .wrongCount(of: "pads", expected: "\(2 * axes.count)", found: pads.count)
    }
    let limit = ONNXTensor.elementLimit
    guard pads.allSatisfy({ $0.magnitude <= UInt(limit) }) else {
      throw .wrongValue(of: "pads", expected: "\(-limit) to \(limit)", found: "\(pads)")
    }
    if let value, value.count != 1 || value.type != x.type {
      throw .wrongType(of: "the padding's value", expected: "one \(x.type) as the input", found: value.type)
    }
    var extents = x.shape.extents
    var before = [Int](repeating: 0, count: x.rank)
    for (position, axis) in axes.enumerated() {
      before[axis] = pads[position]
      extents[axis] += pads[position] + pads[axes.count + position]
      guard mode == .constant || x.shape[axis] > 0 || extents[axis] <= 0 else {
        throw .wrongShape(of: "the input", expected: "not empty along axis \(axis)", found: x.shape)
      }
    }
    let shape = try Shape(ofResult: extents)
    let strides = x.shape.strides
    // For each axis and each index of the result, the offset in the input. The offset is -1 in constant padding.
    let sources = (0..<x.rank).map { axis in
      (0..<shape[axis]).map { index -> Int in
        let source = Self.source(index - before[axis], x.shape[axis], mode)
        return source < 0 ? -1 : source * strides[axis]
      }
    }
    var picked: [Int] = [0]
    for list in sources {
      var next: [Int] = []
      next.reserveCapacity(picked.count * list.count)
      for start in picked {
        for distance in list { next.append(start < 0 || distance < 0 ? -1 : start + distance) }
      }
      picked = next
    }
    return x.picked(picked, shape: shape, fill: value)
  }

  private static func source(_ index: Int, _ extent: Int, _ mode: Mode) -> Int {
    if index >= 0 && index < extent { return index }
    switch mode {
    case .constant: return -1
    case .edge: return max(0, min(extent - 1, index))
    case .wrap: return ((index % extent) + extent) % extent
    case .reflect:
      let period = max(2 * (extent - 1), 1)
      let place = ((index % period) + period) % period
      return min(place, period - place)
    }
  }
}
