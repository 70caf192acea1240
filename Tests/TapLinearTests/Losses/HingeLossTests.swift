// Compares the hinge losses with their closed forms, and their derivatives with differences of their values.

import TapLinear
import Testing

struct HingeLossTests {
  func value<Loss: PointwiseLoss>(_ loss: Loss, _ scores: [Double], label: Int) -> (
    value: Double, state: [Double]
  ) {
    var state = [Double](repeating: 0, count: scores.count)
    var span = state.mutableSpan
    let value = loss.value(scores.span, at: 0, label: label, state: &span)
    return (value, state)
  }

  @Test func squaredHingeInClosedForm() {
    let loss = SquaredHingeLoss(classCount: 3)
    #expect(loss.outputs == 3 && loss.valueAtZero == 3)
    // The margins are 0.5, -(-2) = 2 and -0.25, so the shortfalls from 1 are 0.5, 0 and 1.25.
    let found = value(loss, [0.5, -2, 0.25], label: 0)
    #expect(abs(found.value - (0.25 + 0 + 1.5625)) < 1e-12)
    #expect(found.state == [0.5, 0, -1.25])
    #expect(value(loss, [0, 0, 0], label: 1).value == 3)
    #expect(value(loss, [.nan, -2, -2], label: 0).value.isNaN)
    // Two classes have one score, which is positive for the second class.
    let two = SquaredHingeLoss(classCount: 2)
    #expect(two.outputs == 1)
    #expect(value(two, [0.25], label: 1).value == 0.5625 && value(two, [0.25], label: 0).value == 1.5625)
  }

  @Test func smoothedHingeInClosedForm() {
    let loss = SmoothedHingeLoss(classCount: 3, width: 0.5)
    // The shortfalls are 0.25, where the loss is smoothed, 0, and 2, where it is straight.
    let found = value(loss, [0.75, -1.5, 1], label: 0)
    #expect(abs(found.value - (0.0625 + 0 + 1.75)) < 1e-12)
    #expect(found.state == [0.5, 0, -1])
    #expect(loss.certifiedValue([0.75, -1.5, 1].span, at: 0, label: 0) == 2.25)
    // With a narrow width, the smoothed loss is nearly the hinge loss.
    let narrow = value(SmoothedHingeLoss(classCount: 3, width: 1e-9), [0.75, -1.5, 1], label: 0).value
    #expect(abs(narrow - 2.25) < 1e-8)
  }

  /// Compares derivatives with five-point differences, in an interval without kinks.
  @Test(arguments: [0, 1, 2])
  func derivativesMatchDifferences(label: Int) {
    check(SquaredHingeLoss(classCount: 3), label: label)
    check(SmoothedHingeLoss(classCount: 3, width: 0.7), label: label)
  }

  func check<Loss: PointwiseLoss>(_ loss: Loss, label: Int) {
    let scores = [0.6, -0.7, 1.9]
    let direction = [0.3, -0.8, 0.5]
    let state = value(loss, scores, label: label).state
    var gradient = [Double](repeating: 0, count: 3)
    var span = gradient.mutableSpan
    loss.gradient(state: state.span, at: 0, label: label, scale: 1, into: &span, at: 0)
    var image = direction
    span = image.mutableSpan
    loss.multiplyByHessian(state: state.span, at: 0, scale: 1, &span, at: 0)
    var diagonal = [Float](repeating: 0, count: 3)
    var diagonalSpan = diagonal.mutableSpan
    loss.hessianDiagonal(state: state.span, at: 0, scale: 1, into: &diagonalSpan, at: 0)
    for c in 0..<3 { #expect(abs(Double(diagonal[c]) * direction[c] - image[c]) < 1e-6) }

    func along(_ t: Double) -> Double {
      value(loss, zip(scores, direction).map { $0 + t * $1 }, label: label).value
    }
    let h = 1e-3
    let slope = (along(-2 * h) - 8 * along(-h) + 8 * along(h) - along(2 * h)) / (12 * h)
    #expect(abs(inner(gradient, direction) - slope) < 1e-11)
    let curvature =
      (-along(-2 * h) + 16 * along(-h) - 30 * along(0) + 16 * along(h) - along(2 * h)) / (12 * h * h)
    #expect(abs(inner(image, direction) - curvature) < 1e-8)

    // Each output has its own step.
    let steps = [0.1, 0, -0.2]
    var totals = [LineSample](repeating: LineSample(), count: 3)
    loss.addAlongLine(
      scores.span, direction.span, at: 0, label: label, steps: steps, scale: 2, to: &totals)
    let moved = (0..<3).map { scores[$0] + steps[$0] * direction[$0] }
    #expect(abs(totals.reduce(0) { $0 + $1.value } - 2 * value(loss, moved, label: label).value) < 1e-12)
    #expect(abs(totals[1].slope - 2 * gradient[1] * direction[1]) < 1e-12)
    #expect(abs(totals[1].curvature - 2 * image[1] * direction[1]) < 1e-12)
  }
}
