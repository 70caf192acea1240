// The form of features in which an audit compares images: square roots, and rows of the length 1.

import TapKernels
import TapLinear
import TapTensors

extension MatrixView {
  /// A copy in which each value x is replaced by sign(x) √|x|, and then each row is divided by its Euclidean norm. A
  /// row of zeros stays zero. Large activations of a few channels then count less, and so does the contrast of an
  /// image.
  ///
  /// Source: Perronnin, Sanchez and Mensink, "Improving the Fisher kernel for large-scale image classification" (2010),
  /// sections 3.2 and 3.3.
  package var powerNormalized: MatrixView { powerNormalized(width: columns, signs: nil) }

  /// The rows of ``powerNormalized`` in at most `width` columns, which keep inner products approximately. Column j is
  /// the sum of the columns j, j + width and so on, each with a sign that is drawn once.
  ///
  /// Source: Weinberger, Dasgupta, Langford, Smola and Attenberg, "Feature hashing for large scale multitask learning"
  /// (2009), section 2.
  package func powerNormalized(inAtMost width: Int) -> MatrixView {
    guard columns > width else { return powerNormalized }
    var numbers = SeededGenerator(seed: 0)
    let signs = (0..<columns).map { _ in numbers.next(below: 2) == 0 ? Float(1) : -1 }
    return powerNormalized(width: width, signs: signs)
  }

  private func powerNormalized(width: Int, signs: [Float]?) -> MatrixView {
    MatrixView(rows: rows, columns: width) { elements in
      for row in 0..<rows {
        withRow(row) { values in
          var sum = 0.0
          for j in values.indices { sum += Double(abs(values[j])) }
          let scale = sum > 0 ? 1 / sum : 0
          for j in values.indices {
            let root = (Double(abs(values[j])) * scale).squareRoot()
            elements[row * width + j % width] += (signs?[j] ?? 1) * Float(values[j] < 0 ? -root : root)
          }
        }
      }
    }
  }
}
