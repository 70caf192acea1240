// The pairs of nearly equal images, by features and by perceptual hashes.

import TapDuplicates
import TapTensors

/// Pairs of nearly equal images, with what found them.
struct NearPairs: Sendable {
  struct Pair: Sendable {
    let first: Int
    /// The second image; greater than ``first``.
    let second: Int
    /// The cosine of the features.
    let cosine: Double
    let finders: Audit.Finders
  }

  /// The pairs, those with the largest cosine first. Empty if there are too many.
  let pairs: [Pair]
  /// The number of pairs that were found before a search stopped; nil if all pairs were found.
  let stoppedAt: Int?

  /// No pairs, because none were searched for.
  init() {
    pairs = []
    stoppedAt = nil
  }

  /// - Parameters:
  ///   - features: the features in which `rows` has the row of each image.
  ///   - hashed: the pairs by hashes; nil without files.
  init(_ similar: SimilarPairs, _ hashed: HashPairs?, _ features: MatrixView, rows: [Int]) {
    stoppedAt = similar.stoppedAt ?? hashed?.stoppedAt
    guard stoppedAt == nil else {
      pairs = []
      return
    }
    var found: [Pair] = []
    var rest = similar.pairs[...]
    for pair in hashed?.pairs ?? [] {
      let place = (pair.first, pair.second)
      while let next = rest.first, (next.first, next.second) < place {
        found.append(Pair(first: next.first, second: next.second, cosine: next.cosine, finders: .features))
        rest = rest.dropFirst()
      }
      var finders: Audit.Finders = pair.isMirrored ? .mirroredHash : .hash
      if let next = rest.first, (next.first, next.second) == place {
        finders.insert(.features)
        rest = rest.dropFirst()
      }
      found.append(
        Pair(
          first: pair.first, second: pair.second,
          cosine: min(1, features.cosine(rows[pair.first], rows[pair.second])), finders: finders))
    }
    found += rest.map { Pair(first: $0.first, second: $0.second, cosine: $0.cosine, finders: .features) }
    pairs = found.sorted { ($1.cosine, $0.first, $0.second) < ($0.cosine, $1.first, $1.second) }
  }
}
