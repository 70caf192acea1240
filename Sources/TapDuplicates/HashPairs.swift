// All pairs of images whose perceptual hashes are nearly equal.

import Synchronization
import TapImages
import TapKernels

/// All pairs of images whose hashes differ in at most some bits, also if one of the images is mirrored.
///
/// - Complexity: n² comparisons of 64 bits.
package struct HashPairs: Sendable {
  /// A pair of images.
  package struct Pair: Hashable, Sendable {
    package let first: Int
    /// The second image; greater than ``first``.
    package let second: Int
    /// Whether only the hash of the mirrored image is near.
    package let isMirrored: Bool
  }

  private static let blockCount = 256

  /// The pairs, sorted by their first and then by their second image. Empty if there are too many.
  package let pairs: [Pair]
  /// The number of pairs that were found before the search stopped; nil if all pairs were found.
  package let stoppedAt: Int?

  /// - Parameters:
  ///   - hashes: the hash of each image; nil for an image without one, which is in no pair.
  ///   - distance: the largest number of different bits of a pair.
  ///   - limit: the number of pairs above which the search stops.
  package init(
    _ hashes: [PerceptualHash?], distance: Int, limit: Int = SimilarPairs.largestCount, threads: Int
  ) {
    let known = hashes.indices.compactMap { index in hashes[index].map { (index: index, hash: $0) } }
    let starts = Array(stride(from: 0, to: known.count, by: Self.blockCount))
    let found = Mutex<[Pair]>([])
    let total = Atomic<Int>(0)
    Threads.concurrentForEach(count: starts.count, threads: threads) { block in
      guard total.load(ordering: .relaxed) <= limit, !Cancellation.isRequested else { return }
      var pairs: [Pair] = []
      for place in starts[block]..<min(starts[block] + Self.blockCount, known.count) {
        let (first, hash) = known[place]
        let mirrored = hash.mirrored
        for (second, other) in known[(place + 1)...] {
          if hash.distance(to: other) <= distance {
            pairs.append(Pair(first: first, second: second, isMirrored: false))
          } else if mirrored.distance(to: other) <= distance {
            pairs.append(Pair(first: first, second: second, isMirrored: true))
          }
        }
        if pairs.count > limit { break }
      }
      total.add(pairs.count, ordering: .relaxed)
      found.withLock { $0 += pairs }
    }
    let sum = total.load(ordering: .relaxed)
    stoppedAt = sum > limit ? sum : nil
    pairs = sum > limit ? [] : found.withLock { $0 }.sorted { ($0.first, $0.second) < ($1.first, $1.second) }
  }
}
