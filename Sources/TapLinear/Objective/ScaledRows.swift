// The scaled rows of a design in single precision, for problems small enough to hold them: general matrix products then do
// what products with raw rows do slower for many outputs.

import Synchronization
import TapKernels

/// F of a ``DesignMatrix`` in single precision, `[count, columns]`, computed when it is first asked for and kept for every C.
///
/// For what only steers a solver: values and gradients are of the features themselves.
package final class ScaledRows: Sendable {
  /// With more elements than this (8 MB) there are none: rows are then read where they lie.
  package static let largestCount = 1 << 21
  /// With fewer outputs products with raw rows are as fast.
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
  /// All rows, scaled, where products with so many outputs are faster with them; else nil.
  func scaledRows(outputs: Int) -> [Float]? {
    guard outputs >= ScaledRows.fewestOutputs, count * columns <= ScaledRows.largestCount else { return nil }
    return scaled.elements(of: self)
  }
}
