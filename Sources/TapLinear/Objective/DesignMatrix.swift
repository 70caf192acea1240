// The features that a solver uses: chosen rows, scaled. The matrix is never copied, except by ``ConditionedColumns``.
// Usually the scaling is folded into the other operand of a product. Otherwise a block of rows that fits the cache is
// scaled into scratch memory.

import TapKernels
import TapTensors

/// Scaled rows of a feature matrix in a chosen order: `F: [count, columns]`, Fᵢⱼ = (Xᵢⱼ - offsetⱼ) / scaleⱼ. A design
/// may instead hold unscaled values in double precision.
package struct DesignMatrix: Sendable {
  private enum Source {
    /// A feature matrix and the indices of the chosen rows; nil chooses all rows in order.
    case features(MatrixView, rows: [Int]?)
    /// The values, `[count, columns]`.
    case values([Double], count: Int)
  }

  package let scaler: FeatureScaler
  private let source: Source
  /// The values subtracted from the columns of the source: the scaler's offsets, except for columns that
  /// ``ConditionedColumns`` moved.
  let offset: [Double]
  private let inverse: [Double]
  private let offset32: [Float]
  private let inverse32: [Float]
  /// Whether products may use the raw features, with the scaling folded into their other operand. Such a product
  /// subtracts two numbers of the size |offset| / scale. If this size is large, the features are scaled first.
  let isFoldable: Bool
  /// The scaled rows in single precision.
  let scaled = ScaledRows()

  /// - Parameter zeroColumns: columns whose features are treated as equal to the offset. F is 0 in these columns.
  package init(
    features: MatrixView, rows: [Int]? = nil, scaler: FeatureScaler, zeroColumns: [Int] = []
  ) {
    precondition(scaler.scale.count == features.columns, "a scaler of other columns")
    self.init(.features(features, rows: rows), scaler, zeroColumns)
  }

  /// A design of given values, `[count, columns]`, which are not scaled.
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

  /// The source's features, in which ``ConditionedColumns`` may have moved some columns; nil for a design of given
  /// values.
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

  /// Calls `body` with the features of a row, as the source stores them.
  ///
  /// - Precondition: the design holds features, not given values.
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

  /// Writes rows `range` of F into the front of `block`, in single precision. The offset is also subtracted in single
  /// precision, so these values may only guide a solver.
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

  /// The values 1 / scale, one for each column. The value is 0 for columns in which F is 0.
  var inverseScale: [Double] { inverse }

  /// All rows with unscaled features.
  ///
  /// - Precondition: the design holds features, not given values.
  var allFeatureRows: FeatureRows {
    guard case .features(let features, let rows) = source else { preconditionFailure("a design of values") }
    return FeatureRows(features, indices: rows, range: 0..<count)
  }

  /// The unscaled rows of a range; nil if products cannot use unscaled rows.
  func featureRows(_ range: Range<Int>) -> FeatureRows? {
    guard isFoldable, case .features(let features, let rows) = source else { return nil }
    return FeatureRows(features, indices: rows, range: range)
  }

  /// Parameters in the form that a pass over the rows uses. The parameters are the weights V, `[outputs, columns]`,
  /// followed by the weights of the appended feature.
  ///
  /// - Parameter isScaled: whether the pass is over scaled rows.
  func folded<T: ProductElement>(
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

  /// Turns the sums of a pass into Rᵀ F and the part of the appended feature. The sums are `[width, columns]`, followed
  /// by the sums of the factors R.
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

/// Weights that include the scaling of the features. Scores are the products of raw features with `weights`,
/// `[outputs, columns]`, plus `offsets`, `[outputs]`.
struct FoldedWeights<T: ProductElement>: Sendable {
  let weights: [T]
  let offsets: [T]
}

@inline(__always)
private func scaleRow<T: ProductElement>(
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
