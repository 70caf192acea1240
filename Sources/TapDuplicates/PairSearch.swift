// The pairs of similar rows of two blocks. Bounds discard most pairs; a product in double precision decides the rest.

import TapKernels
import TapLinear
import TapTensors

/// A search for pairs of similar rows, block by block.
struct PairSearch: Sendable {
  /// Two rows, as places in ``rows``.
  typealias Candidate = (first: Int, second: Int)

  let features: MatrixView
  /// The rows to compare.
  let rows: [Int]
  let threshold: Double
  let product: MatrixProduct
  let blocks: RowBlocks
  /// The short forms, without the narrowest ones, by width.
  private let levels: [ShortRows]
  /// The narrowest short forms of the rows of each block.
  private let leading: [MatrixView]

  /// The largest share of the pairs of two blocks that are looked at one by one.
  private static let singleShare = 0.02
  /// The number of rows whose products are computed at once. They fit the cache of a core.
  private static let stripRows = 256
  /// The number of products of which one test tells whether any reaches the bound.
  private static let groupCount = 32

  init(
    _ features: MatrixView, rows: [Int], threshold: Double, bounds: SimilarPairs.Bounds, product: MatrixProduct,
    threads: Int
  ) {
    self.features = features
    self.rows = rows
    self.threshold = threshold
    self.product = product
    guard let widest = bounds.widths.last, !rows.isEmpty else {
      blocks = RowBlocks(count: rows.count, blockRows: bounds.blockRows)
      levels = []
      leading = []
      return
    }
    let whole = ShortRows(features, rows: rows, width: widest, product: product, threads: threads)
    let narrowest = whole.narrowed(to: bounds.widths[0])
    let similar = RowBlocks(narrowest, blockRows: bounds.blockRows)
    leading = similar.blocks.map { narrowest.matrix.gathered($0) }
    // The narrowest forms are read from `leading`, so that no second copy of them is kept.
    levels = bounds.widths.dropFirst().map { whole.narrowed(to: $0) }
    blocks = similar
  }

  /// The pairs of rows of two blocks.
  func pairs(_ first: Int, _ second: Int) -> [SimilarPairs.Pair] {
    var found: [Candidate]?
    if !leading.isEmpty {
      found = candidates(first, second, leading[first], leading[second], slack: ShortRows.slack(of: leading[first]))
    }
    for level in levels {
      if let known = found {
        let bound = Float(threshold) - ShortRows.slack(of: level.matrix)
        found = known.filter { level.product($0.first, $0.second) >= bound }
      } else {
        let (left, right) = (level.matrix.gathered(blocks.blocks[first]), level.matrix.gathered(blocks.blocks[second]))
        found = candidates(first, second, left, right, slack: ShortRows.slack(of: level.matrix))
      }
    }
    return confirmed(found ?? wholeCandidates(first, second))
  }

  /// The pairs whose whole rows have a product that reaches the threshold in single precision.
  private func wholeCandidates(_ first: Int, _ second: Int) -> [Candidate] {
    let left = normalized(blocks.blocks[first])
    let right = first == second ? left : normalized(blocks.blocks[second])
    return candidates(first, second, left, right, limit: Int.max, slack: ShortRows.slack(of: left)) ?? []
  }

  /// The pairs of rows of two blocks whose product is at least the threshold minus `slack`; nil if there are many.
  private func candidates(
    _ first: Int, _ second: Int, _ left: MatrixView, _ right: MatrixView, limit: Int? = nil, slack: Float
  ) -> [Candidate]? {
    let limit = limit ?? Int(Self.singleShare * Double(left.rows * right.rows))
    let bound = Float(threshold) - slack
    return left.withElements { a in
      right.withElements { b -> [Candidate]? in
        var found: [Candidate] = []
        var strip = [Float](repeating: 0, count: min(Self.stripRows, left.rows) * right.rows)
        for start in stride(from: 0, to: left.rows, by: Self.stripRows) {
          let height = min(Self.stripRows, left.rows - start)
          var target = strip.mutableSpan
          product.multiply(
            ProductShape(rows: height, columns: right.rows, depth: left.columns),
            a.extracting((start * left.columns)..<((start + height) * left.columns)), b, transposeB: true,
            into: &target)
          let products = strip.span
          for i in 0..<height {
            let line = products.extracting((i * right.rows)..<((i + 1) * right.rows))
            let place = start + i
            Self.forEach(in: line, atLeast: bound) { j in
              // A pair of a block with itself counts once.
              guard first != second || place < j else { return }
              found.append((blocks.blocks[first][place], blocks.blocks[second][j]))
            }
          }
          if found.count > limit { return nil }
        }
        return found
      }
    }
  }

  /// Calls a closure with the indices of the values that reach a bound. A few values at most are assumed to do so.
  private static func forEach(in values: Span<Float>, atLeast bound: Float, _ body: (Int) -> Void) {
    guard reaches(values, bound) else { return }
    for start in stride(from: 0, to: values.count, by: groupCount) {
      let group = values.extracting(start..<min(start + groupCount, values.count))
      guard reaches(group, bound) else { continue }
      for j in group.indices where group[j] >= bound { body(start + j) }
    }
  }

  /// Whether a value reaches a bound. The loop has no branch, so that the compiler uses vectors.
  private static func reaches(_ values: Span<Float>, _ bound: Float) -> Bool {
    var hits: UInt32 = 0
    for j in values.indices { hits |= values[j] >= bound ? 1 : 0 }
    return hits != 0
  }

  private func confirmed(_ candidates: [Candidate]) -> [SimilarPairs.Pair] {
    candidates.compactMap { first, second in
      let cosine = features.cosine(rows[first], rows[second])
      guard cosine >= threshold else { return nil }
      return SimilarPairs.Pair(first: min(first, second), second: max(first, second), cosine: min(1, cosine))
    }
  }

  /// The rows of a block, each divided by its norm. A row that is not finite becomes zeros.
  private func normalized(_ block: [Int]) -> MatrixView {
    let columns = features.columns
    return MatrixView(rows: block.count, columns: columns) { elements in
      for (position, place) in block.enumerated() {
        features.withRow(rows[place]) { values in
          let factor = RowNormalization.inverseNorm(values)
          guard factor > 0 else { return }
          for j in values.indices { elements[position * columns + j] = Float(factor * Double(values[j])) }
        }
      }
    }
  }
}

extension MatrixView {
  /// The cosine of two rows, in double precision; 0 if a row is zeros.
  package func cosine(_ first: Int, _ second: Int) -> Double {
    withRow(first) { x in
      withRow(second) { y in
        var (xx, yy, xy) = (0.0, 0.0, 0.0)
        for j in x.indices {
          let (a, b) = (Double(x[j]), Double(y[j]))
          xx += a * a
          yy += b * b
          xy += a * b
        }
        let norms = (xx * yy).squareRoot()
        return norms > 0 ? xy / norms : 0
      }
    }
  }
}
