// Compares the one-versus-rest logistic loss with its closed form, also at its limits, and its derivatives with
// differences of its values.

import Glibc
import TapLinear
import Testing

struct LogisticLossTests {
  func value(_ scores: [Double], label: Int, classCount: Int = 3) -> (value: Double, state: [Double]) {
    var state = [Double](repeating: 0, count: scores.count)
    var span = state.mutableSpan
    let value = LogisticLoss(classCount: classCount).value(scores.span, at: 0, label: label, state: &span)
    return (value, state)
  }

  @Test func closedForms() {
    #expect(abs(value([0, 0, 0], label: 1).value - 3 * log(2)) < 1e-15)
    #expect(LogisticLoss(classCount: 3).valueAtZero == 3 * log(2) && LogisticLoss(classCount: 3).outputs == 3)
    // log(1 + e⁻¹) + log(1 + e²) + log(1 + e⁻³).
    let found = value([1, 2, -3], label: 0)
    #expect(abs(found.value - (0.31326168751822286 + 2.1269280110429727 + 0.04858735157374196)) < 1e-14)
    #expect(
      abs(found.state[0] - 0.2689414213699951) < 1e-15 && abs(found.state[1] + 0.8807970779778824) < 1e-15)
    // Two classes have one score, which is positive for the second class. The loss equals the loss of a softmax of two
    // scores whose difference is this score.
    for label in 0...1 {
      var state = [0.0, 0]
      var span = state.mutableSpan
      let pair = [-0.35, 0.35]
      let softmax = SoftmaxLoss(classCount: 2).value(pair.span, at: 0, label: label, state: &span)
      #expect(abs(value([0.7], label: label, classCount: 2).value - softmax) < 1e-15)
    }
  }

  @Test func tinyLossesKeepTheirDigits() {
    #expect(value([100], label: 1, classCount: 2).value == log1p(exp(-100.0)))
    #expect(value([-800], label: 1, classCount: 2).value == 800)
    #expect(value([1e300], label: 1, classCount: 2).value == 0)
    #expect(value([.nan], label: 1, classCount: 2).value.isNaN)
  }

  @Test(arguments: [0, 1, 2])
  func derivativesMatchDifferences(label: Int) {
    HingeLossTests().check(LogisticLoss(classCount: 3), label: label)
  }

  @Test func divergenceIsThatOfCoins() {
    let loss = LogisticLoss(classCount: 2)
    func divergence(_ dual: Double, at score: Double) -> Double {
      loss.divergence(dual: [dual].span, state: [0.0].span, scores: [score].span, at: 0, label: 1)
    }
    // KL of (0.3, 0.7) from (σ(-1), σ(1)).
    let p = 1 / (1 + exp(1.0))
    let expected = 0.3 * log(0.3 / p) + 0.7 * log(0.7 / (1 - p))
    #expect(abs(divergence(0.3, at: 1) - expected) < 1e-15)
    #expect(divergence(p, at: 1) < 1e-30)
    // p is too small for a double, but KL((1, 0)‖(p, 1 - p)) = -log p = 800.
    #expect(abs(divergence(1, at: 800) - 800) < 1e-9)
    #expect(divergence(0, at: 800) == 0 && abs(divergence(0, at: -800) - 800) < 1e-9)
  }

  @Test func probabilitiesAreNormalizedSigmoids() {
    func sigmoid(_ z: Double) -> Double { 1 / (1 + exp(-z)) }
    let scores = [0.5, -2, 1.5]
    let sum = scores.reduce(0) { $0 + sigmoid($1) }
    for (found, score) in zip(MultiClass.oneVersusRest.probabilities(scores: scores), scores) {
      #expect(abs(found - sigmoid(score) / sum) < 1e-15)
    }
    // Far below 0, where sigmoids vanish, the probabilities are a softmax.
    let far = MultiClass.oneVersusRest.probabilities(scores: [-1000, -1001, -1e5])
    #expect(abs(far[0] - sigmoid(1)) < 1e-15 && far[2] == 0)
    #expect(MultiClass.oneVersusRest.probabilities(scores: [.nan, 0]).allSatisfy { $0.isNaN })
    #expect(MultiClass.multinomial.probabilities(scores: [2, 2]) == [0.5, 0.5])
  }
}
