// One pass over the rows of a design, one block of rows at a time. Scores of the block, and sums over the block, are
// computed while the block is in the cache.

import TapKernels

/// Products of the rows of a ``DesignMatrix`` with weights and with factors, one block of rows at a time.
///
/// If the scaling allows it, the products use the raw features X. The scaling in F = (X - 1 oᵀ) S⁻¹ is folded into the
/// other operand:
/// ```
/// F Vᵀ = X (V S⁻¹)ᵀ - 1 (V S⁻¹ o)ᵀ,        Rᵀ F = (Rᵀ X - Rᵀ1 oᵀ) S⁻¹
/// ```
/// The weights V are folded once before the pass, and the sums are unfolded once after the pass. Otherwise each block
/// is first scaled into scratch memory.
struct DesignPass<T: DesignElement>: Sendable {
  private let design: DesignMatrix
  private let product: MatrixProduct
  private let rowProducts: RowProducts
  private var rows = 0..<0
  private var block: [T] = []
  /// The index of the first row in `block`; nil if the pass uses raw features.
  private var start: Int?

  init(_ design: DesignMatrix, _ product: MatrixProduct) {
    self.design = design
    self.product = product
    self.rowProducts = .matching(product)
  }

  /// The number of rows of a block for passes with this many outputs.
  ///
  /// A block of raw features has as many rows as fit the second-level cache together with the weights. A block of
  /// scaled features with few weights stays within OpenBLAS's path for small products. The path for small products
  /// takes at most a million multiplications. For ten classes this path was measured twice as fast as the general path.
  /// A block with many weights has enough rows for the general path: with 99 classes, 192 rows are twice as fast as 16
  /// rows. Two blocks still stay within a few megabytes.
  func blockRows(outputs: Int) -> Int {
    let columns = max(1, design.columns)
    if design.isFoldable { return max(16, min(256, 98_304 / columns)) & ~3 }
    let smallProduct = 1_000_000 / max(1, outputs * columns)
    return smallProduct >= 64 ? 64 : max(16, min(192, 262_144 / columns))
  }

  /// Moves to a block of rows.
  ///
  /// - Parameter scaled: all scaled rows of the design; nil if no scaled rows are kept.
  mutating func load(_ rows: Range<Int>, scaled: [T]? = nil) {
    self.rows = rows
    if let scaled {
      (block, start) = (scaled, rows.lowerBound * design.columns)
      return
    }
    start = design.isFoldable ? nil : 0
    guard !design.isFoldable else { return }
    let size = rows.count * design.columns
    if block.count < size { block = [T](repeating: 0, count: size) }
    let design = design
    var span = block.mutableSpan
    T.fill(&span, from: design, rows: rows)
  }

  /// Writes the scores of the block, `[rows, outputs]`, into the front of `scores`.
  func scores(_ folded: FoldedWeights<T>, into scores: inout MutableSpan<T>) {
    let outputs = folded.offsets.count
    if start == nil, let features = design.featureRows(rows) {
      rowProducts.scores(features, folded.weights.span, outputs: outputs, into: &scores)
    } else {
      T.multiply(
        product, ProductShape(rows: rows.count, columns: outputs, depth: design.columns),
        block.span.extracting((start ?? 0)...),
        transposeA: false, folded.weights.span, transposeB: true, into: &scores, adding: false)
    }
    for i in 0..<rows.count {
      for c in 0..<outputs { scores[i * outputs + c] += folded.offsets[c] }
    }
  }

  /// Adds Rᵀ F of the block to `sums`, or Rᵀ X if the pass uses raw features. R are the `factors`, `[rows, outputs]`.
  func addSums(_ factors: Span<T>, outputs: Int, to sums: inout MutableSpan<T>) {
    if start == nil, let features = design.featureRows(rows) {
      rowProducts.addSums(features, factors, outputs: outputs, to: &sums)
    } else {
      T.multiply(
        product, ProductShape(rows: outputs, columns: design.columns, depth: rows.count), factors,
        transposeA: true, block.span.extracting((start ?? 0)...), transposeB: false, into: &sums, adding: true
      )
    }
  }
}
