// The scaled rows of a design in single precision, kept for small problems. For many outputs, general matrix products
// with scaled rows are faster than products with raw rows.

import Synchronization
import TapKernels

/// The matrix F of a ``DesignMatrix`` in single precision, `[count, columns]`. The matrix is computed on first use and
/// kept for every C.
///
/// These rows are only for numbers that guide a solver. Values and gradients in double precision use the features
/// themselves.
package final class ScaledRows: Sendable {
  /// The maximum number of elements (8 MB). Rows of larger designs are read in place.
  package static let largestCount = 1 << 21
  /// The minimum number of outputs. With fewer outputs, products with raw rows are as fast as products with scaled
  /// rows.
  package static let fewestOutputs = 16

  private let elements = Mutex<[Float]?>(nil)

  func elements(of design: DesignMatrix) -> [Float] {
    elements.withLock { elements in
      if let elements { return elements }
      var rows = [Float](repeating: 0, count: design.count * design.columns)
      var span = rows.mutableSpan
      design.fill(&span, rows: 0..<design.count)
      elements = rows
      return rows
    }
  }
}

extension DesignMatrix {
  /// All scaled rows; nil if scaled rows do not make products with this many outputs faster.
  func scaledRows(outputs: Int) -> [Float]? {
    guard outputs >= ScaledRows.fewestOutputs, count * columns <= ScaledRows.largestCount else { return nil }
    return scaled.elements(of: self)
  }
}
