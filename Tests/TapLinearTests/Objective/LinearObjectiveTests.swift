// Compares the objective's derivatives with differences of its values, and its two implementations of matrix products
// with each other.

import TapKernels
import TapLinear
import TapTensors
import Testing

struct LinearObjectiveTests {
  typealias Objective = LinearObjective<SoftmaxLoss>

  func objective(_ problem: LinearProblem<SoftmaxLoss>, at parameters: [Double], threads: Int = 1)
    -> Objective
  {
    var result = Objective(problem, threads: threads)
    result.start(at: parameters)
    return result
  }

  /// The objective P, computed directly from its definition.
  func definition(_ problem: LinearProblem<SoftmaxLoss>, _ parameters: [Double]) -> Double {
    let (k, d) = (problem.outputs, problem.columns)
    let scaler = problem.design.scaler
    let appended = parameters[(k * d)...].reduce(0) { $0 + $1 * $1 }
    var total = 0.5 * parameters[..<(k * d)].reduce(0) { $0 + $1 * $1 }
    total += 0.5 * problem.intercept.penalty * appended
    for row in 0..<problem.design.count {
      problem.design.features?.withRow(row) { values in
        let scores = (0..<k).map { c in
          (0..<d).reduce(problem.intercept.featureValue * parameters[k * d + c]) {
            $0 + parameters[c * d + $1] * (Double(values[$1]) - scaler.offset[$1]) / scaler.scale[$1]
          }
        }
        var state = scores
        var span = state.mutableSpan
        total +=
          problem.costs[row]
          * problem.loss.value(scores.span, at: 0, label: problem.labels[row], state: &span)
      }
    }
    return total
  }

  @Test(arguments: ProblemShape.several, MatrixProduct.allCases)
  func derivativesMatchDifferences(shape: ProblemShape, product: MatrixProduct) {
    let problem = shape.problem(product: product)
    var numbers = Numbers(seed: 3)
    let point = numbers.array(problem.parameterCount, scale: 0.5)
    let direction = numbers.array(problem.parameterCount, scale: 0.5)
    var here = objective(problem, at: point)
    let value = here.value
    #expect(abs(value - definition(problem, point)) <= 1e-12 * value)

    let (gradient, gap) = here.gradientAndGap()
    #expect(gap > 0)
    func along(_ t: Double) -> Double {
      definition(problem, zip(point, direction).map { $0 + t * $1 })
    }
    let h = 1e-3
    let slope = (along(-2 * h) - 8 * along(-h) + 8 * along(h) - along(2 * h)) / (12 * h)
    #expect(abs(inner(gradient, direction) - slope) <= 1e-9 * norm(gradient) * norm(direction))

    // Hessian products are in single precision. Their error is about √(terms) rounding errors.
    var image = here.hessianProduct(direction)
    for i in problem.weightCount..<problem.parameterCount { image[i] -= here.interceptDamping * direction[i] }
    func gradientAlong(_ t: Double) -> [Double] {
      var there = objective(problem, at: zip(point, direction).map { $0 + t * $1 })
      return there.gradientAndGap().gradient
    }
    let change = difference(gradientAlong(1e-4), gradientAlong(-1e-4)).map { $0 / 2e-4 }
    #expect(norm(difference(image, change)) <= 1e-5 * norm(change))

    here.prepareLine(direction)
    let sample = here.alongLine(steps: [0.3])[0]
    #expect(abs(sample.value - along(0.3)) <= 1e-12 * value)
    let lineSlope =
      (along(0.3 - 2 * h) - 8 * along(0.3 - h) + 8 * along(0.3 + h) - along(0.3 + 2 * h)) / (12 * h)
    #expect(abs(sample.slope - lineSlope) <= 1e-8 * norm(gradient) * norm(direction))
    here.advance(steps: [0.3])
    #expect(abs(here.value - sample.value) <= 1e-12 * value)
    #expect(here.parameters == zip(point, direction).map { $0 + 0.3 * $1 })
  }

  @Test func whereAllRowsCurveAlikeTheDiagonalIsExact() {
    let problem = ProblemShape(rows: 300, columns: 9, classCount: 3, c: 1).problem()
    let here = objective(problem, at: [Double](repeating: 0, count: problem.parameterCount))
    let diagonal = here.estimatedDiagonal(meanCurvatures: here.meanCurvatures())
    for i in [0, problem.columns, problem.parameterCount - 1] {
      var unit = [Double](repeating: 0, count: problem.parameterCount)
      unit[i] = 1
      #expect(abs(here.hessianProduct(unit)[i] - diagonal[i]) <= 1e-5 * diagonal[i])
    }
  }

  @Test func threadsDoNotMatter() {
    let problem = ProblemShape(rows: 2000, columns: 9, classCount: 3, c: 1).problem()
    var numbers = Numbers(seed: 8)
    let point = numbers.array(problem.parameterCount)
    var one = objective(problem, at: point, threads: 1)
    var four = objective(problem, at: point, threads: 4)
    #expect(one.value == four.value)
    #expect(one.hessianProduct(point) == four.hessianProduct(point))
    let (first, second) = (one.gradientAndGap(), four.gradientAndGap())
    #expect(first.gradient == second.gradient && first.gap == second.gap)
  }

  @Test func penalizedInterceptIsAnAppendedColumn() {
    let shape = ProblemShape(rows: 50, columns: 4, classCount: 3, c: 2, intercept: .penalized(scale: 3))
    let problem = shape.problem()
    var elements: [Float] = []
    for row in 0..<50 {
      problem.design.features?.withRow(row) { values in
        for j in values.indices { elements.append(values[j]) }
      }
      elements.append(3)
    }
    let scaler = problem.design.scaler
    let appended = LinearProblem(
      design: DesignMatrix(
        features: MatrixView(rows: 50, columns: 5, elements: elements),
        scaler: FeatureScaler(offset: scaler.offset + [0], scale: scaler.scale + [1])),
      labels: problem.labels, costs: problem.costs, loss: problem.loss, intercept: .none)
    var numbers = Numbers(seed: 4)
    let point = numbers.array(15)
    // The intercept of each class becomes the class's weight of a fifth column.
    var column: [Double] = []
    for c in 0..<3 { column += Array(point[(c * 4)..<(c * 4 + 4)]) + [point[12 + c]] }
    column += [0, 0, 0]
    var left = objective(problem, at: point)
    var right = objective(appended, at: column)
    #expect(abs(left.value - right.value) <= 1e-13 * left.value)
    let (a, b) = (left.gradientAndGap(), right.gradientAndGap())
    for c in 0..<3 {
      for j in 0..<4 { #expect(abs(a.gradient[c * 4 + j] - b.gradient[c * 5 + j]) < 1e-11) }
      #expect(abs(a.gradient[12 + c] - b.gradient[c * 5 + 4]) < 1e-11)
    }
    #expect(abs(a.gap - b.gap) <= 1e-11 * a.gap)
  }

  /// A free intercept is the limit of an appended column whose penalty vanishes. At scale 1e4, 1e-8 of the penalty is
  /// left.
  @Test func freeInterceptIsAnUnpenalizedColumn() {
    let shape = ProblemShape(rows: 80, columns: 4, classCount: 3, c: 1)
    func optimum(_ intercept: Intercept) -> (parameters: [Double], value: Double) {
      var shape = shape
      shape.intercept = intercept
      var objective = Objective(shape.problem())
      objective.start(at: [Double](repeating: 0, count: objective.parameterCount))
      let solution = TruncatedNewton(tolerance: 1e-13, maximumIterations: 200).minimize(&objective)
      return (solution.parameters, solution.last.value)
    }
    let free = optimum(.free)
    let column = optimum(.penalized(scale: 1e4))
    #expect(abs(free.value - column.value) <= 1e-7 * free.value)
    for i in 0..<12 { #expect(abs(free.parameters[i] - column.parameters[i]) < 1e-5) }
  }
}
