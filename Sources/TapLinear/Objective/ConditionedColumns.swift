// Columns far from 0, or whose squared scale does not fit single precision, moved so that their rows stay distinct.

import TapTensors

/// A copy of chosen rows with some columns moved, x̃ = (x - shift) 2ᵉ, and the remaining scaling: (x̃ - offset) ·
/// inverse is the same scaled feature as before. Every element of the copy is exact.
package struct ConditionedColumns {
  package let features: MatrixView
  private(set) var offset: [Double]
  private(set) var inverse: [Double]

  /// Means up to this many standard deviations cost at most two of the sixteen digits.
  static let largestShift = 100.0
  /// Scales whose squares and inverses lose nothing in single precision.
  private static let scales = 1e-15...1e15
  /// The maximum number of elements of a copy (256 MB); folds that run at the same time have one each.
  package static let largestCount = 1 << 26

  /// Whether products may use a column's raw features, with the scaling folded into their other operand.
  private static func isFoldable(_ offset: Double, _ inverse: Double) -> Bool {
    inverse == 0 || abs(offset) * inverse <= largestShift && scales.contains(inverse)
  }

  static func areFoldable(_ offset: [Double], _ inverse: [Double]) -> Bool {
    zip(offset, inverse).allSatisfy { isFoldable($0, $1) }
  }

  /// Nil if no column needs it, if it does not help, or for too many elements.
  init?(_ source: MatrixView, rows: [Int]?, offset: [Double], inverse: [Double]) {
    let count = rows?.count ?? source.rows
    let columns = source.columns
    let moved = offset.indices.filter { !Self.isFoldable(offset[$0], inverse[$0]) }
    guard !moved.isEmpty, count <= Self.largestCount / columns else { return nil }
    self.offset = offset
    self.inverse = inverse
    var (shifts, factors): ([Double], [Double]) = ([], [])
    for j in moved {
      // A multiple of a number close to the scale: with few digits, so that differences from it are exact.
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
