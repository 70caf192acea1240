// All pairs of rows with nearly the same direction. Products of blocks find candidates in single precision; a product
// in double precision decides.

import Synchronization
import TapKernels
import TapLinear
import TapTensors

/// All pairs of rows whose cosine is at least a threshold. No pair is missed.
///
/// ```
/// cos(x, y) = xᵀy / (‖x‖ ‖y‖)
/// ```
/// A row of zeros has the cosine 0 with every row. A row with a value that is not finite is in no pair. If there are
/// many rows, ``LeadingDirections`` first discards the pairs whose cosine is certainly too small.
///
/// - Complexity: n² d operations; with many rows, 65 n² and a few more. 4 MB and a block of rows for each thread, and
///   260 bytes for each row.
package struct SimilarPairs: Sendable {
  /// A pair of rows and its cosine.
  package struct Pair: Hashable, Sendable {
    package let first: Int
    /// The second row; greater than ``first``.
    package let second: Int
    package let cosine: Double
  }

  /// The largest number of pairs that are kept.
  package static let largestCount = 10_000_000
  /// The number of rows from which on pairs are first discarded by a bound.
  package static let boundedCount = 4096
  private static let blockRows = 1024

  /// The pairs, sorted by their first and then by their second row. Empty if there are too many.
  package let pairs: [Pair]
  /// The number of pairs that were found before the search stopped; nil if all pairs were found.
  package let stoppedAt: Int?

  /// - Parameters:
  ///   - rows: the rows to compare. The pairs have indices into this array.
  ///   - threshold: the smallest cosine of a pair, above 0 and at most 1.
  ///   - limit: the number of pairs above which the search stops.
  package init(
    _ features: MatrixView, rows: [Int], threshold: Double, limit: Int = SimilarPairs.largestCount, threads: Int,
    product: MatrixProduct = .openBLAS
  ) {
    precondition(threshold > 0 && threshold <= 1, "a threshold of \(threshold)")
    let blocks = stride(from: 0, to: rows.count, by: Self.blockRows).map {
      $0..<min($0 + Self.blockRows, rows.count)
    }
    let isBounded = rows.count >= Self.boundedCount && features.columns >= 4 * LeadingDirections.count
    let search = Search(
      features: features, rows: rows, threshold: threshold, product: product,
      short: isBounded ? Self.shortened(features, rows, blocks, product, threads) : nil)
    let tiles = blocks.indices.flatMap { first in (first..<blocks.count).map { (first, $0) } }
    let found = Mutex<[Int: [Pair]]>([:])
    let total = Atomic<Int>(0)
    Threads.concurrentForEach(count: tiles.count, threads: threads) { index in
      guard total.load(ordering: .relaxed) <= limit, !Cancellation.isRequested else { return }
      let (first, second) = tiles[index]
      let pairs = search.pairs((first, blocks[first]), (second, blocks[second]))
      guard !pairs.isEmpty else { return }
      total.add(pairs.count, ordering: .relaxed)
      found.withLock { $0[index] = pairs }
    }
    let sum = total.load(ordering: .relaxed)
    stoppedAt = sum > limit ? sum : nil
    pairs =
      sum > limit
      ? []
      : found.withLock { found in found.values.flatMap { $0 } }
        .sorted { ($0.first, $0.second) < ($1.first, $1.second) }
  }

  /// The short forms of all rows, block by block.
  private static func shortened(
    _ features: MatrixView, _ rows: [Int], _ blocks: [Range<Int>], _ product: MatrixProduct, _ threads: Int
  ) -> [[Float]] {
    let directions = LeadingDirections(features, rows: rows, product: product)
    let found = Mutex<[Int: [Float]]>([:])
    Threads.concurrentForEach(count: blocks.count, threads: threads) { index in
      let short = directions.shortened(features, Array(rows[blocks[index]]))
      found.withLock { $0[index] = short }
    }
    return found.withLock { found in blocks.indices.map { found[$0] ?? [] } }
  }
}

private struct Search: Sendable {
  typealias Block = (number: Int, range: Range<Int>)

  let features: MatrixView
  let rows: [Int]
  let threshold: Double
  let product: MatrixProduct
  /// The short forms of the rows of each block; nil if there are few rows.
  let short: [[Float]]?

  /// The largest share of a tile's pairs that are decided one by one.
  private static let singleShare = 0.02

  func pairs(_ first: Block, _ second: Block) -> [SimilarPairs.Pair] {
    if let short {
      let candidates = candidates(
        first, second, short[first.number], short[second.number], columns: LeadingDirections.width,
        bound: Float(threshold) - LeadingDirections.slack)
      let limit = Self.singleShare * Double(first.range.count * second.range.count)
      if Double(candidates.count) <= limit { return confirmed(candidates) }
    }
    let left = normalized(first.range)
    // The rounding errors of a product of unit rows are at most about `columns` ulps of 1. Normalization adds two.
    return confirmed(
      candidates(
        first, second, left, first.number == second.number ? left : normalized(second.range),
        columns: features.columns, bound: Float(threshold) - Float(features.columns + 4) * Float.ulpOfOne))
  }

  /// The pairs of rows whose product is at least `bound`.
  private func candidates(
    _ first: Block, _ second: Block, _ left: [Float], _ right: [Float], columns: Int, bound: Float
  ) -> [(Int, Int)] {
    let width = second.range.count
    var tile = [Float](repeating: 0, count: first.range.count * width)
    var span = tile.mutableSpan
    product.multiply(
      ProductShape(rows: first.range.count, columns: width, depth: columns), left.span, right.span,
      transposeB: true, into: &span)
    var found: [(Int, Int)] = []
    for i in 0..<first.range.count {
      for j in 0..<width where tile[i * width + j] >= bound {
        let (one, other) = (first.range.lowerBound + i, second.range.lowerBound + j)
        if one < other { found.append((one, other)) }
      }
    }
    return found
  }

  private func confirmed(_ candidates: [(Int, Int)]) -> [SimilarPairs.Pair] {
    candidates.compactMap { first, second in
      let cosine = cosine(rows[first], rows[second])
      guard cosine >= threshold else { return nil }
      return SimilarPairs.Pair(first: first, second: second, cosine: min(1, cosine))
    }
  }

  /// The rows of a block, each divided by its norm. A row that is not finite becomes zeros.
  private func normalized(_ block: Range<Int>) -> [Float] {
    let columns = features.columns
    var result = [Float](repeating: 0, count: block.count * columns)
    for (position, index) in block.enumerated() {
      features.withRow(rows[index]) { values in
        let factor = RowNormalization.inverseNorm(values)
        guard factor > 0 else { return }
        for j in values.indices { result[position * columns + j] = Float(factor * Double(values[j])) }
      }
    }
    return result
  }

  private func cosine(_ first: Int, _ second: Int) -> Double {
    features.withRow(first) { x in
      features.withRow(second) { y in
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
