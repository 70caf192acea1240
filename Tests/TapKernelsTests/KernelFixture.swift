// Operands for kernel tests: values from a fixed generator, laid out as `tap_kernels.h` says.

import CTapKernels
import TapKernels

/// A small linear congruential generator of floats in [-1, 1).
struct Values {
  private var state: UInt64

  init(seed: UInt64) { state = seed &* 2 &+ 1 }

  mutating func next() -> Float {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Float(Int32(truncatingIfNeeded: state >> 32)) / 2_147_483_648
  }

  mutating func array(_ count: Int) -> [Float] { (0..<count).map { _ in next() } }
}

/// A dense tile's operands: `weights: [positions * channels][columns]`.
struct DenseCase: CustomStringConvertible, Sendable {
  let rows: Int
  let columns: Int
  let positions: Int
  let channels: Int
  let hasResidual: Bool
  let clamp: (Float, Float)

  var description: String { "\(rows) x \(columns), \(positions) x \(channels), residual \(hasResidual)" }
  var terms: Int { positions * channels + 2 }

  /// The tile computed by `kernels`, `[rows][columns]`.
  @unsafe func run(_ kernels: KernelSet, inputs: [Float], weights: [Float], bias: [Float], residual: [Float])
    -> [Float]
  {
    let vector = kernels.vectorWidth
    let width = columns > vector ? 2 * vector : vector
    var panel = [Float](repeating: 0, count: width * (1 + positions * channels))
    for column in 0..<columns {
      panel[column] = bias[column]
      for k in 0..<(positions * channels) { panel[(1 + k) * width + column] = weights[k * columns + column] }
    }
    // A guard behind each row shows a store beyond the panel's columns.
    let stride = columns + 3
    var output = [Float](repeating: -77, count: rows * stride)
    unsafe inputs.withUnsafeBufferPointer { inputs in
      unsafe panel.withUnsafeBufferPointer { panel in
        unsafe residual.withUnsafeBufferPointer { residual in
          unsafe output.withUnsafeMutableBufferPointer { output in
            let pointers = unsafe (0..<positions * rows).map { unsafe inputs.baseAddress! + $0 * channels }
            unsafe pointers.withUnsafeBufferPointer { pointers in
              var tile = unsafe lt_f32_igemm_tile(
                rows: rows, columns: columns, positions: positions, channels: channels,
                inputs: pointers.baseAddress!, panel: panel.baseAddress!, output: output.baseAddress!,
                output_stride: stride, residual: hasResidual ? residual.baseAddress! : nil,
                residual_stride: columns, minimum: clamp.0, maximum: clamp.1)
              unsafe kernels.table.f32_igemm(&tile)
            }
          }
        }
      }
    }
    for row in 0..<rows {
      precondition(output[row * stride + columns] == -77, "the kernel wrote beyond its columns")
    }
    return (0..<rows).flatMap { row in output[(row * stride)..<(row * stride + columns)] }
  }
}
