// One tapped layer of an explained classifier: its activation, its pooling, and the parts of its cells.

import TapBackbone
import TapProvenance

/// A layer whose cells the score is divided among.
struct ExplainedLayer: Sendable {
  /// The classifier's column.
  let column: Column
  /// The value with positions that the column is pooled from.
  let value: PositionedValue
  /// The places of the column's features among the classifier's features.
  private let features: Range<Int>
  /// The places of the value's elements in a row, in the order channels, height, width.
  private let values: Range<Int>

  /// - Parameters:
  ///   - value: the value with positions; nil if the column has none.
  ///   - start: the place of the value's first element in a row.
  /// - Throws: ``ClassifierError/notExplainable(column:reason:)``.
  init(
    _ column: Column, _ value: PositionedValue?, features: Range<Int>, values start: Int
  ) throws(ClassifierError) {
    guard let value else {
      throw .notExplainable(
        column: column.name,
        reason: "more than an average stands between them and these features; train on a layer with height and width "
          + "('layertap layers' shows the shapes) and with --pool avg")
    }
    if case .gem = value.pooling {
      throw .notExplainable(
        column: column.name,
        reason: "a generalized mean is no sum over positions; train with --pool avg or --pool max")
    }
    self.column = column
    self.value = value
    self.features = features
    values = start..<start + value.channels * value.height * value.width
  }

  /// The number of cells.
  var cellCount: Int { value.height * value.width }

  /// The number of elements of the value.
  var valueCount: Int { values.count }

  /// The part of each cell of the weighted sum of the column's features: `[height * width]`. The sums are in double
  /// precision.
  ///
  /// - Parameters:
  ///   - row: the row with all features and all values.
  ///   - weights: the weights of all features.
  func parts(of row: Span<Float>, weights: Span<Double>) -> [Double] {
    var parts = [Double](repeating: 0, count: cellCount)
    let weights = weights.extracting(features)
    let values = row.extracting(values)
    switch value.pooling {
    case .avg: addMeans(values, weights, to: &parts)
    case .max: addMaxima(values, weights, to: &parts)
    case .avgmax:
      addMeans(values, weights.extracting(first: value.channels), to: &parts)
      addMaxima(values, weights.extracting(last: value.channels), to: &parts)
    case .flatten:
      for place in values.indices { parts[place % cellCount] += weights[place] * Double(values[place]) }
    case .gem, .none: preconditionFailure("\(column.name) has no parts")
    }
    return parts
  }

  private func addMeans(_ values: Span<Float>, _ weights: Span<Double>, to parts: inout [Double]) {
    let cells = cellCount
    for channel in weights.indices {
      let weight = weights[channel] / Double(cells)
      for cell in 0..<cells { parts[cell] += weight * Double(values[channel * cells + cell]) }
    }
  }

  /// If several cells have the maximum, the first gets the part.
  private func addMaxima(_ values: Span<Float>, _ weights: Span<Double>, to parts: inout [Double]) {
    let cells = cellCount
    for channel in weights.indices {
      let start = channel * cells
      var best = 0
      for cell in 1..<max(cells, 1) where values[start + cell] > values[start + best] { best = cell }
      parts[best] += weights[channel] * Double(values[start + best])
    }
  }
}
