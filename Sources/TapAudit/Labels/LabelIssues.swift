// Labels that are likely wrong, from the leave-one-out scores of a ridge classifier.

import Glibc

/// Items sorted by how much their labels look wrong.
package struct LabelIssues: Sendable {
  /// The judgment of one label.
  package struct Judgment: Hashable, Sendable {
    /// The index of the item among the judged items.
    package let index: Int
    /// The score of the given label minus that of the best other labels, in units of a class indicator: about 1 for a
    /// label that the other items confirm, below 0 for a label that they contradict.
    package let score: Double
    /// The best other label.
    package let suggestion: Int
    /// The probability that the given label is wrong.
    package let probability: Double
  }

  /// The share of the logarithm of T in a score. With 1, errors that occur nowhere else would count too little. With
  /// 0, an item between two classes that are often confused would count too little.
  private static let priorShare = 0.5

  /// The sharpness β of ``LabelNoise``.
  package let sharpness: Double
  /// The judgments of all items, the most suspicious first.
  package let judgments: [Judgment]
  /// The estimated number of wrong labels, the sum of the probabilities.
  package let estimate: Double

  /// The items that the estimate counts: the most suspicious ones.
  package var likelyWrong: ArraySlice<Judgment> {
    judgments.prefix(min(judgments.count, Int(estimate.rounded())))
  }

  /// ```
  /// score = L_g + γ/β log T_gg - 1/β log Σ_{t ≠ g} exp(β L_t + γ log T_tg),     γ = 1/2
  /// ```
  /// L, β and T are those of ``LabelNoise``, and g is the given label.
  ///
  /// - Parameters:
  ///   - scores: leave-one-out scores, `[n, classCount]`, finite.
  ///   - labels: the given labels, in `0..<classCount`.
  package init(scores: [Float], labels: [Int], classCount: Int, threads: Int) {
    let noise = LabelNoise(scores: scores, labels: labels, classCount: classCount, threads: threads)
    let beta = noise.sharpness
    sharpness = beta
    let logarithms = noise.transitions.map { Self.priorShare * log(max($0, 1e-12)) }
    var judgments: [Judgment] = []
    judgments.reserveCapacity(labels.count)
    for (index, label) in labels.enumerated() {
      func exponent(_ c: Int) -> Double {
        beta * Double(scores[index * classCount + c]) + logarithms[label * classCount + c]
      }
      var best = (value: -Double.infinity, label: label)
      for c in 0..<classCount where c != label {
        let value = exponent(c)
        if value > best.value { best = (value, c) }
      }
      var sum = 0.0
      for c in 0..<classCount where c != label { sum += exp(exponent(c) - best.value) }
      judgments.append(
        Judgment(
          index: index, score: (exponent(label) - best.value - log(sum)) / beta, suggestion: best.label,
          probability: noise.wrong[index]))
    }
    self.judgments = judgments.sorted { ($0.score, $0.index) < ($1.score, $1.index) }
    estimate = noise.wrong.reduce(0, +)
  }
}
