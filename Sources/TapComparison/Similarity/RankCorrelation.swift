// Spearman's rank correlation, with which matrices of dissimilarities are compared.

/// The ranks of values: 1 for the smallest value. Equal values have the mean of their ranks.
package struct Ranks: Sendable {
  private let ranks: [Double]

  package init(_ values: [Double]) {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
      start = end
    }
    self.ranks = ranks
  }

  /// Spearman's correlation with other ranks: Pearson's correlation of the ranks. Nil if all ranks of one side are
  /// equal.
  ///
  /// - Precondition: both have the same number of values.
  package func correlation(with other: Ranks) -> Double? {
    precondition(ranks.count == other.ranks.count, "\(ranks.count) and \(other.ranks.count) ranks")
    let mean = Double(ranks.count + 1) / 2
    var (product, square, otherSquare) = (0.0, 0.0, 0.0)
    for (a, b) in zip(ranks, other.ranks) {
      product += (a - mean) * (b - mean)
      square += (a - mean) * (a - mean)
      otherSquare += (b - mean) * (b - mean)
    }
    guard square > 0, otherSquare > 0 else { return nil }
    return product / (square.squareRoot() * otherSquare.squareRoot())
  }
}
