// Results by NumPy's rules that can be checked by hand.

import TapONNXOperators
import TapTensors
import Testing

struct ShapeTests {
  /// A tensor of this shape with the elements 0, 1, 2, ….
  private func counting(_ extents: [Int]) -> ONNXTensor {
    let shape = Shape(extents)
    return ONNXTensor(shape: shape, integers: (0..<Int64(shape.elementCount)).map { $0 })
  }

  @Test func broadcastsLikeNumPy() throws {
    #expect(try ONNXBroadcasting.shape([[2, 1, 3], [4, 1], []]) == [2, 4, 3])
    #expect(try ONNXBroadcasting.shape([[0, 1], [1, 5]]) == [0, 5])
    let sum = try ONNXArithmetic.add(counting([2, 1]), counting([3]))
    #expect(sum == ONNXTensor(shape: [2, 3], integers: [0, 1, 2, 1, 2, 3]))
    #expect(
      try ONNXArithmetic.add(counting([2, 2]), ONNXTensor(shape: [], integers: [5])).integers() == [
        5, 6, 7, 8,
      ])
  }

  @Test func movesElements() throws {
    #expect(
      try ONNXShapes.transpose(counting([2, 3]), permutation: nil).integers() == [0, 3, 1, 4, 2, 5])
    #expect(
      try ONNXShapes.tile(counting([1, 2]), repeats: [2, 2]).integers() == [0, 1, 0, 1, 0, 1, 0, 1])
    #expect(try ONNXShapes.reshape(counting([2, 3]), to: [0, -1, 1]).shape == [2, 3, 1])
    #expect(
      try ONNXSlicing.slice(counting([5]), starts: [.max], ends: [.min], axes: [0], steps: [-2]).integers()
        == [
          4, 2, 0,
        ])
    #expect(
      try ONNXSlicing.slice(counting([5]), starts: [-2], ends: [9], axes: nil, steps: nil).integers() == [
        3, 4,
      ])
    #expect(
      try ONNXSlicing.split(counting([5]), count: 2, axis: 0).map { try $0.integers() } == [
        [0, 1, 2], [3, 4],
      ])
    #expect(
      try ONNXSlicing.gather(counting([2, 2]), indices: ONNXTensor([-1, 0]), axis: 1).integers() == [
        1, 0, 3, 2,
      ])
    #expect(
      try ONNXSlicing.concatenate([counting([2, 1]), counting([2, 2])], axis: -1).integers() == [
        0, 0, 1, 1, 2, 3,
      ])
  }

  @Test func padsInEveryMode() throws {
    func pad(_ mode: ONNXPadding.Mode) throws -> [Int64] {
      try ONNXPadding.pad(counting([3]), mode, pads: [2, 4], axes: nil, value: nil).integers()
    }
    #expect(try pad(.constant) == [0, 0, 0, 1, 2, 0, 0, 0, 0])
    #expect(try pad(.edge) == [0, 0, 0, 1, 2, 2, 2, 2, 2])
    #expect(try pad(.reflect) == [2, 1, 0, 1, 2, 1, 0, 1, 2])
    #expect(try pad(.wrap) == [1, 2, 0, 1, 2, 0, 1, 2, 0])
    #expect(
      try ONNXPadding.pad(counting([3]), .edge, pads: [-1, -1], axes: nil, value: nil).integers() == [1])
  }

  @Test func reducesAndPools() throws {
    let x = ONNXTensor(shape: [1, 1, 3, 3], floats: (0..<9).map { Float($0) })
    #expect(try ONNXReductions.reduce(x, .sum, axes: [-1], keepingAxes: false).floats() == [3, 12, 21])
    #expect(
      try ONNXReductions.index(x, greatest: false, axis: 2, keepingAxis: true, last: true).integers() == [
        0, 0, 0,
      ])
    let window = ONNXWindowAttributes(kernel: [2, 2], strides: [2, 2], ceilMode: true)
    #expect(try ONNXPooling.maximum(x, window).values.floats() == [4, 5, 7, 8])
    #expect(try ONNXPooling.average(x, window, countingPadding: false).floats() == [2, 3.5, 6.5, 8])
    #expect(
      try ONNXSoftmax.softmax(ONNXTensor(shape: [2], floats: [1000, 1000]), .along(axis: 0)).floats() == [
        0.5, 0.5,
      ])
  }
}
