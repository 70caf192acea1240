// A model of wrong labels: how probable it is that an item of one class carries the label of another class.

import Glibc
import Synchronization
import TapKernels

/// The probabilities that labels are wrong, from scores that do not depend on the label of the scored item.
///
/// Item i has the unknown class tᵢ, the given label gᵢ and scores `L: [n, classes]`. The model is
/// ```
/// P(gᵢ = g) = Σ_t pᵢₜ T_tg,       pᵢ = softmax(β Lᵢ),       T_tg = P(label g | class t)
/// ```
/// β and T maximize the likelihood of the given labels. T is found by expectation maximization. Its rows are drawn
/// toward one error rate ε for all classes, which is spread evenly over the other classes, with the weight of
/// ``priorItems`` items. β makes the probabilities fit: where classes are hard to tell apart, p is wide, and no label
/// is wrong for that reason alone. β is found by halving steps of log₂ β.
///
/// The result does not depend on the number of threads.
///
/// - Complexity: about 13 · 30 · n · classes operations, and 8 n · classes bytes.
package struct LabelNoise: Sendable {
  /// The number of items with which a row of T is drawn toward the error rate of all classes.
  package static let priorItems = 100.0
  /// The number of steps of expectation maximization for a value of β.
  private static let steps = 30
  /// The range of log₂ β.
  private static let exponents = 0.0...10.0

  /// β.
  package let sharpness: Double
  /// T, stored as `[given label, class]`.
  package let transitions: [Double]
  /// For each item, the probability that its label is wrong.
  package let wrong: [Double]

  /// - Parameters:
  ///   - scores: the scores L, `[n, classCount]`, finite.
  ///   - labels: the given labels, in `0..<classCount`.
  package init(scores: [Float], labels: [Int], classCount: Int, threads: Int) {
    precondition(scores.count == labels.count * classCount && classCount > 1)
    let shards = Self.shards(scores, labels, classCount)
    func fit(_ exponent: Double) -> Fit {
      Fit(exponent, shards, count: labels.count, classCount: classCount, steps: Self.steps, threads: threads)
    }
    var best = fit(3.5)
    var step = 1.0
    while step >= 0.125 {
      var isBetter = false
      for exponent in [best.exponent - step, best.exponent + step] where Self.exponents.contains(exponent) {
        let other = fit(exponent)
        guard other.likelihood > best.likelihood else { continue }
        best = other
        isBetter = true
        break
      }
      if !isBetter { step /= 2 }
    }
    sharpness = exp2(best.exponent)
    transitions = best.transitions
    wrong = best.wrong(shards, threads: threads)
  }

  private static func shards(_ scores: [Float], _ labels: [Int], _ classCount: Int) -> [Shard] {
    let size = max(256, (labels.count + 31) / 32)
    return stride(from: 0, to: labels.count, by: size).map { start in
      let end = min(start + size, labels.count)
      return Shard(
        scores: Array(scores[(start * classCount)..<(end * classCount)]), labels: Array(labels[start..<end]),
        classCount: classCount)
    }
  }
}

/// The best T for a value of β.
private struct Fit {
  let exponent: Double
  private(set) var transitions: [Double]
  private(set) var likelihood = 0.0

  init(_ exponent: Double, _ shards: [Shard], count: Int, classCount: Int, steps: Int, threads: Int) {
    self.exponent = exponent
    let beta = exp2(exponent)
    Threads.concurrentForEach(count: shards.count, threads: threads) { shards[$0].sharpen(beta) }
    transitions = [Double](repeating: 0.1 / Double(classCount - 1), count: classCount * classCount)
    for c in 0..<classCount { transitions[c * classCount + c] = 0.9 }
    for _ in 0..<steps {
      let current = transitions
      let parts = Mutex<[Int: (counts: [Double], likelihood: Double)]>([:])
      Threads.concurrentForEach(count: shards.count, threads: threads) { index in
        let part = shards[index].expect(current)
        parts.withLock { $0[index] = part }
      }
      var counts = [Double](repeating: 0, count: classCount * classCount)
      likelihood = 0
      parts.withLock { parts in
        for index in shards.indices {
          guard let part = parts[index] else { continue }
          for place in counts.indices { counts[place] += part.counts[place] }
          likelihood += part.likelihood
        }
      }
      maximize(counts, items: Double(count), classCount: classCount)
    }
  }

  /// Sets T from the expected number of items of each label and class, `[given label, class]`.
  private mutating func maximize(_ counts: [Double], items: Double, classCount: Int) {
    let right = (0..<classCount).reduce(0) { $0 + counts[$1 * classCount + $1] }
    let errorRate = min(1, max(0, 1 - right / items))
    let spread = LabelNoise.priorItems * errorRate / Double(classCount - 1)
    let kept = LabelNoise.priorItems * (1 - errorRate)
    var totals = [Double](repeating: LabelNoise.priorItems, count: classCount)
    for given in 0..<classCount {
      for actual in 0..<classCount { totals[actual] += counts[given * classCount + actual] }
    }
    for given in 0..<classCount {
      for actual in 0..<classCount {
        let place = given * classCount + actual
        transitions[place] = (counts[place] + (given == actual ? kept : spread)) / totals[actual]
      }
    }
  }

  func wrong(_ shards: [Shard], threads: Int) -> [Double] {
    let (beta, transitions) = (exp2(exponent), transitions)
    let parts = Mutex<[Int: [Double]]>([:])
    Threads.concurrentForEach(count: shards.count, threads: threads) { index in
      shards[index].sharpen(beta)
      let part = shards[index].wrong(transitions)
      parts.withLock { $0[index] = part }
    }
    return parts.withLock { parts in shards.indices.flatMap { parts[$0] ?? [] } }
  }
}

/// Some items with their probabilities. Only one thread at a time works on a shard.
private final class Shard: @unchecked Sendable {
  private let scores: [Float]
  private let labels: [Int]
  private let classCount: Int
  /// p, `[items, classes]`.
  private var probabilities: [Float]

  init(scores: [Float], labels: [Int], classCount: Int) {
    self.scores = scores
    self.labels = labels
    self.classCount = classCount
    probabilities = scores
  }

  /// Sets p for a value of β.
  func sharpen(_ beta: Double) {
    var result = probabilities
    for i in labels.indices {
      let row = (i * classCount)..<((i + 1) * classCount)
      var largest = -Float.infinity
      for place in row { largest = max(largest, scores[place]) }
      var sum = 0.0
      for place in row {
        let value = Transcendental.exponential(beta * Double(scores[place] - largest))
        result[place] = Float(value)
        sum += value
      }
      for place in row { result[place] = Float(Double(result[place]) / sum) }
    }
    probabilities = result
  }

  /// The expected number of items of each given label and class, and the log likelihood.
  func expect(_ transitions: [Double]) -> (counts: [Double], likelihood: Double) {
    let probabilities = probabilities
    let classCount = classCount
    var counts = [Double](repeating: 0, count: classCount * classCount)
    var likelihood = 0.0
    var joint = [Double](repeating: 0, count: classCount)
    for i in labels.indices {
      let start = labels[i] * classCount
      var sum = 0.0
      for c in 0..<classCount {
        joint[c] = Double(probabilities[i * classCount + c]) * transitions[start + c]
        sum += joint[c]
      }
      guard sum > 0 else { continue }
      likelihood += log(sum)
      let scale = 1 / sum
      for c in 0..<classCount { counts[start + c] += joint[c] * scale }
    }
    return (counts, likelihood)
  }

  /// The probability that each label is wrong.
  func wrong(_ transitions: [Double]) -> [Double] {
    labels.indices.map { i in
      let start = labels[i] * classCount
      var sum = 0.0
      for c in 0..<classCount where c != labels[i] {
        sum += Double(probabilities[i * classCount + c]) * transitions[start + c]
      }
      let right = Double(probabilities[i * classCount + labels[i]]) * transitions[start + labels[i]]
      return sum + right > 0 ? sum / (sum + right) : 1
    }
  }
}
