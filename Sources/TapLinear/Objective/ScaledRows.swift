// The scaled rows of a design in single precision, for problems small enough to hold them: for many outputs, general
// matrix products with them are faster than products with raw rows.

import Synchronization
import TapKernels

/// F of a ``DesignMatrix`` in single precision, `[count, columns]`, computed on first use and kept for every C.
///
/// Only for numbers that guide a solver: values and gradients use the features themselves.
package final class ScaledRows: Sendable {
  /// There are none for more elements than this (8 MB): rows are then read in place.
  package static let largestCount = 1 << 21
  /// With fewer outputs, products with raw rows are as fast.
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
  /// All rows, scaled, if products with this many outputs are faster with them; else nil.
  func scaledRows(outputs: Int) -> [Float]? {
    guard outputs >= ScaledRows.fewestOutputs, count * columns <= ScaledRows.largestCount else { return nil }
    return scaled.elements(of: self)
  }
}
