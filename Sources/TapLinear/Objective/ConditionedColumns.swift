// Moves and rescales columns whose mean is far from 0, or whose squared scale does not fit single precision. Afterwards
// the features of different rows stay distinct in single precision.

import TapTensors

/// A copy of chosen rows in which some columns are moved: x̃ = (x - shift) 2ᵉ. The new offset and inverse scale give
/// the same scaled feature as the original column: (x̃ - offset) · inverse. Every element of the copy is exact.
package struct ConditionedColumns {
  package let features: MatrixView
  private(set) var offset: [Double]
  private(set) var inverse: [Double]

  /// The largest absolute mean, in standard deviations, of a column that is not moved. Such a mean costs at most two of
  /// the sixteen digits of double precision.
  static let largestShift = 100.0
  /// The inverse scales whose squares and reciprocals do not overflow or underflow in single precision.
  private static let scales = 1e-15...1e15
  /// The maximum number of elements of a copy (256 MB). Each of several folds that run at the same time has its own
  /// copy.
  package static let largestCount = 1 << 26

  /// Whether products may use the raw features of a column, with the scaling folded into the other operand.
  private static func isFoldable(_ offset: Double, _ inverse: Double) -> Bool {
    inverse == 0 || abs(offset) * inverse <= largestShift && scales.contains(inverse)
  }

  static func areFoldable(_ offset: [Double], _ inverse: [Double]) -> Bool {
    zip(offset, inverse).allSatisfy { isFoldable($0, $1) }
  }

  /// Returns nil if no column has to move, if moving does not help, or if the copy would have too many elements.
  init?(_ source: MatrixView, rows: [Int]?, offset: [Double], inverse: [Double]) {
    let count = rows?.count ?? source.rows
    let columns = source.columns
    let moved = offset.indices.filter { !Self.isFoldable(offset[$0], inverse[$0]) }
    guard !moved.isEmpty, count <= Self.largestCount / columns else { return nil }
    self.offset = offset
    self.inverse = inverse
    var (shifts, factors): ([Double], [Double]) = ([], [])
    for j in moved {
      // The shift is a multiple of a power of 2 close to the scale. Such a shift has few digits, so that differences
      // from the shift are exact.
      let unit = Double(sign: .plus, exponent: -inverse[j].exponent, significand: 1)
      let shift = abs(offset[j]) * inverse[j] > Self.largestShift ? (offset[j] / unit).rounded() * unit : 0
      let factor = Self.scales.contains(inverse[j]) ? 1 : 1 / unit
      shifts.append(shift)
      factors.append(factor)
      self.offset[j] = (offset[j] - shift) * factor
      self.inverse[j] = inverse[j] / factor
    }
    guard Self.areFoldable(self.offset, self.inverse) else { return nil }
    var isExact = true
    features = MatrixView(rows: count, columns: columns) { elements in
      for position in 0..<count where isExact {
        let start = position * columns
        source.withRow(rows?[position] ?? position) { values in
          for j in values.indices { elements[start + j] = values[j] }
          for (place, j) in moved.enumerated() {
            let value = (Double(values[j]) - shifts[place]) * factors[place]
            elements[start + j] = Float(value)
            isExact = isExact && Double(Float(value)) == value
          }
        }
      }
    }
    guard isExact else { return nil }
  }
}
