// The rows of a design in the form that dual coordinate descent uses: one row after the other, unscaled.

import Synchronization
import TapKernels

/// A design's rows for ``DualCoordinateDescent`` and ``MulticlassCoordinateDescent``. The rows give products with the
/// unscaled features x. Products of the scaled features f follow from products of x: fᵢ·fⱼ = Σ v xᵢ xⱼ - pᵢ - pⱼ + m.
/// Here v = 1 / scale², o is the offset, pᵢ = Σ v o xᵢ and m = Σ v o².
package struct DualRows: Sendable {
  let design: DesignMatrix
  private let addresses: RowAddresses
  /// pᵢ for each row.
  let shifts: [Double]
  /// ‖fᵢ‖² for each row.
  let squaredNorms: [Double]
  /// The number m.
  let offsetNorm: Double
  /// The elements of v; empty if every scale is 1.
  private let inverseSquares: [Float]

  /// The number B in the proximal steps of a free intercept. B² is a tenth of the mean of ‖fᵢ‖². With the full mean,
  /// the rows are coupled so much that descent takes two to three times as many epochs. A hundredth of the mean was no
  /// better than a tenth.
  let feature: Double

  /// - Precondition: the design holds features, not given values.
  package init(_ design: DesignMatrix) {
    self.design = design
    addresses = RowAddresses(design.allFeatureRows)
    let inverse = design.inverseScale.map { $0 * $0 }
    inverseSquares = inverse.allSatisfy { $0 == 1 } ? [] : inverse.map { Float($0) }
    let weighted = zip(inverse, design.offset).map { $0 * $1 }
    offsetNorm = zip(weighted, design.offset).reduce(0) { $0 + $1.0 * $1.1 }
    var shifts = [Double](repeating: 0, count: design.count)
    var norms = shifts
    let isShifted = design.offset.contains { $0 != 0 }
    var row = [Double](repeating: 0, count: design.columns)
    for position in 0..<design.count {
      var span = row.mutableSpan
      design.fill(&span, row: position, at: 0)
      norms[position] = dot(row, row)
      guard isShifted else { continue }
      design.withFeatures(position) { values in
        var sum = 0.0
        for j in values.indices { sum += weighted[j] * Double(values[j]) }
        shifts[position] = sum
      }
    }
    self.shifts = shifts
    squaredNorms = norms
    feature = (0.1 * norms.reduce(0, +) / Double(max(1, norms.count))).squareRoot()
  }

  /// The products of a row's unscaled features with chosen vectors, `[_, columns]`. `next` is the row of the next call.
  @inline(__always)
  func dots(
    _ row: Int, next: Int, _ weights: [Float], chosen: [UInt8], count: Int, into dots: inout [Float],
    _ products: RowProducts
  ) {
    var span = dots.mutableSpan
    products.dots(
      row, next: next, of: addresses, weights.span, chosen: chosen.span, count: count, into: &span)
  }

  /// Adds multiples of v x to chosen vectors, `[_, columns]`. x is the row's unscaled features.
  @inline(__always)
  func add(
    _ row: Int, factors: [Float], chosen: [UInt8], count: Int, to weights: inout [Float],
    _ products: RowProducts
  ) {
    var span = weights.mutableSpan
    products.add(
      row, of: addresses, scale: inverseSquares.span, factors: factors.span, chosen: chosen.span,
      count: count,
      to: &span)
  }
}

/// The ``DualRows`` of a design. These rows are computed on first use and kept for every C.
final class SharedDualRows: Sendable {
  private let design: DesignMatrix
  private let computed = Mutex<DualRows?>(nil)

  init(_ design: DesignMatrix) { self.design = design }

  var rows: DualRows {
    computed.withLock { computed in
      if let computed { return computed }
      let rows = DualRows(design)
      computed = rows
      return rows
    }
  }
}
