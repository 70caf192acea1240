// The pairs of classes that are confused, which are the part of a confusion matrix that people need most.

import TapMetrics

/// The mistakes of a confusion matrix, counted for each pair of classes.
package enum ConfusedPairs {
  package struct Pair: Sendable, Hashable {
    package let actual: Int
    package let predicted: Int
    package let count: Int
  }

  /// The pairs of classes that are confused at least once, sorted by falling count. Pairs with the same count are in
  /// the order of the classes.
  package static func pairs(_ matrix: ConfusionMatrix) -> [Pair] {
    var pairs: [Pair] = []
    for actual in 0..<matrix.classCount {
      for predicted in 0..<matrix.classCount where predicted != actual {
        let count = matrix[actual: actual, predicted: predicted]
        if count > 0 { pairs.append(Pair(actual: actual, predicted: predicted, count: count)) }
      }
    }
    return pairs.sorted { ($1.count, $0.actual, $0.predicted) < ($0.count, $1.actual, $1.predicted) }
  }

  /// The classes with the most mistakes, in the order of the classes. A mistake counts for its true and for its
  /// predicted class.
  package static func mostConfused(_ matrix: ConfusionMatrix, count: Int) -> [Int] {
    var mistakes = [Int](repeating: 0, count: matrix.classCount)
    for pair in pairs(matrix) {
      mistakes[pair.actual] += pair.count
      mistakes[pair.predicted] += pair.count
    }
    let ranked = mistakes.indices.sorted { (mistakes[$1], $0) < (mistakes[$0], $1) }
    return ranked.prefix(count).sorted()
  }
}
