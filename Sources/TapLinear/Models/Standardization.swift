// Scaling of feature columns before training. The penalty acts on the scaled features. A fitted model folds the scaling
// into its weights, and also keeps the scaling itself.

import TapKernels
import TapTensors

/// How feature columns are scaled before training.
public enum Standardization: String, CaseIterable, Sendable, Hashable {
  /// The same as ``standardDeviation``, but ``none`` if the features are principal components. With a scaling by the
  /// standard deviation, a value of C means about the same for every backbone, layer and pooling, and the solver needs
  /// fewer steps.
  case automatic = "auto"
  /// No scaling.
  case none = "none"
  /// The column's mean is subtracted, and the result is divided by the column's standard deviation (with n in the
  /// denominator).
  case standardDeviation = "std"
  /// The column is divided by its largest absolute value. Zeros stay zeros.
  case maximum = "max"

  /// The rule that ``automatic`` stands for. Every other rule is returned unchanged.
  public var resolved: Standardization { self == .automatic ? .standardDeviation : self }
}

/// A fitted scaling of columns: x′ⱼ = (xⱼ - offsetⱼ) / scaleⱼ.
///
/// Statistics are unweighted and in double precision. They use only the training rows with a weight above 0. A constant
/// column has scale 1. A column also has scale 1 if the inverse of its scale overflows single precision: the column
/// then counts as constant.
public struct FeatureScaler: Hashable, Sendable {
  /// The offset of each column, `[columns]`, finite.
  public let offset: [Double]
  /// The scale of each column, `[columns]`, finite and above 0.
  public let scale: [Double]

  /// - Precondition: the counts are equal, offsets are finite, and scales are finite and above 0.
  public init(offset: [Double], scale: [Double]) {
    precondition(offset.count == scale.count, "\(offset.count) offsets, \(scale.count) scales")
    precondition(offset.allSatisfy(\.isFinite) && scale.allSatisfy { $0.isFinite && $0 > 0 })
    self.offset = offset
    self.scale = scale
  }

  /// The scaling that changes nothing.
  public static func identity(columns: Int) -> FeatureScaler {
    FeatureScaler(
      offset: [Double](repeating: 0, count: columns), scale: [Double](repeating: 1, count: columns))
  }

  /// Whether this scaling changes nothing.
  public var isIdentity: Bool { offset.allSatisfy { $0 == 0 } && scale.allSatisfy { $0 == 1 } }
}

extension FeatureScaler {
  /// Fits a scaling to the given rows and checks that every feature is finite. Also returns the means of columns, the
  /// columns with a single value (`isConstant`), and the columns whose scale is too small (`isTiny`).
  ///
  /// The first pass computes means. The second pass computes squared deviations from these means, so that a large mean
  /// costs no digits. A column counts as constant if its deviation is within the rounding error of its mean. A column
  /// of tiny, different denormal numbers counts as constant too.
  package static func fitted(
    _ standardization: Standardization, to features: MatrixView, rows: [Int]?
  ) throws(LinearModelError) -> (
    scaler: FeatureScaler, mean: [Double], isConstant: [Bool], isTiny: [Bool]
  ) {
    let columns = features.columns
    let count = rows?.count ?? features.rows
    var sum = [Double](repeating: 0, count: columns)
    var lowest = [Float](repeating: .infinity, count: columns)
    var highest = [Float](repeating: -.infinity, count: columns)
    for position in 0..<count {
      let row = rows?[position] ?? position
      let finite = features.withRow(row) { values in
        accumulate(values, sum: &sum, lowest: &lowest, highest: &highest)
      }
      guard finite else { throw features.firstNotFinite(row: row) }
    }
    let largest = zip(lowest, highest).map { max(abs($0), abs($1)) }
    let isConstant = zip(lowest, highest).map { $0 == $1 }
    let identity = FeatureScaler.identity(columns: columns)
    var isTiny = [Bool](repeating: false, count: columns)
    let mean = sum.map { $0 / Double(max(1, count)) }
    switch standardization.resolved {
    case .none, .automatic:
      return (identity, mean, isConstant, isTiny)
    case .maximum:
      // `isVoid` is true for columns of zeros too.
      let isVoid = largest.map { isInverseInfinite(Double($0)) }
      for j in 0..<columns { isTiny[j] = isVoid[j] && !isConstant[j] }
      let scale = zip(largest, isVoid).map { $1 ? 1 : Double($0) }
      return (FeatureScaler(offset: identity.offset, scale: scale), mean, isConstant, isTiny)
    case .standardDeviation:
      var squares = [Double](repeating: 0, count: columns)
      for position in 0..<count {
        features.withRow(rows?[position] ?? position) { values in
          accumulate(values, deviationsFrom: mean, squares: &squares)
        }
      }
      var scale = identity.scale
      for j in 0..<columns {
        let deviation = (squares[j] / Double(count)).squareRoot()
        // The computed mean of n equal values has an error of at most about n ulps.
        guard deviation > Double(count) * 2.3e-16 * Double(largest[j]) else { continue }
        isTiny[j] = isInverseInfinite(deviation)
        if !isTiny[j] { scale[j] = deviation }
      }
      return (FeatureScaler(offset: mean, scale: scale), mean, isConstant, isTiny)
    }
  }

  private static func isInverseInfinite(_ scale: Double) -> Bool { !Float(1 / scale).isFinite }
}

private func accumulate(
  _ values: Span<Float>, sum: inout [Double], lowest: inout [Float], highest: inout [Float]
) -> Bool {
  precondition(
    sum.count == values.count && lowest.count == values.count && highest.count == values.count)
  var residue: Float = 0
  for j in values.indices {
    let value = values[j]
    sum[j] += Double(value)
    lowest[j] = value < lowest[j] ? value : lowest[j]
    highest[j] = value > highest[j] ? value : highest[j]
    residue += value * 0  // NaN as soon as one value is not finite
  }
  return residue == 0
}

private func accumulate(_ values: Span<Float>, deviationsFrom mean: [Double], squares: inout [Double]) {
  precondition(mean.count == values.count && squares.count == values.count)
  for j in values.indices {
    let deviation = Double(values[j]) - mean[j]
    squares[j] += deviation * deviation
  }
}

extension MatrixView {
  /// The error for a row with a value that is not finite.
  func firstNotFinite(row: Int) -> LinearModelError {
    withRow(row) { values in
      for column in values.indices where !values[column].isFinite {
        return .notFinite(row: row, column: column, value: values[column])
      }
      preconditionFailure("row \(row) is finite")
    }
  }
}
