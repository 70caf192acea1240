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
  package var powerNormalized: MatrixView {
    let columns = columns
    return MatrixView(rows: rows, columns: columns) { elements in
      for row in 0..<rows {
        withRow(row) { values in
          var sum = 0.0
          for j in values.indices { sum += Double(abs(values[j])) }
          let scale = sum > 0 ? 1 / sum : 0
          for j in values.indices {
            let root = (Double(abs(values[j])) * scale).squareRoot()
            elements[row * columns + j] = Float(values[j] < 0 ? -root : root)
          }
        }
      }
    }
  }
}
