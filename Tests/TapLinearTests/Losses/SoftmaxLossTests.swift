// Compares the multinomial loss with its closed form, also at its limits, and its derivatives with differences of its
// values.

import Glibc
import TapLinear
import Testing

struct SoftmaxLossTests {
  func value(_ scores: [Double], label: Int) -> (value: Double, state: [Double]) {
    var state = [Double](repeating: 0, count: scores.count)
    var span = state.mutableSpan
    let value = SoftmaxLoss(classCount: scores.count).value(scores.span, at: 0, label: label, state: &span)
    return (value, state)
  }

  @Test func closedForms() {
    #expect(abs(value([0, 0], label: 1).value - 0.6931471805599453) < 1e-15)
    #expect(abs(value([5, 5, 5, 5], label: 2).value - 1.3862943611198906) < 1e-15)
    // The first loss is log(1 + e⁻¹ + e⁻²), and the second is larger by 1.
    let expected = 0.40760596444438013
    #expect(abs(value([2, 1, 0], label: 0).value - expected) < 1e-15)
    #expect(abs(value([2, 1, 0], label: 1).value - (1 + expected)) < 1e-15)
    #expect(abs(value([2, 1, 0], label: 0).state.reduce(0, +) - 1) < 1e-15)
    #expect(abs(value([2, 1, 0], label: 0).state[0] - exp(-expected)) < 1e-15)
  }

  @Test func tinyLossesKeepTheirDigits() {
    #expect(value([100, 0], label: 0).value == log1p(exp(-100.0)))
    #expect(value([100, 0], label: 0).value > 0)
    #expect(value([-400, 400], label: 0).value == 800)
    #expect(value([1e300, 0], label: 0).value == 0)
    #expect(value([.nan, 0], label: 0).value.isNaN)
  }

  @Test(arguments: [2, 3, 10])
  func derivativesMatchDifferences(classCount: Int) {
    let loss = SoftmaxLoss(classCount: classCount)
    var numbers = Numbers(seed: UInt64(classCount))
    for label in 0..<classCount {
      let scores = numbers.array(classCount, scale: 3)
      let direction = numbers.array(classCount)
      let state = value(scores, label: label).state
      var gradient = [Double](repeating: 0, count: classCount)
      var span = gradient.mutableSpan
      loss.gradient(state: state.span, at: 0, label: label, scale: 1, into: &span, at: 0)
      var image = direction
      span = image.mutableSpan
      loss.multiplyByHessian(state: state.span, at: 0, scale: 1, &span, at: 0)

      func along(_ t: Double) -> Double {
        value(zip(scores, direction).map { $0 + t * $1 }, label: label).value
      }
      let h = 1e-3
      let slope = (along(-2 * h) - 8 * along(-h) + 8 * along(h) - along(2 * h)) / (12 * h)
      #expect(abs(inner(gradient, direction) - slope) < 1e-11)
      let curvature =
        (-along(-2 * h) + 16 * along(-h) - 30 * along(0) + 16 * along(h) - along(2 * h)) / (12 * h * h)
      #expect(abs(inner(image, direction) - curvature) < 1e-8)

      let sample = loss.alongLine(scores.span, direction.span, at: 0, label: label, step: 0)
      #expect(abs(sample.value - along(0)) < 1e-14)
      #expect(abs(sample.slope - inner(gradient, direction)) < 1e-14)
      #expect(abs(sample.curvature - inner(image, direction)) < 1e-14)
    }
  }

  @Test(arguments: [1.0, 30, 2000])
  func aLineStartsFromTheStateAsFromTheScores(scale: Double) {
    let classCount = 5
    let loss = SoftmaxLoss(classCount: classCount)
    var numbers = Numbers(seed: 11)
    for trial in 0..<50 {
      let label = trial % classCount
      let scores = numbers.array(classCount).map { scale * $0 }
      let direction = numbers.array(classCount)
      let expected = loss.alongLine(scores.span, direction.span, at: 0, label: label, step: 0)
      var found = [LineSample()]
      let state = value(scores, label: label).state
      loss.addLineStart(
        scores.span, state: state.span, direction.span, at: 0, label: label, scale: 1, to: &found)
      #expect(abs(found[0].value - expected.value) <= 1e-13 * expected.value)
      #expect(abs(found[0].slope - expected.slope) < 1e-14)
      #expect(abs(found[0].curvature - expected.curvature) < 1e-14)
    }
  }
}
