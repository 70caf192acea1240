import TapKernels
import TapLinear
import TapTensors
import Testing

/// Few rows are fitted in the coordinates of their span. The optimum is the same as without these coordinates, and is
/// certified on the features themselves.
struct RowSpaceTests {
  private func problem(rows: Int, columns: Int, classCount: Int, repeats: Int = 1) -> (MatrixView, [Int]) {
    var numbers = Numbers(seed: 11)
    let distinct = numbers.array(rows / repeats * columns).map { Float($0 * $0 * 3) }
    let elements = (0..<repeats).flatMap { _ in distinct }
    let labels = (0..<rows).map { ($0 * 7 + $0 / 5) % classCount }
    return (MatrixView(rows: rows, columns: columns, elements: elements), labels)
  }

  private func minimum(
    _ data: TrainingData, _ c: Double, _ intercept: Intercept, inSpan: Bool
  ) throws -> (SolverResult, spanIterations: Int) {
    var objective = LinearObjective(
      data.problem(SoftmaxLoss(classCount: data.classCount), c: c, intercept: intercept, product: .openBLAS))
    objective.start(at: [Double](repeating: 0, count: objective.parameterCount))
    let newton = TruncatedNewton(tolerance: 1e-10, maximumIterations: 100)
    let span = inSpan ? data.rowSpace : nil
    let found = span.flatMap { objective.minimizeInSpan($0) { newton.minimize(&$0) } }
    return (newton.minimize(&objective, iterations: found?.iterations ?? 0), found?.iterations ?? 0)
  }

  @Test(
    arguments: [(30, 64, 1), (70, 500, 1), (60, 128, 2)], [1e-3, 0.1, 10])
  func theOptimumIsTheSame(shape: (rows: Int, columns: Int, repeats: Int), c: Double) throws {
    let (features, labels) = problem(
      rows: shape.rows, columns: shape.columns, classCount: 4, repeats: shape.repeats)
    for intercept in [Intercept.free, .penalized(scale: 2), .none] {
      let data = try LogisticRegression(c: c, standardization: .none, intercept: intercept).prepare(
        features, labels: labels, classCount: 4)
      let (direct, _) = try minimum(data, c, intercept, inSpan: false)
      let (spanned, iterations) = try minimum(data, c, intercept, inSpan: true)
      #expect(direct.stopReason == .converged && spanned.stopReason == .converged && iterations > 0)
      // All steps were made in the span. On the features themselves, the result was only certified.
      #expect(spanned.iterations == iterations)
      #expect(abs(direct.last.value - spanned.last.value) <= 3e-10 * direct.last.value)
      let length = direct.parameters.reduce(0) { $0 + $1 * $1 }.squareRoot()
      let distance = zip(direct.parameters, spanned.parameters).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
      .squareRoot()
      // Because of strong convexity, half the squared distance of the weights to the optimum is at most the gap.
      if intercept != .free {
        #expect(distance <= 2 * (2e-10 * direct.last.value).squareRoot() + 1e-9 * length)
      }
    }
  }

  @Test func wideDataOnlyHasOne() throws {
    let estimator = LogisticRegression(standardization: .none)
    let (wide, labels) = problem(rows: 40, columns: 80, classCount: 3)
    #expect(try estimator.prepare(wide, labels: labels, classCount: 3).rowSpace != nil)
    let (narrow, others) = problem(rows: 40, columns: 79, classCount: 3)
    #expect(try estimator.prepare(narrow, labels: others, classCount: 3).rowSpace == nil)
  }
}
