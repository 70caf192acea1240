// Comparisons of the dissimilarities of layers with each other and with the user's own.

import TapFileSystem
import TapFormats

/// Spearman's correlations of the dissimilarities of images in several columns.
package struct DissimilarityComparison: Sendable {
  /// The correlation of each pair of columns; nil if all dissimilarities of a column are equal.
  package let columns: [[Double?]]
  /// The correlation of each column with the user's matrix; nil without such a matrix.
  package let given: [Double?]?

  /// The largest number of dissimilarities that are kept in memory. They take a gigabyte.
  private static let limit = 1 << 27

  /// - Parameter given: the dissimilarities of the user's matrix, in the condensed form.
  /// - Throws: ``SimilarityError/tooManyImages(_:limit:)``
  package init(
    _ tiles: [DissimilarityTiles], given: [Double]?, threads: Int
  ) throws(SimilarityError) {
    let images = tiles.first?.images ?? 0
    let pairs = Self.limit / (tiles.count + (given == nil ? 0 : 1))
    guard images * (images - 1) / 2 <= pairs else {
      throw .tooManyImages(images, limit: Int(Double(2 * pairs).squareRoot()))
    }
    var ranks: [Ranks] = []
    for column in tiles { ranks.append(Ranks(column.condensed(threads: threads))) }
    columns = ranks.indices.map { first in
      ranks.indices.map { ranks[first].correlation(with: ranks[$0]) }
    }
    if let given {
      let own = Ranks(given)
      self.given = ranks.map { $0.correlation(with: own) }
    } else {
      self.given = nil
    }
  }

  /// Reads a .npy file with the dissimilarities of `images` images: a symmetric matrix, or SciPy's condensed form.
  ///
  /// - Throws: ``SimilarityError/otherMatrix(path:problem:)``; ``FileSystemError``.
  package static func read(_ path: String, images: Int) throws -> [Double] {
    let bytes = try FileSystem.read(path)
    let (shape, elements): ([Int], [Double])
    do { (shape, elements) = try NPY.readDoubles(bytes.span) } catch {
      throw SimilarityError.otherMatrix(path: path, problem: "\(error)")
    }
    let pairs = images * (images - 1) / 2
    if shape == [pairs] { return try finite(elements, path) }
    guard shape == [images, images] else {
      throw SimilarityError.otherMatrix(
        path: path,
        problem: "the shape is \(shape), expected [\(images), \(images)] for the \(images) images, or [\(pairs)]")
    }
    var condensed: [Double] = []
    condensed.reserveCapacity(pairs)
    for i in 0..<images {
      for j in (i + 1)..<max(images, i + 1) {
        let (above, below) = (elements[i * images + j], elements[j * images + i])
        guard abs(above - below) <= 1e-6 * max(abs(above), abs(below)) else {
          throw SimilarityError.otherMatrix(
            path: path, problem: "the matrix is not symmetric: [\(i), \(j)] is \(above), [\(j), \(i)] is \(below)")
        }
        condensed.append(above)
      }
    }
    return try finite(condensed, path)
  }

  private static func finite(_ values: [Double], _ path: String) throws -> [Double] {
    guard values.allSatisfy(\.isFinite) else {
      throw SimilarityError.otherMatrix(path: path, problem: "a dissimilarity is not finite")
    }
    return values
  }
}
