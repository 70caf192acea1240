// Convolution with small groups of channels in plain Swift.

import CTapKernels

extension PortableKernels {
  /// `output[o, c] = clamp(bias[c] + sum over y, x, i of rows[y][first_column + o * stride + x, g + i] * weights[y, x, i, c])`,
  /// with g the first channel of the group of c.
  @unsafe static func grouped(_ row: lt_f32_depthwise_row) {
    let (channels, group, kernel) = unsafe (row.channels, row.group, row.kernel)
    let (minimum, maximum) = unsafe (row.minimum, row.maximum)
    for output in unsafe 0..<row.outputs {
      for channel in 0..<channels {
        // The weights of neighboring channels are neighbors in memory.
        let first = channel - channel % (2 * vectorWidth)
        let width = min(2 * vectorWidth, channels - first)
        var weight = unsafe row.weights + kernel * kernel * group * first + channel - first
        var sum = unsafe row.bias[channel]
        for y in 0..<kernel {
          for x in 0..<kernel {
            let column = unsafe row.first_column + output * row.stride + x
            let isInside = unsafe column >= 0 && column < row.columns
            let pixel = unsafe isInside ? row.rows[y] + column * channels : row.zeros
            for index in 0..<group {
              sum = unsafe sum.addingProduct(pixel[channel - channel % group + index], weight.pointee)
              unsafe weight += width
            }
          }
        }
        unsafe row.output[output * channels + channel] = clamp(sum, minimum, maximum)
      }
    }
  }
}
