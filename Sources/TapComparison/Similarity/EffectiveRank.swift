// The effective rank of features: the number of directions in which images differ, counted by their strength.

import Glibc
import TapLinear

extension SimilarityColumn {
  /// The largest order of an eigenvalue problem.
  private static let largestOrder = 6144

  /// The effective rank: the exponential of the entropy of the singular values of the centered features, divided by
  /// their sum. It is between 1 and the rank; 0 if the features do not differ between images. Nil if images and
  /// dimensions are both more than 6,144.
  ///
  /// Source: Roy and Vetterli, "The effective rank: a measure of effective dimensionality" (2007).
  package func effectiveRank(threads: Int) -> Double? {
    let order = min(images, dimensions)
    guard order <= Self.largestOrder else { return nil }
    let parts = BlockProducts.blocks(order, of: 128)
    let products = BlockProducts.results(count: parts.count, threads: threads) { index in
      dimensions <= images
        ? BlockProducts.moments(self, parts[index], self, 0..<dimensions)
        : BlockProducts.kernel(self, parts[index], 0..<images)
    }
    let values = SymmetricEigen.values(products.flatMap(\.self), order: order, threads: threads)
    let singular = values.map { max(0, $0).squareRoot() }
    let sum = singular.reduce(0, +)
    guard sum > 0 else { return 0 }
    return exp(-singular.reduce(0) { $0 + ($1 > 0 ? $1 / sum * log($1 / sum) : 0) })
  }
}
