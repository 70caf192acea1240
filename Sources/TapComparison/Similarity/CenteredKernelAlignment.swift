// Linear centered kernel alignment (CKA): how similar two layers are as geometries of the same images. It is 1 for
// features that differ only by a rotation and a factor, and near 0 for unrelated features.
//
// Sources: Kornblith, Norouzi, Lee and Hinton, "Similarity of Neural Network Representations Revisited" (2019); the
// unbiased estimate of HSIC: Song, Smola, Gretton, Bedo and Borgwardt, "Feature Selection via Dependence Maximization"
// (2012), equation 5.

import TapKernels

/// The unbiased linear CKA of columns of features of the same images.
///
/// With K = XXᵀ and L = YYᵀ without their diagonals, the unbiased estimate for n images is
/// ```
/// HSIC(X, Y) = [ tr(K L) + (1ᵀK1)(1ᵀL1) / ((n-1)(n-2)) - 2/(n-2) 1ᵀK L1 ] / (n (n-3)),
/// CKA(X, Y)  = HSIC(X, Y) / √(HSIC(X, X) HSIC(Y, Y)).
/// ```
/// The estimate does not change if X or Y is centered. For centered features, K1 is minus the diagonal of XXᵀ. So HSIC
/// needs only ‖XᵀY‖² and the squared lengths of the rows, and no matrix of n x n. The sums are in double precision. The
/// result does not depend on the number of threads.
package enum CenteredKernelAlignment {
  /// The smallest number of images.
  package static let minimumImages = 4

  /// The CKA of each pair of columns, `[columns, columns]`, with ones on the diagonal. An entry is nil if the features
  /// of one of the columns do not differ between images.
  ///
  /// - Precondition: all columns have the same number of images, at least ``minimumImages``, and finite values.
  package static func matrix(_ columns: [SimilarityColumn], threads: Int) -> [[Double?]] {
    let count = columns.count
    let pairs = (0..<count).flatMap { first in (first..<count).map { (first, $0) } }
    let pieces = pairs.enumerated().flatMap { index, pair in
      Self.pieces(columns[pair.0], columns[pair.1]).map { (pair: index, piece: $0) }
    }
    let parts = BlockProducts.results(count: pieces.count, threads: threads) { index in
      let pair = pairs[pieces[index].pair]
      return pieces[index].piece.squaredNorm(columns[pair.0], columns[pair.1])
    }
    var norms = [Double](repeating: 0, count: pairs.count)
    for (piece, part) in zip(pieces, parts) { norms[piece.pair] += part }
    var hsic: [[Double]] = Array(repeating: Array(repeating: 0, count: count), count: count)
    for (index, (first, second)) in pairs.enumerated() {
      let value = independence(columns[first], columns[second], squaredNorm: norms[index])
      hsic[first][second] = value
      hsic[second][first] = value
    }
    return (0..<count).map { first in
      (0..<count).map { second in
        let scale = hsic[first][first] * hsic[second][second]
        guard hsic[first][first] > 0, hsic[second][second] > 0, scale > 0 else { return nil }
        return first == second ? 1 : hsic[first][second] / scale.squareRoot()
      }
    }
  }

  private static func independence(
    _ x: SimilarityColumn, _ y: SimilarityColumn, squaredNorm: Double
  ) -> Double {
    let n = Double(x.images)
    let (xTrace, yTrace) = (x.squares.reduce(0, +), y.squares.reduce(0, +))
    let diagonals = zip(x.squares, y.squares).reduce(0) { $0 + $1.0 * $1.1 }
    let sum = squaredNorm - diagonals + xTrace * yTrace / ((n - 1) * (n - 2)) - 2 / (n - 2) * diagonals
    return sum / (n * (n - 3))
  }

  /// A part of ‖XᵀY‖², which is also the sum of the products of the elements of XXᵀ and YYᵀ.
  private enum Piece {
    case moments(Range<Int>, Range<Int>)
    case kernels(Range<Int>)

    func squaredNorm(_ x: SimilarityColumn, _ y: SimilarityColumn) -> Double {
      switch self {
      case .moments(let xColumns, let yColumns):
        return BlockProducts.moments(x, xColumns, y, yColumns).reduce(0) { $0 + $1 * $1 }
      case .kernels(let images):
        let all = 0..<x.images
        let (k, l) = (BlockProducts.kernel(x, images, all), BlockProducts.kernel(y, images, all))
        return zip(k, l).reduce(0) { $0 + $1.0 * $1.1 }
      }
    }
  }

  private static func pieces(_ x: SimilarityColumn, _ y: SimilarityColumn) -> [Piece] {
    if x.images * (x.dimensions + y.dimensions) < x.dimensions * y.dimensions {
      return BlockProducts.blocks(x.images, of: 256).map { .kernels($0) }
    }
    return BlockProducts.blocks(x.dimensions, of: BlockProducts.blockColumns).flatMap { xColumns in
      BlockProducts.blocks(y.dimensions, of: BlockProducts.blockColumns).map { .moments(xColumns, $0) }
    }
  }
}
