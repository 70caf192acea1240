// Crammer and Singer's SVM: its optimum is compared with LIBLINEAR's and SciPy's
// (Tests/Reference/linear/generate_crammer_singer.py). Its gap must be a bound after every round and step.

import FoundationEssentials
import TapKernels
import TapLinear
import TapTensors
import TestSupport
import Testing

struct CrammerSingerTests {
  struct Fit: Decodable {
    let name: String
    let rows: Int
    let c: Double
    let weights: String
    let intercept: String
    let objective: Double
  }

  @Test func reachesTheReferences() throws {
    let path = Repository.path("Tests/Reference/linear/crammer_singer.json")
    let fits = try JSONDecoder().decode([Fit].self, from: Data(contentsOf: URL(filePath: path)))
    let sets = try ScikitLearnTests().sets
    #expect(fits.count == 72)
    for fit in fits {
      let data = try #require(sets.first { $0.name == fit.name })
      let features = MatrixView(rows: data.rows, columns: data.columns, elements: data.features)
      let step = data.rows / fit.rows
      let model = LinearSVM(
        c: fit.c, loss: .crammerSinger, standardization: .standardDeviation,
        intercept: fit.intercept == "none" ? .none : fit.intercept == "free" ? .free : .penalized(scale: 1),
        classWeights: fit.weights == "balanced" ? .balanced : .uniform)
      let fitted = try model.fit(
        features, rows: (0..<fit.rows).map { step * $0 }, labels: data.labels, classCount: data.classCount)
      let excess = (fitted.objective - fit.objective) / fit.objective
      let comment: Comment = "\(fit): \(fitted.objective), \(excess), gap \(fitted.relativeGap)"
      #expect(fitted.converged, comment)
      // The reference's objectives end up to a millionth above the optimum. LayerTap's objectives are never above them.
      #expect(excess <= 1e-9 && excess >= -2e-6, comment)
      #expect(fitted.gap + 1e-12 * max(1, fit.objective) >= fitted.objective - fit.objective, comment)
      // The weights of a column sum to 0 over all classes, and so do free biases.
      for j in 0..<data.columns {
        let column = (0..<data.classCount).map { fitted.weights[$0 * data.columns + j] }
        #expect(abs(column.reduce(0, +)) <= 1e-9 * (1 + norm(column)), comment)
      }
    }
  }

  @Test(arguments: ProblemShape.several, [1, 2, 3] as [UInt64])
  func theGapIsABoundAlways(shape: ProblemShape, seed: UInt64) {
    var objective = LinearObjective(
      shape.problem(CrammerSingerLoss(classCount: shape.classCount, width: 1), seed: seed))
    objective.start(at: [Double](repeating: 0, count: objective.parameterCount))
    var iterates: [SolverState] = []
    let descent = MulticlassDescent(tolerance: 1e-11)
    let rounds = descent.minimize(&objective, rows: DualRows(objective.problem.design)) {
      iterates.append($0)
    }
    #expect(iterates.count >= 1 && rounds.epochs >= 1)
    // The solver first continues from the end of the rounds, and then starts from 0.
    for isWarm in [true, false] {
      if !isWarm { objective.start(at: [Double](repeating: 0, count: objective.parameterCount)) }
      objective.takeMultipliers(width: isWarm ? 0.05 : 1)
      let solution = AugmentedLagrangian(tolerance: 1e-11, maximumIterations: 3000)
        .minimize(&objective) { iterate, _ in iterates.append(iterate) }
      // The accuracy of directions in single precision is limited by rounding.
      #expect(solution.last.gap <= 1e-8 * solution.last.value, "\(isWarm): \(solution.last)")
    }
    let minimum = iterates.map(\.value).min()!
    for iterate in iterates {
      #expect(iterate.gap + 1e-12 * max(1, abs(iterate.value)) >= iterate.value - minimum)
    }
  }

  // MARK: The loss

  let loss = CrammerSingerLoss(classCount: 4, width: 0.3)

  func value(_ scores: [Double], _ label: Int) -> Double {
    var state = [Double](repeating: 0, count: 4)
    var span = state.mutableSpan
    return loss.value(scores.span, at: 0, label: label, state: &span)
  }

  func gradient(_ scores: [Double], _ label: Int) -> (gradient: [Double], state: [Double]) {
    var state = [Double](repeating: 0, count: 4)
    var span = state.mutableSpan
    _ = loss.value(scores.span, at: 0, label: label, state: &span)
    var gradient = state
    var target = gradient.mutableSpan
    loss.gradient(state: state.span, at: 0, label: label, scale: 1, into: &target, at: 0)
    return (gradient, state)
  }

  @Test(arguments: [0, 1, 2, 3, 4, 5] as [UInt64])
  func derivativesAreThoseOfTheValue(seed: UInt64) {
    var numbers = Numbers(seed: seed)
    let scores = numbers.array(4, scale: 0.6)
    let direction = numbers.array(4)
    let label = Int(seed % 4)
    let (gradient, state) = gradient(scores, label)
    #expect(abs(state.reduce(0, +) - 1) < 1e-12 && state.allSatisfy { $0 >= 0 })
    func at(_ t: Double) -> [Double] { zip(scores, direction).map { $0 + t * $1 } }
    let h = 1e-5
    let slope = (value(at(h), label) - value(at(-h), label)) / (2 * h)
    #expect(abs(slope - inner(gradient, direction)) < 1e-8)
    var image = direction
    var span = image.mutableSpan
    loss.multiplyByHessian(state: state.span, at: 0, scale: 1, &span, at: 0)
    let difference = zip(self.gradient(at(h), label).gradient, self.gradient(at(-h), label).gradient)
      .map { ($0 - $1) / (2 * h) }
    #expect(norm(TapLinearTests.difference(difference, image)) < 1e-6)
    var diagonal = [Float](repeating: 0, count: 4)
    var diagonalSpan = diagonal.mutableSpan
    loss.hessianDiagonal(state: state.span, at: 0, scale: 1, into: &diagonalSpan, at: 0)
    for c in 0..<4 {
      var axis = [Double](repeating: 0, count: 4)
      axis[c] = 1
      var axisSpan = axis.mutableSpan
      loss.multiplyByHessian(state: state.span, at: 0, scale: 1, &axisSpan, at: 0)
      #expect(abs(Double(diagonal[c]) - axis[c]) < 1e-6)
    }
    for t in [-0.7, 0, 0.4] {
      var totals = [LineSample()]
      loss.addAlongLine(
        scores.span, direction.span, at: 0, label: label, steps: [t], scale: 2, to: &totals)
      #expect(abs(totals[0].value - 2 * value(at(t), label)) < 1e-12)
      #expect(abs(totals[0].slope - 2 * inner(self.gradient(at(t), label).gradient, direction)) < 1e-12)
    }
  }

  /// Far from the kinks, the smoothed loss equals the loss minus half the width.
  @Test func closedForms() {
    #expect(abs(value([9, 0, 0, 0], 0) - -0.15) < 1e-12)
    #expect(abs(value([0, 3, 0, 0], 0) - (4 - 0.15)) < 1e-12)
    // Two classes have the same cost, so each has p = ½.
    #expect(abs(value([1, 0, -9, -9], 0) - -0.075) < 1e-12)
    #expect(value([.nan, 0, 0, 0], 0).isNaN && value([0, .nan, 0, 0], 0).isNaN)
    #expect(loss.certifiedValue([0.5, 0, 0.2, -3].span, at: 0, label: 0) == 0.7)
  }
}
