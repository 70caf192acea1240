// All pairs of rows with nearly the same direction.

import Synchronization
import TapKernels
import TapTensors

/// All pairs of rows whose cosine is at least a threshold. No pair is missed.
///
/// ```
/// cos(x, y) = xᵀy / (‖x‖ ‖y‖)
/// ```
/// A row of zeros has the cosine 0 with every row. A row with a value that is not finite is in no pair.
///
/// The cosine of a pair is computed in double precision from the rows. Products of blocks of rows in single precision
/// first discard the pairs whose cosine is certainly too small. If there are many rows, ``RowBlocks`` discards pairs of
/// blocks, and then ``ShortRows`` discards pairs of rows. The rows can be in a mapped file: they are read once from the
/// first to the last, and then only the rows of the pairs that are left. The result does not depend on the number of
/// threads.
///
/// - Complexity: n² d operations without bounds. With bounds at most 64 n² and a few more, if the directions of the
///   short forms hold most of the rows' length. The memory is that of the short forms, at most 1,300 bytes for each
///   row, and a few megabytes for each thread.
package struct SimilarPairs: Sendable {
  /// A pair of rows and its cosine.
  package struct Pair: Hashable, Sendable {
    package let first: Int
    /// The second row; greater than ``first``.
    package let second: Int
    package let cosine: Double
  }

  /// How pairs are discarded before their cosine is computed. The bounds change no result.
  package struct Bounds: Hashable, Sendable {
    /// The widths of ``ShortRows``, ascending, each at least 2. Without widths, no bound is used.
    package var widths: [Int]
    /// The number of rows of a block.
    package var blockRows: Int

    package init(widths: [Int], blockRows: Int = 1024) {
      precondition(widths.allSatisfy { $0 >= 2 } && blockRows > 0, "widths \(widths), \(blockRows) rows")
      self.widths = widths.sorted()
      self.blockRows = blockRows
    }

    /// The bounds that save time for a number of rows.
    package init(rows: Int, columns: Int) {
      self.init(widths: rows < SimilarPairs.boundedCount ? [] : [64, 256].filter { $0 * 4 <= columns })
      if rows < SimilarPairs.secondBoundCount { widths = Array(widths.prefix(1)) }
    }
  }

  /// The largest number of pairs that are kept.
  package static let largestCount = 10_000_000
  /// The number of rows from which on pairs are first discarded by a bound.
  package static let boundedCount = 4096
  /// The number of rows from which on a second, closer bound is used.
  package static let secondBoundCount = 32_768

  /// The pairs, sorted by their first and then by their second row. Empty if there are too many.
  package let pairs: [Pair]
  /// The number of pairs that were found before the search stopped; nil if all pairs were found.
  package let stoppedAt: Int?

  /// - Parameters:
  ///   - rows: the rows to compare. The pairs have indices into this array.
  ///   - threshold: the smallest cosine of a pair, above 0 and at most 1.
  ///   - limit: the number of pairs above which the search stops.
  ///   - bounds: how pairs are discarded; nil for those that save time for the number of rows.
  ///   - progress: receives the number of pairs of blocks done, and the number of all, from any thread.
  package init(
    _ features: MatrixView, rows: [Int], threshold: Double, limit: Int = SimilarPairs.largestCount, threads: Int,
    product: MatrixProduct = .openBLAS, bounds: Bounds? = nil,
    progress: @Sendable (_ done: Int, _ total: Int) -> Void = { _, _ in }
  ) {
    precondition(threshold > 0 && threshold <= 1, "a threshold of \(threshold)")
    let search = PairSearch(
      features, rows: rows, threshold: threshold,
      bounds: bounds ?? Bounds(rows: rows.count, columns: features.columns), product: product, threads: threads)
    let tiles = search.blocks.tiles(threshold: threshold)
    let found = Mutex<[Pair]>([])
    let total = Atomic<Int>(0)
    let done = Atomic<Int>(0)
    Threads.concurrentForEach(count: tiles.count, threads: threads) { index in
      guard total.load(ordering: .relaxed) <= limit, !Cancellation.isRequested else { return }
      let pairs = search.pairs(tiles[index].first, tiles[index].second)
      progress(done.add(1, ordering: .relaxed).newValue, tiles.count)
      guard !pairs.isEmpty else { return }
      total.add(pairs.count, ordering: .relaxed)
      found.withLock { $0 += pairs }
    }
    let sum = total.load(ordering: .relaxed)
    stoppedAt = sum > limit ? sum : nil
    pairs = sum > limit ? [] : found.withLock { $0 }.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
  }
}
