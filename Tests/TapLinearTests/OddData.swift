// Data sets with one unusual property each, for tests of statements that must hold on any data.

import TapLinear
import TapTensors
import Testing

/// The unusual property of the data.
enum Oddity: String, CaseIterable, Sendable {
  case tall, wide, duplicates, constantColumns, heavyRow, weightlessRows, unbalanced, farFromZero

  var extents: (rows: Int, columns: Int) {
    switch self {
    case .wide: (24, 70)
    case .unbalanced: (90, 5)
    default: (60, 6)
    }
  }
}

/// Rows of overlapping classes, with an unusual property.
struct OddData: Sendable {
  let classCount: Int
  let features: MatrixView
  let labels: [Int]
  let weights: [Double]

  init(_ oddity: Oddity, classCount: Int, seed: UInt64) {
    let (rows, columns) = oddity.extents
    var numbers = Numbers(seed: seed)
    let means = numbers.array(classCount * columns)
    var elements: [Float] = []
    var labels: [Int] = []
    var weights = numbers.array(rows).map { 1 + 0.5 * $0 }
    for row in 0..<rows {
      // If the data are unbalanced, every class has two of the first rows. All later rows are of the first class.
      let isRare = oddity == .unbalanced && row >= 2 * classCount
      let label = isRare ? 0 : row % classCount
      var values = (0..<columns).map { Float(means[label * columns + $0] + numbers.next()) }
      if oddity == .constantColumns { (values[1], values[4]) = (0, 1e5) }
      // At 1e4, a float32 has 10 bits after the binary point.
      if oddity == .farFromZero { for j in values.indices { values[j] += 1e4 } }
      if oddity == .duplicates && row >= rows / 2 {
        values = Array(elements[((row - rows / 2) * columns)..<((row - rows / 2 + 1) * columns)])
      }
      elements += values
      // With duplicates, a quarter of the rows get the label of another class.
      labels.append(oddity == .duplicates && row % 4 == 0 ? (label + 1) % classCount : label)
    }
    if oddity == .heavyRow { weights[classCount] = 1000 }
    if oddity == .weightlessRows { for row in classCount..<rows where row % 2 == 0 { weights[row] = 0 } }
    self.classCount = classCount
    self.features = MatrixView(rows: rows, columns: columns, elements: elements)
    self.labels = labels
    self.weights = weights
  }

  /// The problem of a loss on the standardized features.
  func problem<Loss: PointwiseLoss>(_ loss: Loss, c: Double, intercept: Intercept = .free) throws
    -> LinearProblem<Loss>
  {
    try LogisticRegression(standardization: .standardDeviation)
      .prepare(features, labels: labels, classCount: classCount, sampleWeights: weights)
      .problem(loss, c: c, intercept: intercept, product: .openBLAS)
  }
}
