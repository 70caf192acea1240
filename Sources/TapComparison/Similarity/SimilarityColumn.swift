// A column of features of chosen images, as the measures of similarity read it: in double precision, centered, and in
// blocks, so that memory does not grow with the number of images.

import Synchronization
import TapKernels
import TapTensors

/// The features `X: [images, dimensions]` of a column, minus their mean.
package struct SimilarityColumn: Sendable {
  /// The column's name, with the name of its backbone if there are several backbones.
  package let name: String
  /// The row in the matrix of each image.
  let rows: [Int]
  let matrix: MatrixView
  /// The mean of each value over the images.
  let mean: [Double]
  /// The squared distance of each image's features from the mean.
  let squares: [Double]

  /// The number of values of an image.
  package var dimensions: Int { matrix.columns }
  var images: Int { rows.count }

  /// - Parameters:
  ///   - matrix: the features; every row of `rows` is in it.
  ///   - rows: the row of each image, at least 1.
  package init(name: String, matrix: MatrixView, rows: [Int]) {
    self.name = name
    self.matrix = matrix
    self.rows = rows
    var sum = [Double](repeating: 0, count: matrix.columns)
    for row in rows {
      let values = matrix.row(row)
      for column in sum.indices { sum[column] += Double(values[column]) }
    }
    let mean = sum.map { $0 / Double(rows.count) }
    self.mean = mean
    squares = rows.map { row in
      let values = matrix.row(row)
      var square = 0.0
      for column in mean.indices {
        let difference = Double(values[column]) - mean[column]
        square += difference * difference
      }
      return square
    }
  }

  /// Whether all values are finite.
  package var isFinite: Bool { squares.allSatisfy(\.isFinite) }

  /// The centered values of some images and columns, `[images, columns]`.
  func block(_ images: Range<Int>, _ columns: Range<Int>) -> [Double] {
    var block: [Double] = []
    block.reserveCapacity(images.count * columns.count)
    for image in images {
      let values = matrix.row(rows[image])
      for column in columns { block.append(Double(values[column]) - mean[column]) }
    }
    return block
  }
}

/// Products of columns in double precision, in blocks that bound the memory.
enum BlockProducts {
  static let blockImages = 1024
  static let blockColumns = 512

  static func blocks(_ count: Int, of length: Int) -> [Range<Int>] {
    stride(from: 0, to: count, by: length).map { $0..<min($0 + length, count) }
  }

  /// Part of XᵀY, `[x columns, y columns]`.
  static func moments(
    _ x: SimilarityColumn, _ xColumns: Range<Int>, _ y: SimilarityColumn, _ yColumns: Range<Int>
  ) -> [Double] {
    var product = [Double](repeating: 0, count: xColumns.count * yColumns.count)
    var span = product.mutableSpan
    for images in blocks(x.images, of: blockImages) {
      let (a, b) = (x.block(images, xColumns), y.block(images, yColumns))
      MatrixProduct.openBLAS.multiply(
        ProductShape(rows: xColumns.count, columns: yColumns.count, depth: images.count), a.span,
        transposeA: true, b.span, into: &span, adding: true)
    }
    return product
  }

  /// Part of XXᵀ, `[first images, second images]`.
  static func kernel(_ x: SimilarityColumn, _ first: Range<Int>, _ second: Range<Int>) -> [Double] {
    var product = [Double](repeating: 0, count: first.count * second.count)
    var span = product.mutableSpan
    for columns in blocks(x.dimensions, of: blockColumns) {
      let (a, b) = (x.block(first, columns), x.block(second, columns))
      MatrixProduct.openBLAS.multiply(
        ProductShape(rows: first.count, columns: second.count, depth: columns.count), a.span, b.span,
        transposeB: true, into: &span, adding: true)
    }
    return product
  }

  /// The results of independent pieces of work, in order.
  static func results<Result: Sendable>(
    count: Int, threads: Int, _ work: @Sendable (Int) -> Result
  ) -> [Result] {
    let found = Mutex<[Int: Result]>([:])
    Threads.concurrentForEach(count: count, threads: threads) { index in
      let result = work(index)
      found.withLock { $0[index] = result }
    }
    return found.withLock { found in (0..<count).compactMap { found[$0] } }
  }
}
