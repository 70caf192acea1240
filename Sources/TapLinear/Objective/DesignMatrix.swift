// The features that a solver uses: chosen rows, scaled. The matrix is never copied, except by ``ConditionedColumns``.
// Scaling is folded into the other operand of a product, or a block small enough for the cache is scaled into scratch
// memory.

import TapKernels
import TapTensors

/// Rows of a feature matrix in a chosen order, scaled: `F: [count, columns]`, Fᵢⱼ = (Xᵢⱼ - offsetⱼ) / scaleⱼ. Or values
/// in double precision, unscaled.
package struct DesignMatrix: Sendable {
  private enum Source {
    /// Row indices into the features; nil for all rows in order.
    case features(MatrixView, rows: [Int]?)
    /// `[count, columns]`.
    case values([Double], count: Int)
  }

  package let scaler: FeatureScaler
  private let source: Source
  /// The value subtracted from the source's features: the scaler's offset, unless the column was moved.
  let offset: [Double]
  private let inverse: [Double]
  private let offset32: [Float]
  private let inverse32: [Float]
  /// Whether products may use the raw features, with the scaling folded into their other operand. That subtracts two
  /// numbers as large as offset over scale; if that is large, the features are scaled first.
  let isFoldable: Bool
  /// The rows, scaled in single precision.
  let scaled = ScaledRows()

  /// - Parameter zeroColumns: columns whose features are all equal to the offset, so that F is 0 there.
  package init(
    features: MatrixView, rows: [Int]? = nil, scaler: FeatureScaler, zeroColumns: [Int] = []
  ) {
    precondition(scaler.scale.count == features.columns, "a scaler of other columns")
    self.init(.features(features, rows: rows), scaler, zeroColumns)
  }

  /// A design of given values, `[count, columns]`, not scaled.
  package init(values: [Double], count: Int, columns: Int) {
    precondition(values.count == count * columns, "\(values.count) values are not \(count) x \(columns)")
    self.init(.values(values, count: count), .identity(columns: columns), [])
  }

  private init(_ source: Source, _ scaler: FeatureScaler, _ zeroColumns: [Int]) {
    self.scaler = scaler
    var (source, offset) = (source, scaler.offset)
    var inverse = scaler.scale.map { 1 / $0 }
    for column in zeroColumns { inverse[column] = 0 }
    if case .features(let features, let rows) = source {
      if let moved = ConditionedColumns(features, rows: rows, offset: offset, inverse: inverse) {
        source = .features(moved.features, rows: nil)
        (offset, inverse) = (moved.offset, moved.inverse)
      }
      isFoldable = ConditionedColumns.areFoldable(offset, inverse)
    } else {
      isFoldable = false
    }
    self.source = source
    self.offset = offset
    self.inverse = inverse
    self.offset32 = offset.map { Float($0) }
    self.inverse32 = inverse.map { Float($0) }
  }

  /// The source's features, of which some columns may have been moved; nil for given values.
  package var features: MatrixView? {
    if case .features(let features, _) = source { features } else { nil }
  }

  package var count: Int {
    switch source {
    case .features(let features, let rows): rows?.count ?? features.rows
    case .values(_, let count): count
    }
  }

  package var columns: Int { scaler.scale.count }

  /// A row's features, as stored in the source.
  ///
  /// - Precondition: the design is of features.
  @inline(__always)
  func withFeatures<Result>(_ position: Int, _ body: (Span<Float>) -> Result) -> Result {
    guard case .features(let features, let rows) = source else { preconditionFailure("a design of values") }
    return features.withRow(rows?[position] ?? position, body)
  }

  /// Writes rows `range` of F into the front of `block`, in double precision.
  package func fill(_ block: inout MutableSpan<Double>, rows range: Range<Int>) {
    for position in range { fill(&block, row: position, at: (position - range.lowerBound) * columns) }
  }

  /// Writes one row of F at an offset of `block`, in double precision.
  func fill(_ block: inout MutableSpan<Double>, row position: Int, at target: Int) {
    switch source {
    case .features(let features, let rows):
      features.withRow(rows?[position] ?? position) { values in
        scaleRow(values, offset.span, inverse.span, into: &block, at: target)
      }
    case .values(let values, _):
      for j in 0..<columns { block[target + j] = values[position * columns + j] }
    }
  }

  /// The same in single precision, which is also used to subtract the offset: only to guide a solver.
  package func fill(_ block: inout MutableSpan<Float>, rows range: Range<Int>) {
    for position in range { fill(&block, row: position, at: (position - range.lowerBound) * columns) }
  }

  /// Writes one row of F at an offset of `block`, in single precision.
  func fill(_ block: inout MutableSpan<Float>, row position: Int, at target: Int) {
    switch source {
    case .features(let features, let rows):
      features.withRow(rows?[position] ?? position) { values in
        scaleRow(values, offset32.span, inverse32.span, into: &block, at: target)
      }
    case .values(let values, _):
      for j in 0..<columns { block[target + j] = Float(values[position * columns + j]) }
    }
  }

  /// 1 / scale; 0 for columns that are 0.
  var inverseScale: [Double] { inverse }

  /// All rows, unscaled.
  ///
  /// - Precondition: the design is of features.
  var allFeatureRows: FeatureRows {
    guard case .features(let features, let rows) = source else { preconditionFailure("a design of values") }
    return FeatureRows(features, indices: rows, range: 0..<count)
  }

  /// The unscaled rows, if products use them.
  func featureRows(_ range: Range<Int>) -> FeatureRows? {
    guard isFoldable, case .features(let features, let rows) = source else { return nil }
    return FeatureRows(features, indices: rows, range: range)
  }

  /// The weights V of parameters, `[outputs, columns]` and then those of an appended feature, in the form that a pass
  /// uses.
  ///
  /// - Parameter isScaled: whether the pass is over scaled rows.
  func folded<T: MatrixElement>(
    _ parameters: [Double], outputs: Int, feature: Double, isScaled: Bool = false
  ) -> FoldedWeights<T> {
    let isFoldable = isFoldable && !isScaled
    let split = outputs * columns
    precondition(parameters.count == split + outputs)
    var weights = [T](repeating: 0, count: split)
    var offsets = [T](repeating: 0, count: outputs)
    for c in 0..<outputs {
      var shift = 0.0
      for j in (c * columns)..<((c + 1) * columns) {
        let weight = isFoldable ? parameters[j] * inverse[j - c * columns] : parameters[j]
        weights[j] = T(weight)
        shift += isFoldable ? weight * offset[j - c * columns] : 0
      }
      offsets[c] = T(feature * parameters[split + c] - shift)
    }
    return FoldedWeights(weights: weights, offsets: offsets)
  }

  /// Turns the sums of passes, `[width, columns]` and then the sums of the factors, into Rᵀ F and the appended
  /// feature's part.
  func unfold(_ sums: inout [Double], width: Int, feature: Double, isScaled: Bool = false) {
    let isFoldable = isFoldable && !isScaled
    let split = width * columns
    precondition(sums.count == split + width)
    for c in 0..<width {
      let factorSum = sums[split + c]
      sums[split + c] = feature * factorSum
      guard isFoldable else { continue }
      for j in 0..<columns {
        sums[c * columns + j] = (sums[c * columns + j] - factorSum * offset[j]) * inverse[j]
      }
    }
  }
}

/// Weights with the scaling of features folded in: scores are products with `weights`, `[outputs, columns]`, plus
/// `offsets`, `[outputs]`.
struct FoldedWeights<T: MatrixElement>: Sendable {
  let weights: [T]
  let offsets: [T]
}

@inline(__always)
private func scaleRow<T: MatrixElement>(
  _ values: Span<Float>, _ offset: Span<T>, _ inverse: Span<T>, into block: inout MutableSpan<T>,
  at target: Int
) {
  let count = values.count
  precondition(offset.count == count && inverse.count == count && target + count <= block.count)
  for j in 0..<count { block[target + j] = (T(values[j]) - offset[j]) * inverse[j] }
}

/// An element type of a ``DesignMatrix``'s blocks.
package protocol DesignElement: RowElement {
  static func fill(_ block: inout MutableSpan<Self>, from design: DesignMatrix, rows: Range<Int>)
}

extension Float: DesignElement {
  package static func fill(_ block: inout MutableSpan<Float>, from design: DesignMatrix, rows: Range<Int>) {
    design.fill(&block, rows: rows)
  }
}

extension Double: DesignElement {
  package static func fill(_ block: inout MutableSpan<Double>, from design: DesignMatrix, rows: Range<Int>) {
    design.fill(&block, rows: rows)
  }
}
