// The operand and the result of every operation: a dense tensor of any rank. Its elements are in row-major order. For
// images, the axes are N, C, H, W in this order.

import TapTensors

/// A dense tensor of floats or integers.
package struct ONNXTensor: Sendable {
  package let shape: Shape
  package let type: ElementType
  package let storage: Storage

  /// The elements in row-major order.
  package enum Storage: Sendable {
    /// Elements of ``ElementType/float32``, `float64`, `float16` and `bfloat16`.
    case floats([Float])
    /// Elements of all other types.
    case integers([Int64])
  }

  /// The largest number of elements of a tensor: 2^27. Operations refuse to make larger tensors.
  #if LAYERTAP_FUZZING
    // A smaller limit for fuzzing: the same comparisons run, but without minutes of time and gigabytes of memory. See
    // Fuzzing/README.md.
    package static let elementLimit = 1 << 16
  #else
    package static let elementLimit = 1 << 27
  #endif

  /// A tensor of floats, which are rounded to `type`.
  ///
  /// - Precondition: the elements fill the shape, and `type` is a float type.
  package init(shape: Shape, floats: [Float], type: ElementType = .float32) {
    precondition(floats.count == shape.elementCount && type.isFloat, "\(floats.count) \(type) fill \(shape)")
    self.shape = shape
    self.type = type
    switch type {
    case .float16, .bfloat16: storage = .floats(floats.map { type.rounded($0) })
    default: storage = .floats(floats)
    }
  }

  /// A tensor of integers, which are wrapped to `type`. If `type` is ``ElementType/bool``, a tensor of bools.
  ///
  /// - Precondition: the elements fill the shape, and `type` is not a float type.
  package init(shape: Shape, integers: [Int64], type: ElementType = .int64) {
    precondition(
      integers.count == shape.elementCount && !type.isFloat, "\(integers.count) \(type) fill \(shape)")
    self.shape = shape
    self.type = type
    switch type {
    case .int64, .uint64: storage = .integers(integers)
    default: storage = .integers(integers.map { type.wrapped($0) })
    }
  }

  /// A vector of int64.
  package init(_ integers: [Int64]) { self.init(shape: [integers.count], integers: integers) }

  /// A scalar.
  package init(_ value: Float) { self.init(shape: [], floats: [value]) }

  init(shape: Shape, storage: Storage, type: ElementType) {
    switch storage {
    case .floats(let elements): precondition(elements.count == shape.elementCount)
    case .integers(let elements): precondition(elements.count == shape.elementCount)
    }
    self.shape = shape
    self.storage = storage
    self.type = type
  }

  package var rank: Int { shape.rank }
  package var count: Int { shape.elementCount }

  /// The elements of a tensor of floats.
  ///
  /// - Throws: ``OperatorError/wrongType(of:expected:found:)`` for a tensor of integers; the error calls the tensor
  ///   `name`.
  package func floats(_ name: String = "the input") throws(OperatorError) -> [Float] {
    guard case .floats(let elements) = storage else {
      throw .wrongType(of: name, expected: "floats", found: type)
    }
    return elements
  }

  /// The elements of a tensor of integers or bools.
  ///
  /// - Throws: ``OperatorError/wrongType(of:expected:found:)`` for a tensor of floats; the error calls the tensor
  ///   `name`.
  package func integers(_ name: String = "the input") throws(OperatorError) -> [Int64] {
    guard case .integers(let elements) = storage else {
      throw .wrongType(of: name, expected: "integers", found: type)
    }
    return elements
  }

  /// The elements of a tensor of bools.
  func bools(_ name: String) throws(OperatorError) -> [Int64] {
    guard type == .bool else { throw .wrongType(of: name, expected: "bool", found: type) }
    return try integers(name)
  }

  /// The same elements in another shape.
  ///
  /// - Precondition: the two shapes have the same number of elements.
  func with(shape: Shape) -> ONNXTensor { ONNXTensor(shape: shape, storage: storage, type: type) }
}

extension ONNXTensor: Equatable {
  /// Whether type, shape and elements are equal. Floats are compared as numbers.
  package static func == (a: ONNXTensor, b: ONNXTensor) -> Bool {
    guard a.shape == b.shape, a.type == b.type else { return false }
    switch (a.storage, b.storage) {
    case (.floats(let x), .floats(let y)): return x == y
    case (.integers(let x), .integers(let y)): return x == y
    default: return false
    }
  }
}

extension Shape {
  /// The shape of a result.
  ///
  /// - Throws: ``OperatorError`` if an extent is negative, or if the shape has more elements than the limit.
  package init(ofResult extents: [Int]) throws(OperatorError) {
    var product = 1
    for extent in extents {
      guard extent >= 0 else {
        throw .wrongValue(of: "the result's shape", expected: "not negative", found: "\(extents)")
      }
      // An extent of 0 counts as 1 here, so that no later product of some of the extents overflows.
      let (next, overflow) = product.multipliedReportingOverflow(by: max(extent, 1))
      guard !overflow, next <= ONNXTensor.elementLimit else {
        throw .tooManyElements(shape: extents, limit: ONNXTensor.elementLimit)
      }
      product = next
    }
    self.init(extents)
  }

  /// The index of an axis, counted from the front. The given index is in -rank ..< rank; a negative index counts from
  /// the end.
  package func axis(_ axis: Int) throws(OperatorError) -> Int {
    guard axis >= -rank && axis < rank else {
      throw .wrongValue(of: "the axis", expected: "\(-rank) to \(rank - 1)", found: "\(axis)")
    }
    return axis < 0 ? axis + rank : axis
  }

  /// The indices of axes, counted from the front, each axis once. The given indices are in -rank ..< rank; nil gives
  /// all axes.
  package func axes(_ axes: [Int]?) throws(OperatorError) -> [Int] {
    guard let axes else { return Array(0..<rank) }
    var result: [Int] = []
    for axis in axes {
      let axis = try self.axis(axis)
      guard !result.contains(axis) else {
        throw .wrongValue(of: "the axes", expected: "different", found: "\(axes)")
      }
      result.append(axis)
    }
    return result
  }

  /// For each axis, the distance in elements from one index of the axis to the next, in row-major order.
  package var strides: [Int] {
    var strides = [Int](repeating: 1, count: rank)
    for axis in stride(from: rank - 2, through: 0, by: -1) {
      strides[axis] = strides[axis + 1] * max(extents[axis + 1], 1)
    }
    return strides
  }

  /// The product of the extents of `axes`.
  func product(_ axes: Range<Int>) -> Int { extents[axes].reduce(1, *) }
}
