// Operands for kernel tests: values from a fixed generator, in the layout of `tap_kernels.h`.

import CTapKernels
import TapKernels
import TestSupport

/// Floats in [-1, 1) from a fixed generator.
struct Values {
  private var numbers: Congruential

  init(seed: UInt64) { numbers = Congruential(state: seed &* 2 &+ 1) }

  mutating func next() -> Float { numbers.signedFloat() }

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

  struct Piece {
    let positions: Range<Int>
    let channels: Range<Int>
    let isFirst: Bool
    let isLast: Bool
  }

  /// The chain in two calls if it can be cut: between positions, or between the channels of a single one.
  var pieces: [Piece] {
    guard positions > 1 || channels > 1 else {
      return [Piece(positions: 0..<positions, channels: 0..<channels, isFirst: true, isLast: true)]
    }
    if positions > 1 {
      return [
        Piece(positions: 0..<positions / 2, channels: 0..<channels, isFirst: true, isLast: false),
        Piece(positions: positions / 2..<positions, channels: 0..<channels, isFirst: false, isLast: true),
      ]
    }
    return [
      Piece(positions: 0..<1, channels: 0..<channels / 3 + 1, isFirst: true, isLast: false),
      Piece(positions: 0..<1, channels: channels / 3 + 1..<channels, isFirst: false, isLast: true),
    ]
  }

  /// The tile computed by `kernels`, `[rows][columns]`.
  @unsafe func run(_ kernels: KernelSet, inputs: [Float], weights: [Float], bias: [Float], residual: [Float])
    -> [Float]
  {
    let vector = kernels.vectorWidth
    let width = (columns + vector - 1) / vector * vector
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
              for piece in pieces {
                let start = piece.positions.lowerBound * channels + piece.channels.lowerBound
                let weights = unsafe panel.baseAddress! + width * (1 + start)
                var tile = unsafe lt_f32_igemm_tile(
                  rows: rows, columns: columns, panels: 1, panel_stride: 0, positions: piece.positions.count,
                  channels: piece.channels.count,
                  inputs: pointers.baseAddress! + piece.positions.lowerBound * rows,
                  first_channel: piece.channels.lowerBound,
                  bias: piece.isFirst ? panel.baseAddress! : nil, weights: weights, ahead: weights,
                  output: output.baseAddress!, output_stride: stride, is_last: piece.isLast ? 1 : 0,
                  residual: hasResidual ? residual.baseAddress! : nil, residual_stride: columns,
                  minimum: clamp.0, maximum: clamp.1)
                unsafe kernels.table.f32_igemm(&tile)
              }
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
