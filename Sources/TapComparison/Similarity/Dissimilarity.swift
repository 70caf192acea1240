// Dissimilarities of images in a layer: the matrix that representational similarity analysis starts from.
//
// Source: Kriegeskorte, Mur and Bandettini, "Representational similarity analysis" (2008).

import Synchronization
import TapFileSystem
import TapFormats
import TapKernels
import TapTensors

/// A measure of the dissimilarity of two images' features, as in SciPy's `pdist`.
package enum Dissimilarity: String, CaseIterable, Sendable {
  /// 1 minus Pearson's correlation.
  case correlation
  /// 1 minus the cosine.
  case cosine
  /// The Euclidean distance.
  case euclidean
}

/// The dissimilarities of the images in one column, computed tile by tile.
package struct DissimilarityTiles: Sendable {
  private let column: SimilarityColumn
  private let measure: Dissimilarity
  /// For each image, the number that is subtracted from its values, and the number that these are then multiplied by.
  private let shifts: [Double]
  private let scales: [Double]

  private static let side = 512

  package init(_ column: SimilarityColumn, _ measure: Dissimilarity) {
    self.column = column
    self.measure = measure
    var (shifts, scales): ([Double], [Double]) = ([], [])
    for row in column.rows {
      let values = column.matrix.row(row)
      var sum = 0.0
      for index in values.indices { sum += Double(values[index]) }
      let shift = measure == .correlation ? sum / Double(values.count) : 0
      var square = 0.0
      for index in values.indices {
        let value = Double(values[index]) - shift
        square += value * value
      }
      shifts.append(shift)
      scales.append(measure == .euclidean ? 1 : 1 / square.squareRoot())
    }
    (self.shifts, self.scales) = (shifts, scales)
  }

  /// The number of images.
  package var images: Int { column.images }

  private func block(_ images: Range<Int>, _ columns: Range<Int>) -> [Double] {
    if measure == .euclidean { return column.block(images, columns) }
    var block: [Double] = []
    block.reserveCapacity(images.count * columns.count)
    for image in images {
      let values = column.matrix.row(column.rows[image])
      for index in columns { block.append((Double(values[index]) - shifts[image]) * scales[image]) }
    }
    return block
  }

  /// The dissimilarities of two groups of images, `[first, second]`. An image has dissimilarity 0 to itself. An image
  /// without a direction gives NaN, as in SciPy.
  func tile(_ first: Range<Int>, _ second: Range<Int>) -> [Double] {
    var products = [Double](repeating: 0, count: first.count * second.count)
    var span = products.mutableSpan
    for columns in BlockProducts.blocks(column.dimensions, of: BlockProducts.blockColumns) {
      MatrixProduct.openBLAS.multiply(
        ProductShape(rows: first.count, columns: second.count, depth: columns.count),
        block(first, columns).span, block(second, columns).span, transposeB: true, into: &span, adding: true)
    }
    for (row, i) in first.enumerated() {
      for (place, j) in second.enumerated() {
        let index = row * second.count + place
        products[index] = i == j ? 0 : dissimilarity(i, j, product: products[index])
      }
    }
    return products
  }

  private func dissimilarity(_ i: Int, _ j: Int, product: Double) -> Double {
    guard measure == .euclidean else { return 1 - product }
    let (a, b) = (column.squares[i], column.squares[j])
    let square = a + b - 2 * product
    // The difference of nearly equal numbers has few digits, so the distance of close images is summed directly.
    if square > 1e-6 * (a + b) { return square.squareRoot() }
    let (x, y) = (column.matrix.row(column.rows[i]), column.matrix.row(column.rows[j]))
    var sum = 0.0
    for index in x.indices {
      let difference = Double(x[index]) - Double(y[index])
      sum += difference * difference
    }
    return sum.squareRoot()
  }

  /// The tiles on and above the diagonal: the numbers of their images.
  private var tiles: [(first: Range<Int>, second: Range<Int>)] {
    let blocks = BlockProducts.blocks(images, of: Self.side)
    return blocks.indices.flatMap { first in
      (first..<blocks.count).map { (blocks[first], blocks[$0]) }
    }
  }

  /// Writes the matrix `[images, images]` as float64 to a .npy file. The matrix is exactly symmetric. Memory does not
  /// grow with the number of images.
  package func write(to path: String, threads: Int) throws(FileSystemError) {
    let header = NPYHeader(elementType: .float64, shape: [images, images]).encoded()
    try AtomicWriter.replace(path) { file throws(FileSystemError) in
      try file.write(header, at: 0)
      let tiles = tiles
      let failure = Mutex<FileSystemError?>(nil)
      Threads.concurrentForEach(count: tiles.count, threads: threads) { index in
        guard failure.withLock({ $0 == nil }) else { return }
        let (first, second) = tiles[index]
        do throws(FileSystemError) {
          try write(upper(first, second), first, second, to: file, from: header.count)
        } catch {
          failure.withLock { $0 = error }
        }
      }
      if let error = failure.withLock({ $0 }) { throw error }
    }
  }

  /// A tile whose part below the diagonal mirrors the part above it.
  private func upper(_ first: Range<Int>, _ second: Range<Int>) -> [Double] {
    var tile = tile(first, second)
    guard first == second else { return tile }
    for row in 0..<first.count {
      for place in 0..<row { tile[row * first.count + place] = tile[place * first.count + row] }
    }
    return tile
  }

  private func write(
    _ tile: [Double], _ first: Range<Int>, _ second: Range<Int>, to file: File, from start: Int
  ) throws(FileSystemError) {
    for (row, i) in first.enumerated() {
      let values = (0..<second.count).map { tile[row * second.count + $0] }
      try file.write(Self.bytes(values), at: start + 8 * (i * images + second.lowerBound))
    }
    guard first != second else { return }
    for (place, j) in second.enumerated() {
      let values = (0..<first.count).map { tile[$0 * second.count + place] }
      try file.write(Self.bytes(values), at: start + 8 * (j * images + first.lowerBound))
    }
  }

  private static func bytes(_ values: [Double]) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 * values.count)
    for value in values { bytes.append(littleEndian: value.bitPattern) }
    return bytes
  }

  /// The dissimilarities of the pairs of images i < j, ordered by i, then j, as SciPy's condensed form.
  package func condensed(threads: Int) -> [Double] {
    let tiles = tiles
    let found = BlockProducts.results(count: tiles.count, threads: threads) { index in
      tile(tiles[index].first, tiles[index].second)
    }
    var condensed = [Double](repeating: 0, count: images * (images - 1) / 2)
    for (tile, (first, second)) in zip(found, tiles) {
      for (row, i) in first.enumerated() {
        for (place, j) in second.enumerated() where i < j {
          condensed[i * images - i * (i + 1) / 2 + j - i - 1] = tile[row * second.count + place]
        }
      }
    }
    return condensed
  }
}
