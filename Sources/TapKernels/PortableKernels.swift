// The kernels in plain Swift. Each output is the chain of fused multiply-adds that `tap_kernels.h` defines. These
// kernels are the reference in tests, and machines without AVX2 use them.

import CTapKernels

package enum PortableKernels {
  static let vectorWidth = 8

  package static let table = unsafe lt_kernel_table(
    vector_width: vectorWidth, gemm_rows: 8, gemm_wide_rows: 0,
    f32_igemm: { tile in unsafe indirectGEMM(panels: tile.pointee) },
    f32_depthwise: { row in unsafe depthwise(row.pointee) },
    f32_grouped: { row in unsafe grouped(row.pointee) },
    f32_window: { unsafe window($0.pointee) },
    f32_activation: { unsafe activate($0.pointee) },
    f32_layer_normalization: { unsafe normalizeLayer($0.pointee) },
    f32_winograd_input: { tile in unsafe winogradInput(tile.pointee) },
    f32_winograd_output: { tile in unsafe winogradOutput(tile.pointee) })

  @unsafe static func indirectGEMM(panels tile: lt_f32_igemm_tile) {
    var panel = unsafe tile
    for _ in unsafe 0..<tile.panels {
      unsafe indirectGEMM(panel)
      unsafe panel.bias = panel.bias.map { unsafe $0 + tile.panel_stride }
      unsafe panel.weights += tile.panel_stride
      unsafe panel.output += tile.columns
      unsafe panel.residual = panel.residual.map { unsafe $0 + tile.columns }
    }
  }

  /// `output[r, n] = clamp(bias[n] + sum over p, c of inputs[p, r][c] * weights[p, c, n] + residual[r, n])`
  @unsafe static func indirectGEMM(_ tile: lt_f32_igemm_tile) {
    let (rows, columns) = unsafe (tile.rows, tile.columns)
    let (positions, channels) = unsafe (tile.positions, tile.channels)
    let (minimum, maximum) = unsafe (tile.minimum, tile.maximum)
    let width = columns > vectorWidth ? 2 * vectorWidth : vectorWidth
    for row in 0..<rows {
      for column in 0..<columns {
        let output = unsafe tile.output + row * tile.output_stride + column
        var sum = unsafe tile.bias.map { unsafe $0[column] } ?? output.pointee
        var weight = unsafe tile.weights + column
        for position in 0..<positions {
          let input = unsafe tile.inputs[position * rows + row] + tile.first_channel
          for channel in 0..<channels {
            sum = unsafe sum.addingProduct(input[channel], weight.pointee)
            unsafe weight += width
          }
        }
        guard unsafe tile.is_last != 0 else {
          unsafe output.pointee = sum
          continue
        }
        if let residual = unsafe tile.residual {
          unsafe sum += residual[row * tile.residual_stride + column]
        }
        unsafe output.pointee = clamp(sum, minimum, maximum)
      }
    }
  }

  /// `output[o, c] = clamp(bias[c] + sum over y, x of rows[y][first_column + o * stride + x, c] * weights[y, x, c])`
  @unsafe static func depthwise(_ row: lt_f32_depthwise_row) {
    let (outputs, channels) = unsafe (row.outputs, row.channels)
    let (kernel, stride) = unsafe (row.kernel, row.stride)
    let (firstColumn, columns) = unsafe (row.first_column, row.columns)
    let (minimum, maximum) = unsafe (row.minimum, row.maximum)
    for output in 0..<outputs {
      for channel in 0..<channels {
        var sum = unsafe row.bias[channel]
        for y in 0..<kernel {
          for x in 0..<kernel {
            let column = firstColumn + output * stride + x
            let isInside = column >= 0 && column < columns
            let input = unsafe isInside ? row.rows[y][column * channels + channel] : 0
            sum = unsafe sum.addingProduct(input, row.weights[(y * kernel + x) * channels + channel])
          }
        }
        unsafe row.output[output * channels + channel] = clamp(sum, minimum, maximum)
      }
    }
  }

  /// For each output and channel, the maximum over the pixels, or their sum divided by the divisor. The maximum is NaN
  /// if any value is NaN.
  @unsafe static func window(_ window: lt_f32_window) {
    let (channels, divisor) = unsafe (window.channels, window.divisor)
    for output in unsafe 0..<window.outputs {
      for channel in 0..<channels {
        var result: Float = divisor > 0 ? 0 : -.infinity
        for index in unsafe 0..<window.count {
          let value = unsafe window.pixels[index][output * window.step + channel]
          if divisor > 0 {
            result += value
          } else if value > result || value.isNaN {
            result = value
          }
        }
        unsafe window.output[output * channels + channel] = divisor > 0 ? result / divisor : result
      }
    }
  }

  /// Follows the rule of the vector instructions: a NaN stays a NaN. If the value and a limit are zeros of opposite
  /// sign, the result has the sign of the value.
  static func clamp(_ value: Float, _ minimum: Float, _ maximum: Float) -> Float {
    let raised = minimum > value ? minimum : value
    return maximum < raised ? maximum : raised
  }
}
