// Winograd's transforms in plain Swift. The weights are transformed only here, once for each plan.
//
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks" (2015), for 4 x 4 outputs of a 3 x 3 kernel: `A'
// [(G g G') * (B' d B)] A`. The six points are 0, a, -a, b, -b and infinity.

import CTapKernels

/// The points of F(4 x 4, 3 x 3), and the values of the weights at these points.
package enum WinogradTransform {
  /// The number of points along one axis.
  package static let side = 6
  package static let count = side * side
  /// The number of outputs along one axis of a tile.
  package static let outputs = 4

  private static let a = Double(LT_WINOGRAD_A)
  private static let b = Double(LT_WINOGRAD_B)

  /// The rows of `G` for all points except infinity: `[1, p, p^2] / product of (p - q) over the other points q`.
  private static let weightRows: [[Double]] = {
    let points = [0, a, -a, b, -b]
    let rows = points.map { point in
      let scale = points.filter { $0 != point }.reduce(1) { $0 * (point - $1) }
      return [1 / scale, point / scale, point * point / scale]
    }
    return rows + [[0, 0, 1]]
  }()

  /// `G g G'`: the 36 values of a kernel `g: [3][3]`, computed in double precision and rounded once.
  package static func values(of kernel: ArraySlice<Float>) -> [Float] {
    let g = kernel.map(Double.init)
    return weightRows.flatMap { vertical in
      weightRows.map { horizontal in
        var sum = 0.0
        for y in 0..<3 {
          for x in 0..<3 { sum += vertical[y] * horizontal[x] * g[3 * y + x] }
        }
        return Float(sum)
      }
    }
  }
}

extension PortableKernels {
  private static let a = LT_WINOGRAD_A
  private static let b = LT_WINOGRAD_B

  /// Computes `B' d B` for each channel: first down the columns, then along the rows.
  @unsafe static func winogradInput(_ tile: lt_f32_winograd_input) {
    var d = [Float](repeating: 0, count: WinogradTransform.count)
    for channel in unsafe 0..<tile.channels {
      for index in d.indices { d[index] = unsafe tile.pixels[index][channel] }
      for x in 0..<6 { toPoints(&d, first: x, step: 6) }
      for y in 0..<6 { toPoints(&d, first: 6 * y, step: 1) }
      for index in d.indices { unsafe tile.points[index * tile.stride + channel] = d[index] }
    }
  }

  private static func toPoints(_ d: inout [Float], first: Int, step: Int) {
    let (d0, d1, d2) = (d[first], d[first + step], d[first + 2 * step])
    let (d3, d4, d5) = (d[first + 3 * step], d[first + 4 * step], d[first + 5 * step])
    let (evenB, oddB) = (d4.addingProduct(-(b * b), d2), d3.addingProduct(-(b * b), d1))
    let (evenA, oddA) = (d4.addingProduct(-(a * a), d2), d3.addingProduct(-(a * a), d1))
    let (product, minusSum) = (a * a * b * b, -(a * a + b * b))
    d[first] = d4.addingProduct(minusSum, d2).addingProduct(product, d0)
    d[first + step] = evenB.addingProduct(a, oddB)
    d[first + 2 * step] = evenB.addingProduct(-a, oddB)
    d[first + 3 * step] = evenA.addingProduct(b, oddA)
    d[first + 4 * step] = evenA.addingProduct(-b, oddA)
    d[first + 5 * step] = d5.addingProduct(minusSum, d3).addingProduct(product, d1)
  }

  /// Computes `A' m A + bias`, adds the residual, and clamps the sum.
  @unsafe static func winogradOutput(_ tile: lt_f32_winograd_output) {
    var m = [Float](repeating: 0, count: WinogradTransform.count)
    for channel in unsafe 0..<tile.channels {
      for index in m.indices { m[index] = unsafe tile.points[index * tile.stride + channel] }
      for x in 0..<6 { fromPoints(&m, first: x, step: 6) }
      for y in 0..<4 { fromPoints(&m, first: 6 * y, step: 1) }
      for y in unsafe 0..<tile.rows {
        for x in unsafe 0..<tile.columns {
          var value = unsafe m[6 * y + x] + tile.bias[channel]
          if let residual = unsafe tile.residual {
            value += unsafe residual[y * tile.residual_row_stride + x * tile.residual_column_stride + channel]
          }
          unsafe tile.output[y * tile.row_stride + x * tile.column_stride + channel] = clamp(
            value, tile.minimum, tile.maximum)
        }
      }
    }
  }

  private static func fromPoints(_ m: inout [Float], first: Int, step: Int) {
    let (m1, m2) = (m[first + step], m[first + 2 * step])
    let (m3, m4, m5) = (m[first + 3 * step], m[first + 4 * step], m[first + 5 * step])
    let (evenA, oddA, evenB, oddB) = (m1 + m2, m1 - m2, m3 + m4, m3 - m4)
    m[first] = (m[first] + evenA) + evenB
    m[first + step] = (a * oddA).addingProduct(b, oddB)
    m[first + 2 * step] = (a * a * evenA).addingProduct(b * b, evenB)
    m[first + 3 * step] = m5.addingProduct(a * a * a, oddA).addingProduct(b * b * b, oddB)
  }
}
