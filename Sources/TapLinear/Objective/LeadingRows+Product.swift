// Products of a residual with the preconditioner.

import Synchronization
import TapKernels
import TapTensors

extension LeadingRows {
  /// The preconditioner times a residual r: `[classes, columns]`, followed by the elements of the appended feature.
  ///
  /// - Parameter ridge: the penalty of the appended feature. If the penalty is 0, the mean of this feature's elements
  ///   over the classes is 0 in the result, because the objective does not depend on the mean.
  func product(
    _ design: DesignMatrix, with residual: [Double], ridge: Double, _ product: MatrixProduct, threads: Int
  ) -> [Double] {
    let (k, d) = (classes.count, design.columns)
    let split = k * d
    var means = [Double](repeating: 0, count: d + 1)
    for c in 0..<k {
      for j in 0..<d { means[j] += residual[c * d + j] }
      means[d] += residual[split + c]
    }
    for j in means.indices { means[j] /= Double(k) }
    let mean = means
    // The size is a constant, so that results do not depend on the number of threads.
    let size = 32
    let pieces = (k + size - 1) / size
    let found = Mutex([[Float]](repeating: [], count: pieces))
    Threads.concurrentForEach(count: pieces, threads: threads) { piece in
      let outputs = (piece * size)..<min(k, (piece + 1) * size)
      let images = self.images(design, residual, mean, outputs, product)
      found.withLock { $0[piece] = images }
    }
    let images = found.withLock { $0 }
    var result = [Double](repeating: 0, count: residual.count)
    var sums = [Double](repeating: 0, count: d + 1)
    for (piece, image) in images.enumerated() {
      let first = piece * size
      let count = image.count / (d + 1)
      for place in 0..<count {
        for j in 0..<d {
          let value = Double(image[place * d + j])
          result[(first + place) * d + j] = value
          sums[j] += value
        }
        let value = Double(image[count * d + place])
        result[split + first + place] = value
        sums[d] += value
      }
    }
    for j in sums.indices { sums[j] /= Double(k) }
    for c in 0..<k {
      for j in 0..<d { result[c * d + j] += means[j] - sums[j] }
      result[split + c] += (ridge > 0 ? means[d] / ridge : 0) - sums[d]
    }
    return result
  }

  /// B⁻¹ (r - mean) for a range of classes: `[outputs, columns]`, followed by the elements of the appended feature.
  private func images(
    _ design: DesignMatrix, _ residual: [Double], _ mean: [Double], _ outputs: Range<Int>,
    _ product: MatrixProduct
  ) -> [Float] {
    let d = design.columns
    let split = classes.count * d
    let count = outputs.count
    var right = [Float](repeating: 0, count: count * (d + 1))
    for (place, output) in outputs.enumerated() {
      for j in 0..<d { right[place * d + j] = Float(residual[output * d + j] - mean[j]) }
      right[count * d + place] = Float(residual[split + output] - mean[d])
    }
    var image = solved(right, outputs, columns: d, product)
    var block: [Float] = []
    for (place, output) in outputs.enumerated() where !classes[output].rows.isEmpty {
      let (rows, inverse) = (classes[output].rows, classes[output].inverse)
      let m = rows.count
      if block.count < m * d { block = [Float](repeating: 0, count: m * d) }
      var span = block.mutableSpan
      for (position, row) in rows.enumerated() { design.fill(&span, row: row, at: position * d) }
      let own = image.span.extracting((place * d)..<((place + 1) * d))
      let last = feature * image[count * d + place]
      let products = (0..<m).map { dot(block.span.extracting(($0 * d)..<(($0 + 1) * d)), own) + last }
      for i in 0..<m {
        let factor = dot(inverse.span.extracting((i * m)..<((i + 1) * m)), products.span)
        var target = right.mutableSpan
        for j in 0..<d { target[place * d + j] -= factor * block[i * d + j] }
        target[count * d + place] -= factor * feature
      }
    }
    image = solved(right, outputs, columns: d, product)
    return image
  }

  /// M⁻¹ r for a range of classes.
  private func solved(
    _ right: [Float], _ outputs: Range<Int>, columns d: Int, _ product: MatrixProduct
  ) -> [Float] {
    let count = outputs.count
    var image = right
    for (place, matrix) in moments.enumerated() {
      let own = outputs.indices.filter { momentsOfClass[$0] == place }
      if own.isEmpty { continue }
      if own.count == count {
        var span = image.mutableSpan
        matrix.multiply(right.span, rows: count, product, into: &span)
        continue
      }
      let part = own.flatMap { right[(($0 - outputs.lowerBound) * d)..<(($0 - outputs.lowerBound + 1) * d)] }
      var result = [Float](repeating: 0, count: part.count)
      var span = result.mutableSpan
      matrix.multiply(part.span, rows: own.count, product, into: &span)
      for (position, output) in own.enumerated() {
        for j in 0..<d { image[(output - outputs.lowerBound) * d + j] = result[position * d + j] }
      }
    }
    for (place, output) in outputs.enumerated() { image[count * d + place] /= diagonal[output] }
    return image
  }
}
